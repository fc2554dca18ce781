"""What a broken run has made and no state knows: looked for in the account by what a plan wants to make.

AWS is asked for each thing by its name and not for all that carries our tags: the index of tags is some
minutes behind, and a run that broke off just now is what this is for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fleet_tui.aws.account import Account
from fleet_tui.deploy.import_ids import BY_HAND, FINDINGS, Described, Finding, Listed
from fleet_tui.registry.model import Creator

_GLOBAL_REGION = "us-east-1"  # what belongs to CloudFront lies there
_GLOBAL_SERVICES = frozenset({"budgets", "ce", "cloudfront", "iam", "route53"})
_ABSENT = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "404", "is not found", "does not exist")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a plan wants to make.

    Args:
        address: in Terraform.
        type: the resource's type.
        values: the planned attributes that are known; they may hold secrets and are never printed.
    """

    address: str
    type: str
    values: Values


@dataclass(frozen=True, slots=True)
class Orphan:
    """What is in the account already: to be taken in at this address under this id."""

    address: str
    import_id: str


def find(account: Account, creator: Creator, wanted: Sequence[Wanted]) -> list[Orphan]:
    """What of this is in the account already.

    Args:
        account: the creator's, entered.
        creator: whose.
        wanted: what a plan wants to make.

    Raises:
        botocore's errors, where AWS could not be asked: unknown is not the same as absent.
    """
    found: list[Orphan] = []
    for one in wanted:
        for region in _regions(creator, one.type):
            import_id = _import_id(account, creator, one, region)
            if import_id is not None:
                found.append(Orphan(one.address, import_id))
                break
    return found


def by_hand(wanted: Sequence[Wanted]) -> list[str]:
    """A sentence for each thing that a person has to look after."""
    return [f"{one.address}: {BY_HAND[one.type]}" for one in wanted if one.type in BY_HAND]


def _import_id(account: Account, creator: Creator, wanted: Wanted, region: str) -> str | None:
    from botocore.exceptions import ClientError

    finding = FINDINGS.get(wanted.type)
    if finding is None and wanted.type not in _BY_MORE:
        return None
    known = {name: value for name, value in wanted.values.items() if value not in (None, "")}
    context = known | {"account": creator.account_id, "region": region}
    if wanted.type == "aws_route53_record":  # AWS tells it with its domain and in small letters
        context["name"] = str(context.get("name", "")).rstrip(".").lower()
    try:
        return _one(account, finding, context) if finding else _BY_MORE[wanted.type](account, context)
    except KeyError:
        return None  # what it hangs on is not there yet, so it is not there either
    except ClientError as error:
        said = error.response.get("Error", {})
        if any(sign in f"{said.get('Code')} {said.get('Message')}" for sign in _ABSENT):
            return None
        raise


def _one(account: Account, finding: Finding, context: Values) -> str | None:
    arguments = {name: text.format_map(context) for name, text in finding.arguments.items()}
    client: Any = account.client(finding.service, region=context["region"])  # type: ignore[call-overload]
    if isinstance(finding, Described):
        answer = getattr(client, finding.call)(**arguments)
        return finding.import_id.format_map({**context, "answer": answer})
    wanted = {path: text.format_map(context) for path, text in finding.fits.items()}
    fitting = [
        item
        for item in _items(client, finding, arguments)
        if all(str(_at(item, path)) == value for path, value in wanted.items())
    ]
    if len(fitting) != 1:
        return None
    return finding.import_id.format_map({**context, "item": fitting[0]}).removeprefix("/hostedzone/")


def _items(client: Any, finding: Listed, arguments: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    limits = {"MaxResults": 60} if finding.call == "list_user_pools" else {}  # which it insists on
    if client.can_paginate(finding.call):
        pages = client.get_paginator(finding.call).paginate(**arguments, **limits)
    else:
        pages = [getattr(client, finding.call)(**arguments, **limits)]
    for page in pages:
        yield from _at(page, finding.items) or ()


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _regions(creator: Creator, kind: str) -> list[str]:
    """Where it may be, the likeliest first."""
    finding = FINDINGS.get(kind)
    if finding is not None and finding.service in _GLOBAL_SERVICES:
        return [_GLOBAL_REGION]
    if kind == "aws_wafv2_web_acl":
        return [_GLOBAL_REGION]
    standby = [creator.failover.region] if creator.failover else []
    certificates = [_GLOBAL_REGION] if kind == "aws_acm_certificate" else []
    return list(dict.fromkeys([*certificates, creator.region, *standby]))


def _permission(account: Account, context: Values) -> str | None:
    policy = account.client("lambda", region=context["region"]).get_policy(
        FunctionName=context["function_name"]
    )
    statements = json.loads(policy["Policy"])["Statement"]
    there = any(statement.get("Sid") == context["statement_id"] for statement in statements)
    return f"{context['function_name']}/{context['statement_id']}" if there else None


def _key(account: Account, context: Values) -> str | None:
    kms: Any = account.client("kms", region=context["region"])  # type: ignore[call-overload]
    found = []
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if described["Enabled"] and described.get("Description") == context["description"]:
                found.append(str(key["KeyId"]))
    return found[0] if len(found) == 1 else None


def _named_query(account: Account, context: Values) -> str | None:
    athena: Any = account.client("athena", region=context["region"])  # type: ignore[call-overload]
    for page in athena.get_paginator("list_named_queries").paginate(WorkGroup=context["workgroup"]):
        for query_id in page["NamedQueryIds"]:
            query = athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]
            if query["Name"] == context["name"]:
                return str(query_id)
    return None


_BY_MORE: Mapping[str, Callable[[Account, Values], str | None]] = MappingProxyType(
    {
        "aws_athena_named_query": _named_query,
        "aws_kms_key": _key,
        "aws_lambda_permission": _permission,
    }
)

"""What a policy of AWS allows too widely: pure.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

# Keys of conditions that bind `Principal: *` to an account, an organisation or a resource, after which a
# policy is no longer public:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_BINDING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "kms:calleraccount",
    }
)
# Operators that let every value but one through, or let a request without the key through.
_NEGATING = ("not", "null", "ifexists")

# Actions that AWS gives no resource for, so that a permission can name none:
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_WITHOUT_RESOURCE = frozenset(
    {
        "cloudwatch:getmetricdata",
        "cloudwatch:getmetricstatistics",
        "cloudwatch:listmetrics",
        "cloudwatch:putmetricdata",
        "dynamodb:listtables",
        "ec2:describenetworkinterfaces",
        "logs:describeloggroups",
        "s3:listallmybuckets",
        "sts:getcalleridentity",
        "tag:getresources",
        "xray:puttelemetryrecords",
        "xray:puttracesegments",
    }
)


def wide_grants(policy: str, *, account_id: str = "", of_resource: bool = False) -> frozenset[str]:
    """What this policy allows too widely, each as the end of the sentence `it allows …`.

    Args:
        policy: the policy's JSON.
        account_id: the account it is in; empty leaves out whether another account is let in.
        of_resource: the policy stands at the resource that it is about, so that `Resource: *` says nothing.

    Returns:
        Nothing for a policy that is not wide; what it is if it cannot be read.
    """
    try:
        statements = list(_statements(policy))
        found: set[str] = set()
        for statement in statements:
            if str(statement.get("Effect")) == "Allow":
                found.update(_wide(statement, account_id, of_resource=of_resource))
    except (ValueError, TypeError, AttributeError):
        return frozenset({"what cannot be read"})
    return frozenset(found)


def denials(policy: str) -> frozenset[str]:
    """The statements that deny, each as text to compare; none for a policy that cannot be read."""
    try:
        return frozenset(
            json.dumps({key: value for key, value in statement.items() if key != "Sid"}, sort_keys=True)
            for statement in _statements(policy)
            if str(statement.get("Effect")) == "Deny"
        )
    except (ValueError, TypeError, AttributeError):
        return frozenset()


def _statements(policy: str) -> Iterator[Mapping[str, Any]]:
    document = json.loads(policy)
    found = document["Statement"] if isinstance(document, dict) and "Statement" in document else []
    for statement in found if isinstance(found, list) else [found]:
        if not isinstance(statement, dict):
            raise TypeError("a statement is an object")
        yield statement


def _wide(statement: Mapping[str, Any], account_id: str, *, of_resource: bool) -> Iterator[str]:
    actions = [str(action).lower() for action in _listed(statement.get("Action"))]
    if "NotAction" in statement:
        yield "every action but some"
    for action in actions:
        if action == "*" or action == "*:*":
            yield "every action"
        elif action.endswith(":*"):
            yield f"every action of {action.removesuffix(':*')}"
    if "NotResource" in statement:
        yield "every resource but some"
    resources = [str(resource) for resource in _listed(statement.get("Resource"))]
    bound = not of_resource and "*" in resources and not set(actions) <= _WITHOUT_RESOURCE
    if bound and not statement.get("Condition"):
        yield "its actions on every resource"
    yield from _principals(statement, account_id)


def _principals(statement: Mapping[str, Any], account_id: str) -> Iterator[str]:
    bound = _is_bound(statement.get("Condition"))
    if "NotPrincipal" in statement:
        yield "everybody but some"
    principal = statement.get("Principal")
    named = principal if isinstance(principal, dict) else {"AWS": principal}
    for who in _listed(named.get("AWS")):
        if who == "*":
            if not bound:
                yield "everybody in"
        elif account_id and account_id not in str(who) and not _is_service_identity(str(who)):
            yield "another account in"
    if "*" in _listed(named.get("Federated")) or "*" in _listed(named.get("CanonicalUser")):
        yield "everybody in"


def _is_bound(condition: object) -> bool:
    if not isinstance(condition, dict):
        return False
    return any(
        key.lower() in _BINDING and "*" not in _listed(values)
        for operator, keys in condition.items()
        if not any(word in operator.lower() for word in _NEGATING)
        for key, values in keys.items()
    )


def _is_service_identity(who: str) -> bool:
    """Whether this is CloudFront's older identity, which belongs to a distribution and to no account."""
    return ":iam::cloudfront:" in who


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]

"""One creator with every module, from nothing to nothing in the embedded AWS.

What Terraform makes needs no second run, is named after its creator and goes without a trace. What docs/api
promises is what the running functions do, whatever they are sent: every operation gets requests that follow
its description and requests that break it, and nobody gets in who is not let in.

The tests build on each other in the order they stand in: one creator takes minutes.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests.auth import AuthBase
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.lambdas.made_up import described
from tests.lambdas.members import refused
from tests.lambdas.whole_site import (
    ACCOUNT,
    REGION,
    ROOT,
    Bearer,
    Signature,
    Site,
    configure,
    done,
    terraform_of,
    whole_site,
)
from tests.stripe_server.process import API_KEY, StripeServer
from tests.terraform.inventory import Subject, everything_in

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

KASPER = Subject("kasper", ACCOUNT, REGION)
MINA = Subject("mina", "222233334444", "us-west-2")
STRANGER = "444455556666"

KINDS = 34
"""Of things that `everything_in` looks for; a creator with everything on has some of each."""

MEMBERS_ROUTES = {"http_api", "analytics", "events", "ivs_chat", "ivs_streaming"} | {
    "membership", "newsletter", "polls", "shop",
}  # fmt: skip
"""With something that is there for members only: the check of their tokens, routes, the playback key."""

SWITCHED_OFF: dict[str, set[str]] = {
    "s3_website": {"s3_website", "mail_identity"},
    "user_auth": {"user_auth", "lambda_artifacts"} | MEMBERS_ROUTES,
    "shop": {"shop", "lambda_artifacts"},
}
"""Module that is switched off → modules that lose something by it; the zip of its code is one of them.

These are the ones that others are tied to, and one that stands for those that nobody is tied to.
"""

DOCUMENTS = {
    path.stem: json.loads(path.read_text())
    for path in sorted((ROOT / "docs/api").glob("*.json"))
    if path.stem != "failover"  # of creators with two regions: test_terraform_second_region.py
}
OPERATIONS = [
    pytest.param(module, path, method, id=f"{module} {method.upper()} {path}")
    for module, document in DOCUMENTS.items()
    for path, methods in document["paths"].items()
    for method in methods
]
REQUESTS = 3  # of a kind to an operation: half a second or less
NAMED = 4  # of the things that were named last

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


class Caller:
    """Calls a site's API, and remembers what its answers name."""

    def __init__(self, site: Site) -> None:
        self.named: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.site = site
        self._session = requests.Session()
        self._session.trust_env = False

    def check(self, module: str, case: Case, credentials: AuthBase | None) -> None:
        """Send a request, and hold the answer against its description."""
        response = case.call(
            base_url=self.site.url,
            session=self._session,
            headers={"Host": self.site.host, "Idempotency-Key": str(uuid4())},
            auth=credentials,
            timeout=60,
        )
        # 500 is described, and never right; 503 is described where a person has to set something up first.
        assert response.status_code < 500 or response.status_code == 503, response.text
        case.validate_response(response, checks=CHECKS)
        if response.content and "json" in response.headers["content-type"][0]:
            self._remember(self.named[module], response.json())

    def _remember(self, named: dict[str, list[str]], answer: Any) -> None:
        for name, value in answer.items() if isinstance(answer, dict) else enumerate(answer):
            if isinstance(value, dict | list):
                self._remember(named, value)
            elif isinstance(value, str) and value not in named[str(name)]:
                named[str(name)].append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The creator."""
    with whole_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def caller(site: Site) -> Iterator[Caller]:
    """Calls the creator's API, after a person has connected it with Stripe."""
    server = StripeServer.start()
    try:
        connect_stripe(site, server)
        yield Caller(site)
    finally:
        server.stop()


def test_a_second_plan_has_nothing_to_change(site: Site) -> None:
    done(site.terraform, "plan", "-detailed-exitcode", "-input=false")


def test_everything_is_named_after_its_creator(site: Site) -> None:
    there = everything_in(site.url, KASPER)
    assert len(there) == KINDS, there
    assert all("kasper" in name for names in there.values() for name in names), there


@pytest.mark.slow
def test_another_creator_shares_no_name_with_the_first(site: Site, tmp_path: Path) -> None:
    other = {"slug": "mina", "name": "Mina", "domain": "mina.live", "contact": "ops@mina.live"}
    place = {"account_id": MINA.account_id, "region": MINA.region}
    newsletter = {"imprint": "Mina Moor, Hull"}
    terraform = terraform_of(tmp_path, site.url, site.artifacts, **other, **place, newsletter=newsletter)
    done(terraform, "plan", "-out=mina.plan", "-input=false")
    planned = json.loads(done(terraform, "show", "-json", "mina.plan"))["resource_changes"]
    there = {line for line in done(site.terraform, "state", "list").splitlines() if ".data." not in line}
    made = {change["address"] for change in planned if change["mode"] == "managed"}
    assert {address.replace("mina.live", "kasper.live") for address in made} == there
    assert "kasper" not in json.dumps([change["change"]["after"] for change in planned]).lower()


@pytest.mark.slow
def test_a_module_that_is_switched_off_takes_away_what_is_its_own(site: Site) -> None:
    planned = {}
    for module in SWITCHED_OFF:
        without_members = {"enable_membership": False, "ivs_streaming": {"authorized_playback": False}}
        changes = {f"enable_{module}": False} | (without_members if module == "user_auth" else {})
        configure(site.terraform, site.artifacts, **changes)
        planned[module] = planned_deletions(site)
    configure(site.terraform, site.artifacts)
    assert planned == SWITCHED_OFF


def planned_deletions(site: Site) -> set[str]:
    """Top-level modules that the next apply takes resources away from."""
    lines = done(site.terraform, "plan", "-json", "-refresh=false", "-input=false").splitlines()
    changes = [line["change"] for line in map(json.loads, lines) if line["type"] == "planned_change"]
    return {
        re.sub(r"^module\.(\w+).*", r"\1", change["resource"]["addr"])
        for change in changes
        if change["action"] == "delete"
    }


def test_nobody_gets_in_who_is_not_let_in(caller: Caller) -> None:
    site = caller.site
    member = site.credentials([{"member": []}])
    assert isinstance(member, Bearer)
    bad = refused(site.url, REGION, ACCOUNT, member.token)
    headers = {"Host": site.host, "Content-Type": "application/json"}
    let_in = []
    for module, path, method in (tuple(operation.values) for operation in OPERATIONS):
        security = DOCUMENTS[module]["paths"][path][method].get("security", ())
        schemes = {name for requirement in security for name in requirement}
        url = site.url + re.sub(r"\{\w+\}", "0123456789abc", path)
        if "operator" in schemes:
            ways = {
                "unsigned": requests.request(method, url, headers=headers, timeout=60),
                "a member": requests.request(method, url, headers=headers, auth=member, timeout=60),
                **{
                    who: requests.request(method, url, headers=headers, auth=signature, timeout=60)
                    for who, signature in {
                        "another account": Signature(site.host, account=STRANGER),
                        "signed for another region": Signature(site.host, region=MINA.region),
                        "signed for another service": Signature(site.host, service="s3"),
                    }.items()
                },
            }
        elif "member" in schemes:
            ways = {
                what: requests.request(method, url, headers=headers | {"Authorization": header}, timeout=60)
                for what, header in bad.items()
            }
        else:
            continue
        let_in += [
            (method, path, who, answer.status_code)
            for who, answer in ways.items()
            if answer.status_code not in (401, 403)
        ]
    assert let_in == []


def connect_stripe(site: Site, server: StripeServer) -> None:
    """Enter the secrets, and put a server of our own in Stripe's place."""
    lambdas, parameters = site.client("lambda"), site.client("ssm")
    for page in lambdas.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            variables = function["Environment"]["Variables"]
            if "STRIPE_KEY_PARAMETER" in variables:
                lambdas.update_function_configuration(
                    FunctionName=function["FunctionName"],
                    Environment={"Variables": {**variables, "STRIPE_API_BASE": server.url}},
                )
                for name, secret in (
                    ("STRIPE_KEY_PARAMETER", API_KEY),
                    ("WEBHOOK_SECRET_PARAMETER", "whsec_of_our_own"),
                ):
                    parameters.put_parameter(
                        Name=variables[name], Value=secret, Type="SecureString", Overwrite=True
                    )


def kinds_of_requests(operation: Any, named: dict[str, list[str]]) -> Iterator[st.SearchStrategy[Case]]:
    """Requests that follow the description, that break it, and for things that there are."""
    yield operation.as_strategy(GenerationMode.POSITIVE)
    if operation.body or operation.query:
        yield operation.as_strategy(GenerationMode.NEGATIVE)
    things = {
        parameter.name: (named[parameter.name] or named["id"])[-NAMED:]
        for parameter in operation.path_parameters
    }
    if things and all(things.values()):
        known = {name: st.sampled_from(values) for name, values in things.items()}
        yield st.fixed_dictionaries(known).flatmap(lambda path: operation.as_strategy(path_parameters=path))


@pytest.mark.parametrize(("module", "path", "method"), OPERATIONS)
def test_answers_are_as_described(caller: Caller, module: str, path: str, method: str) -> None:
    credentials = caller.site.credentials(DOCUMENTS[module]["paths"][path][method].get("security", ()))
    operation = described(DOCUMENTS[module])[path][method]
    for requests_of_a_kind in kinds_of_requests(operation, caller.named[module]):

        @settings(
            max_examples=REQUESTS,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=requests_of_a_kind)
        def hold(case: Case) -> None:
            caller.check(module, case, credentials)

        hold()


def test_nothing_is_left_of_it(site: Site) -> None:
    # Nothing has changed outside Terraform: the second plan would have seen it.
    done(site.terraform, "destroy", "-auto-approve", "-refresh=false", "-parallelism=30", "-input=false")
    assert everything_in(site.url, KASPER) == {}

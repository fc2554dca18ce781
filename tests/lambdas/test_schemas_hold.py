"""What docs/api promises is what the running functions do, whatever they are sent.

Every operation gets requests that follow its description and requests that break it. Those for one thing of
many also go to things that earlier answers have named, so that more than "not found" is answered.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
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
from tests.lambdas.whole_site import ROOT, Site, whole_site
from tests.stripe_server.process import API_KEY, StripeServer

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "docs/api").glob("*.json"))}
OPERATIONS = [
    pytest.param(module, path, method, id=f"{module} {method.upper()} {path}")
    for module, document in DOCUMENTS.items()
    for path, methods in document["paths"].items()
    for method in methods
]
REQUESTS = 6  # of a kind to an operation: a second or less
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
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Calls one site that has every module, and that a person has connected with Stripe."""
    server = StripeServer.start()
    try:
        with whole_site(tmp_path_factory.mktemp("site")) as site:
            connect_stripe(site, server)
            yield Caller(site)
    finally:
        server.stop()


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

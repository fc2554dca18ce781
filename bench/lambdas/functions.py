"""The functions of a site as they were deployed, and an event that each of them is called with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.lambdas.events import POOL_TRIGGERS, SCHEDULED, matching, request_to
from tests.lambdas.whole_site import ACCOUNT, REGION, Site


@dataclass(frozen=True)
class Specification:
    """What `cold.py` runs.

    Args:
        handler: as Lambda has it, `sponsor_system.handlers.create_booking.handler`.
        paths: the unpacked code, then the folders of libraries: layer, and Lambda's own.
        environment: of the function, with what Lambda and the embedded AWS add.
        event: what it is called with.
        libraries: library → its modules, in the order of their import; none where they are to be listed.
        warm_calls: how many calls follow the first.
    """

    handler: str
    paths: list[str]
    environment: dict[str, str]
    event: dict[str, Any]
    libraries: dict[str, list[str]] = field(default_factory=dict)
    warm_calls: int = 0

    def write(self, path: Path) -> None:
        """Write it where `cold.py` reads it."""
        path.write_text(json.dumps(asdict(self)))


@dataclass(frozen=True)
class Function:
    """One function of a site.

    Args:
        name: with its module, `sponsor-system create_booking`.
        module: of the platform.
        handler: as Lambda has it.
        environment: as Terraform made it.
        called_by: the route that the event is for, or what else calls the function.
        event: one that it could get.
    """

    name: str
    module: str
    handler: str
    environment: Mapping[str, str]
    called_by: str
    event: dict[str, Any]


def functions_of(site: Site) -> Iterator[Function]:
    """Every function of a site, by module and name."""
    pages = site.client("lambda").get_paginator("list_functions").paginate()
    deployed = [function for page in pages for function in page["Functions"]]
    routes, others = _routes(site), {**_of_streams(site), **_of_rules(site), **_of_the_pool(site)}
    for function in sorted(deployed, key=lambda function: function["Handler"]):
        name = function["FunctionName"]
        package, _, handler, _ = function["Handler"].split(".")
        module = package.replace("_", "-")
        if route := routes.get(name):
            called_by, event = route, request_to(site, module, route)
        else:
            called_by, event = others.get(name, ("another service", {}))
        yield Function(
            name=f"{module} {handler}",
            module=module,
            handler=function["Handler"],
            environment={
                **function["Environment"]["Variables"],
                "AWS_ENDPOINT_URL": site.url,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": ACCOUNT,
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_LAMBDA_FUNCTION_NAME": name,
            },
            called_by=called_by,
            event=event,
        )


def _routes(site: Site) -> dict[str, str]:
    """Function → the first of its routes."""
    gateway, api = site.client("apigatewayv2"), site.outputs["api_id"]
    integrations = {
        integration["IntegrationId"]: _name(integration["IntegrationUri"])
        for integration in gateway.get_integrations(ApiId=api, MaxResults="500")["Items"]
    }
    routes = gateway.get_routes(ApiId=api, MaxResults="500")["Items"]
    found: dict[str, str] = {}
    for route in sorted(routes, key=lambda route: route["RouteKey"]):
        found.setdefault(integrations[route["Target"].rpartition("/")[2]], route["RouteKey"])
    return found


def _of_streams(site: Site) -> dict[str, tuple[str, dict[str, Any]]]:
    mappings = site.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return {_name(mapping["FunctionArn"]): ("a table's stream", {"Records": []}) for mapping in mappings}


def _of_rules(site: Site) -> dict[str, tuple[str, dict[str, Any]]]:
    events = site.client("events")
    found = {}
    for rule in events.list_rules()["Rules"]:
        pattern = json.loads(rule["EventPattern"]) if rule.get("EventPattern") else None
        called = ("an event", {**SCHEDULED, **matching(pattern)}) if pattern else ("a schedule", SCHEDULED)
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            found[_name(target["Arn"])] = called
    return found


def _of_the_pool(site: Site) -> dict[str, tuple[str, dict[str, Any]]]:
    pool = site.outputs.get("user_pool_id")
    if pool is None:
        return {}
    described = site.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]
    return {
        _name(described["LambdaConfig"][trigger]): ("the user pool", {**event, "userPoolId": pool})
        for trigger, event in POOL_TRIGGERS.items()
        if trigger in described.get("LambdaConfig", {})
    }


def _name(arn: str) -> str:
    """A function's name from its ARN, or from the address at which the API calls it."""
    return arn.rpartition(":function:")[2].partition("/")[0]

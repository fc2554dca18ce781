"""A module's functions in this process, called with API Gateway's events."""

from __future__ import annotations

import copy
import importlib
import io
import json
import logging
import os
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

EVENTS = Path(__file__).parent / "events"
ACCOUNT = "100000000001"
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper"
MEMBER = "6f1c7a3e-0000-4000-8000-00000000cafe"
COMMON = {
    "CREATOR_SLUG": "kasper",
    "CREATOR_NAME": "Kasper Kast",
    "CREATOR_DOMAIN": "kasper.live",
    "CREATOR_LANGUAGE": "en",
    "OPERATOR_ACCOUNT_ID": ACCOUNT,
    "MEMBERS_ISSUER": ISSUER,
    "MEMBERS_CLIENT_ID": "kasperclient",
    "MAIL_FROM": "hello@kasper.live",
    "POWERTOOLS_SERVICE_NAME": "tests",
    "POWERTOOLS_METRICS_NAMESPACE": "fleet",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
CONTEXT = SimpleNamespace(
    function_name="function",
    memory_limit_in_mb=512,
    invoked_function_arn=f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:function",
    aws_request_id="6f1c7a3e-0000-4000-8000-000000000000",
)
_NOT_OURS = ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN")


@contextmanager
def environment(module: str) -> Iterator[None]:
    """The environment that Terraform gives to the module's functions."""
    sample = importlib.import_module(f"{module}.settings").SAMPLE
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    with patch.dict(os.environ, {**kept, **COMMON, **sample}, clear=True):
        yield


@cache
def handlers_of(module: str) -> Mapping[str, Any]:
    """The handlers of a module by function, imported as Lambda does it."""
    with environment(module):
        # Some import it only when they are called, and it makes its client for the region of that moment.
        importlib.import_module("shared.tables")
        package = importlib.import_module(f"{module}.handlers")
        names = [info.name for info in pkgutil.iter_modules(package.__path__)]
        return {name: importlib.import_module(f"{module}.handlers.{name}").handler for name in names}


@dataclass
class Answer:
    """What API Gateway would send."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def problem(self) -> str:
        """The last part of a problem's type."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["status"] == self.status
        return str(self.body["type"]).rpartition("/problems/")[2]


@dataclass
class Functions:
    """A module's functions behind their routes."""

    module: str
    now: datetime = NOW
    log: io.StringIO = field(default_factory=io.StringIO)

    def call(
        self,
        function: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        operator: bool = False,
        member: str | None = None,
        groups: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        change: Any = None,
    ) -> Answer:
        """Call a function with an event; a dict as body goes as JSON, `change` edits the event last."""
        event = json.loads((EVENTS / ("operator.json" if operator else "public.json")).read_text())
        event.update(rawPath=path, routeKey=f"{method} {path}")
        event["headers"].update(headers or {})
        event.pop("queryStringParameters", None)
        if query:
            event["queryStringParameters"] = query
        context = event["requestContext"]
        context["http"].update(method=method, path=path)
        context["timeEpoch"] = int(self.now.timestamp() * 1000)
        if member:
            context["authorizer"] = {"jwt": {"claims": self.claims(member, groups), "scopes": None}}
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        if change:
            change(event)
        before = copy.deepcopy(event)
        raw = self.invoke(function, event)
        assert event == before, "a handler must not change its event"
        content, answered = raw.get("body") or None, raw.get("headers", {})
        if content and "json" in answered["Content-Type"]:
            content = json.loads(content)
        return Answer(raw["statusCode"], answered, content)

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function with any event."""
        with environment(self.module):
            return handlers_of(self.module)[function](event, CONTEXT)

    def claims(self, member: str, groups: tuple[str, ...] = ()) -> dict[str, str]:
        """The claims of an access token, as API Gateway hands them over."""
        claims = {
            "sub": member,
            "username": member,
            "iss": ISSUER,
            "client_id": COMMON["MEMBERS_CLIENT_ID"],
            "token_use": "access",
            "exp": str(int(self.now.timestamp()) + 3600),
        }
        return {**claims, "cognito:groups": f"[{' '.join(groups)}]"} if groups else claims

    @contextmanager
    def logged(self) -> Iterator[None]:
        """Everything that the functions log goes to `log`, too."""
        from shared.telemetry import logger

        recorder = logging.StreamHandler(self.log)
        recorder.setFormatter(logger.registered_formatter)
        target = logging.getLogger(logger.service)
        target.addHandler(recorder)
        try:
            yield
        finally:
            target.removeHandler(recorder)


def table(client: Any, name: str, *, index: bool = False, person: bool = False) -> None:
    """Make a table as Terraform does, with the index `gsi1`, and with the one that finds a person."""
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    indexes: dict[str, Any] = {}
    if index:
        indexes["gsi1"] = [("gsi1pk", "HASH"), ("gsi1sk", "RANGE")], "ALL"
    if person:
        indexes["person"] = [("person", "HASH"), ("pk", "RANGE")], "KEYS_ONLY"
    attributes = {name for name, _ in keys} | {name for own, _ in indexes.values() for name, _ in own}
    extra: dict[str, Any] = {}
    if indexes:
        extra["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index_name,
                "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in own],
                "Projection": {"ProjectionType": projection},
            }
            for index_name, (own, projection) in indexes.items()
        ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)],
        **extra,
    )

"""The sponsor system's functions behind their routes, called with API Gateway's events."""

from __future__ import annotations

import copy
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

EVENTS = Path(__file__).parent / "events"
ACCOUNT = "100000000001"
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ENVIRONMENT = {
    "SPONSORS_TABLE": "sponsors",
    "STATS_TABLE": "sponsor-stats",
    "ASSETS_BUCKET": "assets",
    "RATES": json.dumps({"top": 12_000, "left": 8_001, "creator": 0}),
    "CURRENCY": "EUR",
    "MAX_DAYS": "90",
    "CREATOR_SLUG": "kasper",
    "CREATOR_DOMAIN": "kasper.live",
    "OPERATOR_ACCOUNT_ID": ACCOUNT,
    "POWERTOOLS_SERVICE_NAME": "sponsor-system",
    "POWERTOOLS_METRICS_NAMESPACE": "Fleet",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
HANDLERS = (
    "create_booking",
    "list_bookings",
    "approve_booking",
    "reject_booking",
    "get_active_sponsors",
    "track_stats",
)
CONTEXT = SimpleNamespace(
    function_name="sponsor",
    memory_limit_in_mb=256,
    invoked_function_arn=f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:sponsor",
    aws_request_id="6f1c7a3e-0000-4000-8000-000000000000",
)
SUBMISSION = {
    "sponsor": "Honey & Söhne GmbH",
    "contact": "Beate.Biene@honey.example",
    "placement": "top",
    "start_day": "2026-05-21",
    "end_day": "2026-05-30",
    "title": "Raw honey, 20 % off",
    "target_url": "https://honey.example/shop?from=stream",
    "asset_url": "https://cdn.honey.example/banner.png",
}


def table(client: Any, name: str, *, index: bool) -> None:
    """Make a table as Terraform does."""
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    index_keys = [("gsi1pk", "HASH"), ("gsi1sk", "RANGE")] if index else []
    extra: dict[str, Any] = {}
    if index:
        extra["GlobalSecondaryIndexes"] = [
            {
                "IndexName": "gsi1",
                "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in index_keys],
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys + index_keys],
        **extra,
    )


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
class Api:
    """The six functions behind their routes."""

    handlers: dict[str, Any]
    client: Any
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
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        if change:
            change(event)
        before = copy.deepcopy(event)
        raw = self.handlers[function](event, CONTEXT)
        assert event == before, "a handler must not change its event"
        content = raw.get("body")
        return Answer(raw["statusCode"], raw.get("headers", {}), json.loads(content) if content else None)

    def create(self, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
        """Send in a booking like `SUBMISSION` with these fields."""
        return self.call("create_booking", "POST", "/bookings", {**SUBMISSION, **fields}, headers=headers)

    def approve(self, booking: str, version: int = 1, **options: Any) -> Answer:
        """Approve as an operator."""
        path = f"/bookings/{booking}/approve"
        return self.call(
            "approve_booking", "PUT", path, {"version": version}, **{"operator": True, **options}
        )

    def reject(self, booking: str, reason: str = "Not for this audience", version: int = 1) -> Answer:
        """Reject as an operator."""
        body = {"version": version, "reason": reason}
        return self.call("reject_booking", "PUT", f"/bookings/{booking}/reject", body, operator=True)

    def list(self, **query: str) -> Answer:
        """List as an operator."""
        return self.call("list_bookings", "GET", "/bookings", operator=True, query=query)

    def active(self) -> Answer:
        """Ask for today's sponsors."""
        return self.call("get_active_sponsors", "GET", "/sponsors/active")

    def track(
        self, booking: str, kind: str = "view", *, ip: str = "203.0.113.77", agent: str | None = None
    ) -> Answer:
        """Tell of a view or a click."""

        def change(event: dict[str, Any]) -> None:
            event["requestContext"]["http"]["sourceIp"] = ip
            if agent is not None:
                event["requestContext"]["http"]["userAgent"] = agent

        return self.call("track_stats", "POST", f"/sponsors/{booking}/track/{kind}", change=change)

    def items(self, name: str, prefix: str = "") -> list[dict[str, Any]]:
        """Items of a table whose pk begins with `prefix`, as DynamoDB has them."""
        found = self.client.scan(TableName=name)["Items"]
        return [item for item in found if item["pk"]["S"].startswith(prefix)]

    def counts(self, owner: str) -> dict[str, int]:
        """The counters of a booking or of `UNKNOWN`, added up over days and shards."""
        totals: dict[str, int] = {}
        for item in self.items("sponsor-stats"):
            if item["pk"]["S"] == (owner if owner == "UNKNOWN" else f"BOOKING#{owner}"):
                for name in item.keys() - {"pk", "sk"}:
                    totals[name] = totals.get(name, 0) + int(item[name]["N"])
        return totals

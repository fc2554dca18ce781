"""The sponsor system's functions behind their routes, its tables, its bucket and its mails."""

from __future__ import annotations

import importlib
import io
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from PIL import Image

from sponsor_system.settings import SAMPLE
from tests.lambdas.functions import ACCOUNT, COMMON, NOW, Answer, Functions, environment, table

ENVIRONMENT = {**COMMON, **SAMPLE}
HANDLERS = (
    "create_booking",
    "own_booking",
    "list_bookings",
    "decide_booking",
    "get_active_sponsors",
    "track_stats",
    "check_creative",
)
SUBMISSION = {
    "sponsor": "Honey & Söhne GmbH",
    "contact": "Beate.Biene@honey.example",
    "placement": "top",
    "start_day": "2026-05-21",
    "end_day": "2026-05-30",
    "title": "Raw honey, 20 % off",
    "target_url": "https://honey.example/shop?from=stream",
    "creative_type": "image/png",
}

SIDES = {
    "top": (728, 90),
    "bottom": (728, 90),
    "left": (160, 600),
    "right": (160, 600),
    "creator": (400, 400),
}
BUCKET = SAMPLE["ASSETS_BUCKET"]

__all__ = ["ACCOUNT", "ENVIRONMENT", "HANDLERS", "NOW", "SUBMISSION", "Answer", "Api", "picture", "table"]


@cache
def picture(placement: str = "top") -> bytes:
    """A PNG that fits the placement."""
    target = io.BytesIO()
    Image.new("RGB", SIDES[placement], "gold").save(target, "PNG")
    return target.getvalue()


@dataclass
class Api(Functions):
    """The functions behind their routes, and what lies behind them."""

    client: Any = None
    s3: Any = None
    followed: dict[str, Any] = field(default_factory=dict)

    picture = staticmethod(picture)

    def create(self, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
        """Send in a booking like `SUBMISSION` with these fields."""
        return self.call("create_booking", "POST", "/bookings", {**SUBMISSION, **fields}, headers=headers)

    def ready(self, **fields: Any) -> str:
        """The id of a booking like `SUBMISSION` with these fields that has its picture."""
        answer = self.create(**fields)
        assert answer.status == 201, answer
        self.upload(answer.body["upload"], picture(answer.body["placement"]))
        return str(answer.body["id"])

    def upload(self, form: dict[str, Any], data: bytes) -> None:
        """Put a file where the form would, and call the function that the bucket calls."""
        self.s3.put_object(Bucket=BUCKET, Key=form["fields"]["key"], Body=data)
        self.arrived(form["fields"]["key"])

    def arrived(self, key: str) -> None:
        """Tell of a file as the bucket does."""
        entry = {"bucket": {"name": BUCKET}, "object": {"key": key.replace("/", "%2F"), "size": 1}}
        self.invoke("check_creative", {"Records": [{"s3": entry}]})

    def own(self, receipt: dict[str, Any], token: str | None = None) -> Answer:
        """Look at a booking as its sponsor."""
        headers = {"booking-token": token if token is not None else receipt["token"]}
        return self.call("own_booking", "GET", f"/bookings/{receipt['id']}", headers=headers)

    def by_sponsor(self, receipt: dict[str, Any], action: str, body: Any, token: str | None = None) -> Answer:
        """Do something with a booking as its sponsor."""
        headers = {"booking-token": token if token is not None else receipt["token"]}
        path = f"/bookings/{receipt['id']}/{action}"
        return self.call("own_booking", "POST", path, body, headers=headers)

    def stored(self, booking: str) -> dict[str, Any]:
        """A booking's item as DynamoDB has it, empty where there is none."""
        key = {"pk": {"S": f"BOOKING#{booking}"}, "sk": {"S": "BOOKING"}}
        return dict(self.client.get_item(TableName="sponsors", Key=key).get("Item", {}))

    def version(self, booking: str) -> int:
        """The stored version of a booking, 1 for one that is not there."""
        return int(self.stored(booking).get("version", {"N": "1"})["N"])

    def decide(self, booking: str, action: str, version: int | None = None, **options: Any) -> Answer:
        """Decide as an operator, on the booking as it is unless another version is given."""
        body = {"version": self.version(booking) if version is None else version, **options.pop("body", {})}
        path = f"/bookings/{booking}/{action}"
        return self.call("decide_booking", "PUT", path, body, **{"operator": True, **options})

    def approve(self, booking: str, version: int | None = None, **options: Any) -> Answer:
        """Approve as an operator."""
        return self.decide(booking, "approve", version, **options)

    def reject(
        self, booking: str, reason: str = "Not for this audience", version: int | None = None
    ) -> Answer:
        """Reject as an operator."""
        return self.decide(booking, "reject", version, body={"reason": reason})

    def cancel(self, booking: str, reason: str = "The show is off", version: int | None = None) -> Answer:
        """Cancel as an operator."""
        return self.decide(booking, "cancel", version, body={"reason": reason})

    def refund(self, booking: str, amount: int, version: int | None = None) -> Answer:
        """Note a refund as an operator."""
        return self.decide(booking, "refund", version, body={"amount": amount, "reference": "B-17"})

    def stream(self) -> list[dict[str, Any]]:
        """What the table's stream tells of bookings since the last time it was asked."""
        now = {
            item["pk"]["S"]: item
            for item in self.items("sponsors", "BOOKING#")
            if item["sk"]["S"] == "BOOKING"
        }
        records = [
            {
                "dynamodb": {
                    "SequenceNumber": f"{number}",
                    "NewImage": item,
                    **({"OldImage": self.followed[key]} if key in self.followed else {}),
                }
            }
            for number, (key, item) in enumerate(now.items())
            if self.followed.get(key) != item
        ]
        self.followed = now
        return records

    def follow(self) -> Any:
        """Let follow what has changed since the last time."""
        return self.invoke("follow_booking", {"Records": self.stream()})

    def turn_day(self) -> None:
        """Do the day's work, at the moment of `now`."""
        with environment(self.module):
            importlib.import_module(f"{self.module}.handlers.turn_day").work({}, self.now)

    def mails(self) -> list[Any]:
        """The e-mails that were sent, oldest first."""
        return list(ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].sent_messages)

    def list(self, **query: str) -> Answer:
        """List as an operator."""
        return self.call("list_bookings", "GET", "/bookings", operator=True, query=query)

    def report(self, booking: str) -> Answer:
        """Read a booking's report as an operator."""
        return self.call("list_bookings", "GET", f"/bookings/{booking}/report", operator=True)

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

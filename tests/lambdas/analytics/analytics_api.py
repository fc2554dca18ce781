"""The functions of analytics behind their routes, and what Firehose is given."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from unittest.mock import patch

from analytics.settings import SAMPLE
from tests.lambdas.functions import Answer, Functions

BUCKET = SAMPLE["EVENTS_BUCKET"]
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
VIEW = {
    "page": "/shop?utm_source=Newsletter&utm_campaign=spring",
    "referrer": "https://www.example.org/a/b?q=secret",
    "screen": "small",
    "language": "de-AT",
}


@dataclass
class Firehose:
    """Takes records, or refuses them."""

    fails: bool = False
    lines: list[bytes] = field(default_factory=list)

    def put_record(self, *, DeliveryStreamName: str, Record: dict[str, bytes]) -> dict[str, str]:  # noqa: N803
        """PutRecord."""
        assert DeliveryStreamName == SAMPLE["EVENTS_STREAM"]
        if self.fails:
            raise ConnectionError("/shop of 203.0.113.77")
        self.lines.append(Record["Data"])
        return {"RecordId": "1"}


@dataclass
class Analytics(Functions):
    """The functions, the tables, the bucket, and what Firehose was given."""

    client: Any = None
    s3: Any = None
    cloudwatch: Any = None
    firehose: Firehose = field(default_factory=Firehose)

    def collect(
        self,
        *,
        ip: str = "203.0.113.77",
        agent: str | None = None,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> Answer:
        """Tell of a page view like `VIEW` with these fields; a field that is None is left out."""

        def change(event: dict[str, Any]) -> None:
            event["requestContext"]["http"]["sourceIp"] = ip
            if agent is not None:
                event["requestContext"]["http"]["userAgent"] = agent

        body = {name: value for name, value in {**VIEW, **fields}.items() if value is not None}
        path = "/analytics/collect"
        return self.call("collect_view", "POST", path, body, headers=headers, change=change)

    def counters(self, page: str) -> tuple[int, int]:
        """What the site shows of a page: views today and in all."""
        answer = self.call("get_counters", "GET", "/analytics/counters", query={"page": page})
        assert answer.status == 200, answer.body
        return answer.body["today"], answer.body["total"]

    def deliver(self, folder: date | str, lines: Iterable[bytes] | None = None) -> None:
        """Put lines into the bucket as Firehose does, those that it was given unless said otherwise."""
        key = f"events/day={folder}/kasper-analytics-1-{folder}-12-00-00-{secrets.token_hex(8)}.gz"
        content = b"".join(self.firehose.lines if lines is None else lines)
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(content))

    def roll_up(self, day: date | None = None) -> None:
        """Call the function in the background, as the schedule or as an operator does."""

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            self.invoke("roll_up_days", {"day": str(day)} if day else {"source": "aws.events"})

    def read(self, path: str, *, first: date | str = "", last: date | str = "", **options: Any) -> Answer:
        """Ask as an operator."""
        query = {"from": str(first), "to": str(last)} if first else None
        options = {"operator": True, "query": query, **options}
        return self.call("read_analytics", "GET", f"/operator/analytics{path}", **options)

    def day(self, day: date) -> Any:
        """The figures of a day, without when they were added up."""
        answer = self.read(f"/days/{day}")
        assert answer.status == 200, answer.body
        return {name: value for name, value in answer.body.items() if name != "counted_at"}

    def items(self, table: str) -> list[dict[str, Any]]:
        """All items of a table."""
        return list(self.client.scan(TableName=table)["Items"])

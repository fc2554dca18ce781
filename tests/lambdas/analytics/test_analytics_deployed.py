"""The packed functions behind a real HTTP API: a thousand page views, from beacons to the day's figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from analytics.settings import SAMPLE
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.analytics.analytics_api import BOT
from tests.lambdas.deployed import BROWSER, OWNER, REGION, STRANGER, Deployed, all_at_once, client, deploy

pytestmark = pytest.mark.sandbox

FUNCTIONS = {
    "collect_view": {"POST /analytics/collect": "public"},
    "get_counters": {"GET /analytics/counters": "public"},
    "read_analytics": {
        "GET /operator/analytics/days/{day}": "operator",
        "GET /operator/analytics/streams": "operator",
    },
    "roll_up_days": {},
}
BUCKET, STREAM = SAMPLE["EVENTS_BUCKET"], SAMPLE["EVENTS_STREAM"]
CHANNEL = SAMPLE["CHANNEL_ARN"].rpartition("/")[2]
THREADS = 8
VISITORS, BOTS, UNTRACKED, REPEATED = 60, 30, 30, 880


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Analytics in a fresh embedded AWS, with Firehose and bucket as Terraform makes them."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        url = emulator.url
        for table in (SAMPLE["ANALYTICS_TABLE"], SAMPLE["VISITS_TABLE"]):
            client(url, "dynamodb").create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            )
        place = {"LocationConstraint": REGION}
        client(url, "s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        client(url, "firehose").create_delivery_stream(
            DeliveryStreamName=STREAM,
            ExtendedS3DestinationConfiguration={
                "RoleARN": f"arn:aws:iam::{OWNER}:role/delivery",
                "BucketARN": f"arn:aws:s3:::{BUCKET}",
                "Prefix": "events/day=!{timestamp:yyyy-MM-dd}/",
                "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
                "CompressionFormat": "GZIP",
            },
        )
        yield deploy(emulator, "analytics", FUNCTIONS, SAMPLE)
    finally:
        emulator.stop()


@dataclass(frozen=True)
class Beacon:
    """A request that a page sends when it is seen."""

    page: str
    headers: Mapping[str, str]

    def send(self, http: httpx.Client) -> int:
        body = {"page": self.page, "referrer": "https://example.org/", "screen": "small", "language": "de"}
        headers = {"Content-Type": "text/plain;charset=UTF-8", "User-Agent": BROWSER, **self.headers}
        return http.post("/analytics/collect", content=json.dumps(body), headers=headers).status_code


def beacons() -> list[Beacon]:
    """A thousand: of visitors, of programs, of people who want no pseudonym, and most of one visitor."""
    visitors = [Beacon(f"/{number % 3}", {"User-Agent": f"{BROWSER} {number}"}) for number in range(VISITORS)]
    bots = [Beacon("/bots", {"User-Agent": BOT})] * BOTS
    untracked = [Beacon("/untracked", {"Sec-GPC": "1"})] * UNTRACKED
    repeated = [Beacon("/repeated?utm_source=letter", {})] * REPEATED
    others = [*visitors, *bots, *untracked]
    step = len(repeated) // len(others)
    mixed = [
        beacon for place, other in enumerate(others) for beacon in (*repeated[place * step :][:step], other)
    ]
    return [*mixed, *repeated[len(others) * step :]]


def figures(deployed: Deployed, day: date) -> Any:
    deployed.invoke("roll_up_days", {"day": str(day)})
    answer = deployed.call("GET", f"/operator/analytics/days/{day}", signer=OWNER)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.slow
def test_a_thousand_views_become_the_figures_of_the_day(deployed: Deployed) -> None:
    first = datetime.now(UTC).date()
    host = {"Host": f"{deployed.api_id}.execute-api.{REGION}.amazonaws.com"}
    with httpx.Client(base_url=deployed.emulator.url, headers=host, timeout=60, trust_env=False) as http:
        answers = all_at_once(lambda beacon: beacon.send(http), beacons(), THREADS)
    assert Counter(answers) == {204: 1000}

    days = sorted({first, datetime.now(UTC).date()})  # two, if it was midnight
    found = [figures(deployed, day) for day in days]
    pages: Counter[str] = Counter()
    for figure in found:
        pages.update({count["name"]: count["views"] for count in figure["page"]})
    assert 1 <= pages.pop("/repeated") <= len(days)  # who begins a new day is somebody new
    assert pages == {"/0": 20, "/1": 20, "/2": 20, "/untracked": UNTRACKED}
    assert sum(figure["bots"] for figure in found) == BOTS
    assert sum(figure["untracked"] for figure in found) == UNTRACKED
    assert VISITORS + 1 <= sum(figure["visitors"] for figure in found) <= VISITORS + len(days)

    again = [figures(deployed, day) for day in days]
    assert [{**figure, "counted_at": None} for figure in again] == [
        {**figure, "counted_at": None} for figure in found
    ]
    shown = deployed.call("GET", "/analytics/counters?page=/1").json()
    assert (shown["page"], shown["total"]) == ("/1", 20)


def test_viewers_are_counted_by_what_ivs_has_measured(deployed: Deployed) -> None:
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)
    points = [
        {
            "name": "ConcurrentViews",
            "value": 10 * minute,
            "at": (start + timedelta(minutes=minute)).timestamp(),
            "dimensions": {"Channel": CHANNEL},
        }
        for minute in range(5)
    ]
    deployed.emulator.call("metrics", {"account": OWNER, "region": REGION, "points": points})
    day = start.date()
    deployed.invoke("roll_up_days", {"day": str(day)})
    answer = deployed.call("GET", f"/operator/analytics/streams?from={day}&to={day}", signer=OWNER)
    (stream,) = answer.json()["streams"]
    assert (stream["viewers"], stream["minutes_watched"]) == ([0, 10, 20, 30, 40], 100)


@pytest.mark.parametrize("signer", [None, STRANGER])
def test_only_the_accounts_own_operators_read(deployed: Deployed, signer: str | None) -> None:
    assert deployed.call("GET", "/operator/analytics/days/2026-05-20", signer=signer).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"\xff\xfe{}", 400), (b"[" * 2000, 400), (b"null", 422), (b" " * 4097, 413)],
    ids=range(5),
)
def test_odd_bodies_are_refused(deployed: Deployed, body: bytes, status: int) -> None:
    headers = {"Content-Type": "text/plain"}
    assert deployed.call("POST", "/analytics/collect", body, headers=headers).status_code == status

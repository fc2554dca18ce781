"""What a day comes to depends neither on how events are delivered, nor on how often they are added up."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.figures import TOP, figures_of
from analytics.model import DIMENSIONS, Event, Kind
from tests.lambdas.analytics.analytics_api import BOT, Analytics
from tests.lambdas.functions import NOW

DAY = NOW.date()
NIGHT = datetime(2026, 5, 21, 2, 30, tzinfo=UTC)
FEW = {
    "page": ["/", "/shop", "/über-mich"],
    "referrer": ["example.org", "example.com", None],
    "source": ["newsletter", None],
    "medium": ["e-mail", None],
    "campaign": ["spring", None],
    "screen": ["small", "medium", "large", None],
    "language": ["de", "en", None],
    "visitor": ["a" * 32, "b" * 32, "c" * 32, None],
}
IDS = st.integers(0, 40).map(lambda number: f"{number:016x}")


def event_of(identifier: str, seed: int) -> Event:
    """The one event that has this id."""
    random = Random(f"{identifier}{seed}")  # noqa: S311 - keeps no secret
    at = datetime(2026, 5, 20, tzinfo=UTC) + timedelta(seconds=random.randrange(-3600, 90_000))
    if random.random() < 0.2:
        return Event(id=identifier, at=at, kind=Kind.BOT)
    values = {name: random.choice(few) for name, few in FEW.items()}
    return Event.model_validate({"id": identifier, "at": at, "kind": Kind.VIEW, **values})


def expected(events: list[Event], day: date) -> dict[str, Any]:
    """The figures of a day, added up in another way."""
    known = {event.id: event for event in events if event.at.date() == day}.values()
    views = [event for event in known if event.kind is Kind.VIEW]
    counted = {
        name: Counter(value for event in views if (value := getattr(event, name))) for name in DIMENSIONS
    }
    return {
        "day": str(day),
        "views": len(views),
        "visitors": len({event.visitor for event in views} - {None}),
        "untracked": sum(event.visitor is None for event in views),
        "bots": len(known) - len(views),
        **{
            name: [{"name": value, "views": number} for value, number in sorted(counts.items(), key=rank)]
            for name, counts in counted.items()
        },
    }


def rank(counted: tuple[str, int]) -> tuple[int, bytes]:
    return -counted[1], counted[0].encode()


def lines_of(events: list[Event]) -> list[bytes]:
    return [event.model_dump_json(exclude_none=True).encode() + b"\n" for event in events]


@settings(max_examples=100)
@given(st.lists(IDS, max_size=60), st.integers(0, 5), st.randoms())
def test_order_and_repetition_do_not_count(ids: list[str], seed: int, random: Any) -> None:
    events = [event for event in (event_of(identifier, seed) for identifier in ids) if event.at.date() == DAY]
    shuffled = random.sample([*events, *events[:5]], len(events) + len(events[:5]))
    one, other = figures_of(DAY, events, NIGHT), figures_of(DAY, shuffled, NIGHT)
    assert one == other
    assert one.model_dump(mode="json", exclude={"final", "counted_at"}) == expected(events, DAY)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(IDS, max_size=20), max_size=4), st.integers(0, 5), st.integers(1, 2))
def test_any_split_into_objects_and_any_number_of_runs_give_the_same(
    analytics: Analytics, objects: list[list[str]], seed: int, runs: int
) -> None:
    for found in analytics.s3.list_objects_v2(Bucket="kasper-analytics-100000000001").get("Contents", []):
        analytics.s3.delete_object(Bucket="kasper-analytics-100000000001", Key=found["Key"])
    events = [[event_of(identifier, seed) for identifier in ids] for ids in objects]
    folders = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]
    for number, part in enumerate(events):
        analytics.deliver(folders[number % 3], lines_of(part))
    analytics.now = NIGHT
    for _ in range(runs):
        analytics.roll_up()
    wanted = expected([event for part in events for event in part], DAY)
    assert analytics.day(DAY) == {**wanted, "final": False}


def test_from_views_to_figures(analytics: Analytics) -> None:
    for number in range(5):
        analytics.collect(ip=f"203.0.113.{number}", page="/shop?utm_source=letter")
    analytics.collect(ip="203.0.113.1", page="/", headers={"sec-gpc": "1"})
    analytics.collect(agent=BOT)
    analytics.deliver(DAY)
    analytics.now = NIGHT
    analytics.roll_up()
    figures = analytics.day(DAY)
    assert {name: figures[name] for name in ("views", "visitors", "untracked", "bots", "final")} == {
        "views": 6, "visitors": 5, "untracked": 1, "bots": 1, "final": False,
    }  # fmt: skip
    assert figures["page"] == [{"name": "/shop", "views": 5}, {"name": "/", "views": 1}]
    assert figures["source"] == [{"name": "letter", "views": 5}]
    assert figures["medium"] == []


def test_the_night_adds_up_two_days_and_takes_in_what_came_late(analytics: Analytics) -> None:
    analytics.collect()
    analytics.deliver(DAY)
    analytics.now = NIGHT
    analytics.roll_up()
    assert (analytics.day(DAY)["views"], analytics.day(DAY - timedelta(days=1))["views"]) == (1, 0)
    assert not analytics.day(DAY)["final"]

    late = event_of("0" * 16, 0).model_copy(update={"at": NOW, "kind": Kind.VIEW, "page": "/late"})
    analytics.deliver(DAY + timedelta(days=1), lines_of([late]))
    analytics.now = NIGHT + timedelta(days=1)
    analytics.roll_up()
    assert (analytics.day(DAY)["views"], analytics.day(DAY)["final"]) == (2, True)

    analytics.deliver(DAY, lines_of([late.model_copy(update={"id": "1" * 16})]))
    analytics.now = NIGHT + timedelta(days=2)
    analytics.roll_up()
    assert analytics.day(DAY)["views"] == 2  # what is final stays


def test_a_run_that_was_overtaken_changes_nothing(analytics: Analytics) -> None:
    analytics.collect()
    analytics.deliver(DAY)
    analytics.now = NIGHT + timedelta(minutes=5)
    analytics.roll_up()
    analytics.now = NOW
    analytics.collect(ip="203.0.113.78")
    analytics.deliver(DAY)
    analytics.now = NIGHT  # began earlier, and ends later
    analytics.roll_up()
    assert analytics.day(DAY)["views"] == 1
    analytics.now = NIGHT + timedelta(minutes=5)  # the same one, tried again
    analytics.roll_up()
    assert analytics.day(DAY)["views"] == 2


def test_the_salt_goes_with_its_day(analytics: Analytics) -> None:
    analytics.collect()
    assert [item["sk"]["S"] for item in analytics.items("analytics-visits")].count("SALT") == 1
    analytics.now = NIGHT
    analytics.collect()
    analytics.roll_up()
    salts = [item["pk"]["S"] for item in analytics.items("analytics-visits") if item["sk"]["S"] == "SALT"]
    assert salts == ["SALT#2026-05-21"]


def test_a_line_that_is_none_is_passed_over(analytics: Analytics) -> None:
    analytics.collect()
    odd = [b"\n", b"{}\n", b"\xff\n", b'{"id": 5}\n', b"[" * 200_000 + b"\n"]
    analytics.deliver(DAY, [*odd, *analytics.firehose.lines, b'{"id"'])
    analytics.now = NIGHT
    analytics.roll_up()
    assert analytics.day(DAY)["views"] == 1
    assert '"unreadable":9' in analytics.log.getvalue()


def test_an_object_that_is_broken_is_an_error_and_no_figure(analytics: Analytics) -> None:
    from shared.background import BackgroundError

    analytics.s3.put_object(
        Bucket="kasper-analytics-100000000001", Key="events/day=2026-05-20/x.gz", Body=b"no gzip"
    )
    analytics.now = NIGHT
    with pytest.raises(BackgroundError, match=r"^BadGzipFile$"):
        analytics.roll_up()
    assert analytics.read(f"/days/{DAY}").status == 404


def test_one_day_can_be_added_up_again_as_long_as_its_events_are_kept(analytics: Analytics) -> None:
    from shared.background import BackgroundError

    analytics.collect()
    analytics.deliver(DAY)
    analytics.roll_up(DAY)
    assert analytics.day(DAY)["views"] == 1  # of today, so far
    analytics.now = NOW + timedelta(days=90)
    analytics.roll_up(DAY)
    assert analytics.day(DAY)["final"]
    for days in (91, -1):
        analytics.now = NOW + timedelta(days=days)
        with pytest.raises(BackgroundError, match=r"^OutOfReachError$"):
            analytics.roll_up(DAY)
    assert analytics.day(DAY)["views"] == 1


def test_only_the_top_of_a_long_list_is_kept() -> None:
    events = [
        Event(id=f"{page * 1000 + view:016x}", at=NOW, kind=Kind.VIEW, page=f"/{page}")
        for page in range(TOP + 20)
        for view in range(2 if page >= 20 else 1)
    ]
    figures = figures_of(DAY, events, NIGHT)
    assert figures.views == 2 * TOP + 20
    assert len(figures.page) == TOP
    assert {count.views for count in figures.page} == {2}


def test_events_are_one_json_object_a_line_with_the_columns_of_the_catalogue(analytics: Analytics) -> None:
    import re
    from pathlib import Path

    analytics.collect(page="/?utm_source=a&utm_medium=b&utm_campaign=c")
    text = Path("terraform/modules/analytics/catalogue.tf").read_text()
    columns = re.findall(r"^    (\w+)\s+= ", text.partition("columns = {")[2].partition("}")[0], re.MULTILINE)
    assert set(json.loads(analytics.firehose.lines[0])) == set(columns) == set(Event.model_fields)

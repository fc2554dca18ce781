from __future__ import annotations

import dataclasses
import warnings
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.bookings.model import Booking, BookingQueue, BookingStatus, Price
from fleet_tui.costs.model import Confidence, CostLine, CostReport
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import CreatorSnapshot, Facet, Observation
from fleet_tui.observatory.query import FIELDS, FLAGS, SORTS, Query, QueryError, complete, parse
from fleet_tui.operations.model import Operation, OperationKind, Run, RunStatus
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator, FileError
from fleet_tui.streams.model import Finding, Severity, StreamHealth, StreamStatus

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def creator(**changes: Any) -> Creator:
    return Creator.model_validate(
        {
            "slug": "mina-moor",
            "name": "Mina Moor",
            "domain": "mina-moor.live",
            "account_id": "210000000002",
            "region": "eu-west-1",
            "contact": "hello@mina-moor.live",
            "wave": "canary",
            "monthly_budget": 120,
            "tags": {"topic": "music", "tier": "Gold One"},
            "modules": {"s3-website": {}, "ivs-streaming": {"channel_type": "ADVANCED_SD"}},
            **changes,
        }
    )


def seen(value: Any, ago: timedelta = timedelta(seconds=4), **more: Any) -> Observation[Any]:
    return Observation(value=value, seen_at=NOW - ago, tried_at=NOW - ago, **more)


def booking(ago: timedelta) -> Booking:
    return Booking(
        id="b1",
        sponsor="Bee & Co",
        placement="top",
        start_day=date(2026, 12, 1),
        end_day=date(2026, 12, 3),
        status=BookingStatus.PENDING,
        version=1,
        price=Price(currency="EUR", total=100),
        created_at=NOW - ago,
    )


def cost(actual: str | None, forecast: str = "77", budget: str = "120") -> CostReport:
    line = CostLine(
        service="IVS input", fixed=Decimal(0), usage=Decimal(60), basis="30 h", confidence=Confidence.LISTED
    )
    return CostReport(
        month=date(2026, 11, 1),
        estimate=(line,),
        actual=None if actual is None else Decimal(actual),
        forecast=Decimal(forecast),
        budget=Decimal(budget),
        price_book=date(2026, 11, 1),
    )


MINA = CreatorSnapshot(
    slug="mina-moor",
    creator=creator(),
    deploy=seen(DeployState(status=DeployStatus.UP_TO_DATE, terraform_version="1.11.4"), timedelta(hours=2)),
    stream=seen(
        StreamHealth(
            status=StreamStatus.UNWELL,
            viewers=1204,
            started_at=NOW - timedelta(minutes=72),
            findings=(
                Finding(code="keyframe_interval", severity=Severity.AMBER, what="keyframes", advice=""),
            ),
        )
    ),
    bookings=seen(BookingQueue(pending=(booking(timedelta(hours=52)),))),
    cost=seen(cost("41")),
)
UNSEEN = CreatorSnapshot(slug="otto-okto", creator=creator(slug="otto-okto", name="Otto", domain="otto.live"))
RON = CreatorSnapshot(
    slug="ron-rune",
    creator=None,
    errors=(
        FileError(path=Path("creator.toml"), line=7, key="region", message='"eu-centrl-1" is not a region'),
    ),
)
ROWS = (MINA, UNSEEN, RON)


def found(text: str) -> list[str]:
    query = parse(text)
    return [row.slug for row in ROWS if query.matches(row, NOW)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "state:up-to-date",
        "state:UP_TO_DATE",
        "state:failed,up*",
        "-state:failed",
        "!state:failed",
        "state!=failed",
        "stream:live",
        "stream:unwell",
        "live",
        "Live unwell",
        "-offline",
        "wave:canary,early",
        "region:eu-*",
        "-region:us-*",
        "region:eu-west-?",
        "account:210000000002",
        "module:ivs-streaming",
        "-module:sponsor-system",
        "channel:advanced-sd",
        "finding:keyframe*",
        "tag.topic:music",
        'tag.tier:"gold one"',
        "tag.topic:*",
        "-tag.none:*",
        "name:moor",
        'name="mina moor"',
        "name:/^mina/",
        "/MOOR$/",
        '"Mina Moor"',
        "mina,otto",
        "min?-m*",
        "music",
        "2100000",
        "cost>40",
        "cost>=41",
        "cost=41",
        "cost:41",
        "cost!=42",
        "cost<$41.5",
        "cost:40..50",
        "cost:*",
        "-cost>50",
        "forecast>70 forecast<80",
        "budget=120",
        "queue>0",
        "pending",
        "viewers>1000",
        "age<5s",
        "age.deploy>1h",
        "age.deploy:1h..1d",
        "-age.deploy>1d",
        "waiting>2d",
        "waiting<2d5h",
        "uptime>1h11m",
        "uptime<1.25h",
        "version<1.12",
        "version>=1.11.4",
        "version:1.11",
        "-version:1.1",
        'state:up-to-date cost>40 queue>0 age.deploy>1h -region:us-* wave:canary live "mina moor" /^mina/',
        "attention",
        "-run:*",
        "-stale -over-budget -invalid -failed",
    ],
)
def test_what_is_true_of_mina(text: str):
    assert "mina-moor" in found(text)
    assert Query(text) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "state:failed",
        "-live",
        "offline",
        "-wave:canary",
        "name=moor",
        'name="Mina"',
        "name=Mina*",
        "/^moor/",
        '"moor mina"',
        "cost>41",
        "cost!=41",
        "cost:42",
        "queue=0",
        "age>1h",
        "version>1.11.4",
        "version:1.1",
        "tag.topic:mus",
        "tag.none:*",
        "live state:failed",
        "run:*",
    ],
)
def test_what_is_not_true_of_mina(text: str):
    assert "mina-moor" not in found(text)


def test_the_empty_query_matches_everything():
    assert found("") == ["mina-moor", "otto-okto", "ron-rune"]


def test_what_is_unknown_matches_no_comparison():
    measures = [name for name, field in FIELDS.items() if field.kind.name in {"NUMBER", "SPAN", "VERSION"}]
    unit = {"SPAN": "s"}
    for name in set(measures) - {"budget"}:
        for sign in (":", "=", "!=", ">", ">=", "<", "<="):
            value = "0" + unit.get(FIELDS[name].kind.name, "")
            assert "otto-okto" not in found(f"{name}{sign}{value}"), (name, sign)
        assert "otto-okto" not in found(f"{name}:*")


def test_an_invalid_file_is_found_by_its_state_and_by_its_words():
    assert (
        found("state:invalid")
        == found("invalid")
        == found("eu-centrl-1")
        == found("error:*line?7*")
        == ["ron-rune"]
    )
    assert found("state:unknown") == ["otto-okto"]
    assert found("region:*") == ["mina-moor", "otto-okto"]


def test_a_facet_that_cannot_be_reached_is_unreachable_whatever_was_known():
    problem = Problem(kind=ProblemKind.CREDENTIALS, what="the session has expired", where="mina-moor")
    row = dataclasses.replace(MINA, deploy=dataclasses.replace(MINA.deploy, problem=problem))
    for text in ("state:unreachable", "state:up-to-date", "error:expired", "expired", "stream:unwell"):
        assert parse(text).matches(row, NOW), text
    assert not parse("stream:unreachable").matches(row, NOW)


def test_a_run_is_found_by_its_kind():
    operation = Operation(
        id="1", kind=OperationKind.APPLY, slug="mina-moor", account_id="2", operator="ana", requested_at=NOW
    )
    row = dataclasses.replace(MINA, run=Run(operation=operation, status=RunStatus.RUNNING))
    assert parse("run:apply,destroy").matches(row, NOW)
    assert not parse("run:plan").matches(row, NOW)


def test_the_estimate_stands_in_for_the_bill():
    row = dataclasses.replace(MINA, cost=seen(cost(None)))
    assert parse("cost=60").matches(row, NOW)


def test_age_is_that_of_the_newest_look():
    stream = dataclasses.replace(MINA.stream, seen_at=NOW - timedelta(hours=3))
    row = dataclasses.replace(MINA, stream=stream, bookings=Observation(), cost=Observation())
    assert parse("age:2h age.stream:3h -age.cost:*").matches(row, NOW)


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("-", 1, "there is nothing to turn round", ""),
        ("a --b", 3, "one sign turns a term round", ""),
        ("stat:failed", 0, "stat is not a field", "did you mean state?"),
        ("a:b", 0, "a is not a field", 'put it in quotes if it is text, as in "a:b"'),
        ("live state:", 11, "a value is missing here", ""),
        ("state:failed,", 13, "a value is missing here", ""),
        ("cost>", 5, "a value is missing here", "cost takes a number, such as 50"),
        ("cost>abc", 5, "'abc' does not fit cost", "cost takes a number, such as 50"),
        ("cost:1..", 8, "'' does not fit cost", "cost takes a number"),
        ("age>1", 4, "'1' does not fit age", "age takes a span, such as 90s, 1h30m or 2d"),
        ("version>x", 8, "'x' does not fit version", "version takes a version"),
        ("wave>canary", 4, "wave has no order", "write wave:value"),
        (">5", 0, "a field is missing before >", "write cost>50"),
        ('live "mina', 5, "the text is not closed", 'add a " at its end'),
        ("name:/mina", 5, "the regular expression is not closed", "add a / at its end"),
        ("/(/", 0, "the regular expression is not valid", ""),
        ("/a{99999999999999999999}/", 0, "the regular expression is not valid", ""),
        ('"a"b', 3, "a space is missing between two terms", ""),
    ],
)
def test_errors_say_where_and_what_to_do(text: str, position: int, message: str, hint: str):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)
    assert caught.value.problem.where == f"query, character {position + 1}"


def test_patterns_that_python_may_read_differently_one_day_are_no_matter():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse("/[[m]ina/").matches(MINA, NOW)


PIECES = st.sampled_from(
    [
        *FIELDS,
        *FLAGS,
        "tag.",
        *':=<>!-*?,./"\\ ()[]{}+^$|',
        "..",
        "!=",
        ">=",
        "1h",
        "50",
        "$",
        "1.11",
        "failed",
        "(?",
        "\t",
    ]
)
TEXTS = st.text(max_size=30) | st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)
QUERIES = st.sampled_from(
    [
        "live",
        "state:failed",
        "cost>40",
        "cost!=41",
        "name:/m/",
        '"mina"',
        "age<1h",
        "tag.topic:*",
        "queue:0",
        "x",
        "wave:c*,x",
    ]
)


@given(TEXTS)
def test_no_text_raises_anything_but_a_query_error(text: str):
    refused, query = None, Query()
    try:
        query = parse(text)
    except QueryError as error:
        refused = error
    if refused:
        assert 0 <= refused.position <= len(text)
        assert refused.message
    else:
        assert query.text == text
        for row in ROWS:
            query.matches(row, NOW)


@given(QUERIES, st.sampled_from("-!"))
def test_negation_is_the_complement(text: str, sign: str):
    matched, rest = found(text), found(sign + text)
    assert sorted(matched + rest) == sorted(row.slug for row in ROWS)


@given(QUERIES, QUERIES)
def test_two_terms_are_the_rows_that_both_have(one: str, other: str):
    assert set(found(f"{one} {other}")) == set(found(one)) & set(found(other))


@given(TEXTS, st.integers(0, 40))
def test_completions_go_on_from_what_is_written(text: str, cursor: int):
    for option in complete(text, cursor):
        assert option.startswith(text[:cursor])
        assert len(option) > len(text[:cursor])


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("sta", ["state:", "stale"]),
        ("live -sta", ["live -state:", "live -stale"]),
        ("co", ["cost>"]),
        ("state:fa", ["state:failed"]),
        ("-region:us-w", ["-region:us-west-1", "-region:us-west-2"]),
        ("wave:canary,e", ["wave:canary,early"]),
        ("channel:ba", ["channel:basic"]),
        ("ta", ["tag."]),
        ('"sta', []),
        ("/sta", []),
        ("nothing:x", []),
        ("state:failed", []),
    ],
)
def test_completions(text: str, options: list[str]):
    assert complete(text, len(text)) == options
    assert complete(text + "zzz", len(text)) == options


def test_nothing_written_offers_everything():
    options = complete("", 0)
    assert {"state:", "cost>", "tag.", "live"} <= set(options)


@pytest.mark.parametrize("by", sorted(SORTS))
def test_every_order_knows_what_it_does_not_know(by: str):
    assert SORTS[by](MINA, NOW) is not None
    unknown = SORTS[by](UNSEEN, NOW) is None
    assert unknown == (by not in {"name", "wave"})


def test_orders_put_first_what_an_operator_looks_for():
    def variant(slug: str, **changes: Any) -> CreatorSnapshot:
        return dataclasses.replace(MINA, slug=slug, **changes)

    def first(by: str, rows: list[CreatorSnapshot]) -> str:
        known = [row for row in rows if SORTS[by](row, NOW) is not None]
        return min(known, key=lambda row: SORTS[by](row, NOW)).slug

    rows = [
        MINA,
        variant("failed", deploy=seen(DeployState(status=DeployStatus.FAILED))),
        variant("dear", cost=seen(cost("90", forecast="91"))),
        variant("long", bookings=seen(BookingQueue(pending=(booking(timedelta(days=9)),) * 2))),
        variant(
            "full", stream=seen(StreamHealth(status=StreamStatus.LIVE, viewers=9000), timedelta(hours=9))
        ),
        UNSEEN,
    ]
    assert first("cost", rows) == first("forecast", rows) == "dear"
    assert first("state", rows) == first("worst", rows) == "failed"
    assert first("waiting", rows) == first("queue", rows) == "long"
    assert first("viewers", rows) == "full"
    assert first("stream", rows) == first("wave", rows) == "mina-moor"
    assert first("state", [*rows, RON]) == "ron-rune"
    assert first("name", [*rows, variant("a", creator=creator(name="adam"))]) == "a"


def test_facets_have_an_age_each():
    assert {f"age.{facet.value}" for facet in Facet} <= set(FIELDS)

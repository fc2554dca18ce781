from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.bookings.model import Booking, BookingQueue, BookingStatus, Price
from fleet_tui.costs.model import CostReport
from fleet_tui.deploy.drift import Drift
from fleet_tui.deploy.model import DeployState, DeployStatus, Lock
from fleet_tui.observatory.attention import attention, duration
from fleet_tui.observatory.model import CreatorSnapshot, Observation
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import FileError
from fleet_tui.streams.model import Finding, Severity, StreamHealth, StreamStatus

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EMPTY = CreatorSnapshot(slug="mina-moor", creator=None)


def seen(value: Any, ago: timedelta = timedelta(seconds=4), **more: Any) -> Observation[Any]:
    return Observation(value=value, seen_at=NOW - ago, tried_at=NOW, **more)


def row(**facets: Any) -> CreatorSnapshot:
    return dataclasses.replace(EMPTY, **facets)


def unwell(*severities: Severity) -> Observation[Any]:
    findings = tuple(
        Finding(code=f"f{place}", severity=severity, what=f"finding {place}", advice="")
        for place, severity in enumerate(severities)
    )
    return seen(StreamHealth(status=StreamStatus.UNWELL, findings=findings))


def deployed(status: DeployStatus, **more: Any) -> Observation[Any]:
    return seen(DeployState(status=status, **more))


def locked(ago: timedelta) -> Observation[Any]:
    lock = Lock(id="1", operation="OperationTypeApply", who="ana@ops", created=NOW - ago)
    return deployed(DeployStatus.LOCKED, lock=lock)


def waiting(*ago: timedelta) -> Observation[Any]:
    return seen(
        BookingQueue(
            pending=tuple(
                Booking(
                    id=f"b{place}",
                    sponsor="Bee & Co",
                    placement="top",
                    start_day=date(2026, 12, 1),
                    end_day=date(2026, 12, 3),
                    status=BookingStatus.PENDING,
                    version=1,
                    price=Price(currency="EUR", total=100),
                    created_at=NOW - age,
                )
                for place, age in enumerate(ago)
            )
        )
    )


def money(forecast: int, actual: int | None = None, budget: int = 200) -> Observation[Any]:
    return seen(
        CostReport(
            month=date(2026, 11, 1),
            estimate=(),
            actual=None if actual is None else Decimal(actual),
            forecast=Decimal(forecast),
            budget=Decimal(budget),
            price_book=date(2026, 11, 1),
        )
    )


def failing(kind: ProblemKind, what: str = "the session has expired") -> Observation[Any]:
    return Observation(tried_at=NOW, problem=Problem(kind=kind, what=what, where="mina-moor"))


FINE = row(
    deploy=deployed(DeployStatus.UP_TO_DATE),
    stream=seen(StreamHealth(status=StreamStatus.LIVE, viewers=10)),
    bookings=waiting(timedelta(hours=23)),
    cost=money(199),
)


@pytest.mark.parametrize(
    "snapshot",
    [
        EMPTY,
        FINE,
        row(deploy=deployed(DeployStatus.NEVER_DEPLOYED)),
        row(deploy=locked(timedelta(minutes=30))),
        row(stream=failing(ProblemKind.THROTTLED), deploy=failing(ProblemKind.NETWORK)),
        row(stream=seen(None, timedelta(hours=9), stale=True, cached=True)),
        row(cost=money(200)),
    ],
)
def test_rows_that_nobody_has_to_look_at(snapshot: CreatorSnapshot):
    assert attention(snapshot, NOW) is None


@pytest.mark.parametrize(
    ("snapshot", "level", "reason"),
    [
        (row(stream=unwell(Severity.AMBER, Severity.RED)), Severity.RED, "stream: finding 1"),
        (row(stream=unwell(Severity.AMBER, Severity.AMBER)), Severity.AMBER, "stream: finding 0, finding 1"),
        (
            row(deploy=deployed(DeployStatus.FAILED, reason="apply failed")),
            Severity.RED,
            "deploy failed: apply failed",
        ),
        (row(deploy=deployed(DeployStatus.FAILED)), Severity.RED, "deploy failed"),
        (
            row(deploy=deployed(DeployStatus.DRIFTED, drift=Drift(checked_at=NOW, addresses=("a", "b")))),
            Severity.AMBER,
            "drifted: 2 resources",
        ),
        (
            row(deploy=locked(timedelta(hours=2, minutes=5))),
            Severity.AMBER,
            "locked by ana@ops for 2 h 5 min",
        ),
        (row(bookings=waiting(timedelta(hours=25))), Severity.AMBER, "1 approval waiting for 1 d 1 h"),
        (
            row(bookings=waiting(timedelta(days=3), timedelta(hours=1))),
            Severity.AMBER,
            "2 approvals waiting, the oldest for 3 d",
        ),
        (row(cost=money(201)), Severity.AMBER, "forecast $201 is over the budget of $200"),
        (row(cost=money(1300, 1234)), Severity.RED, "spent $1,234, the budget is $200"),
        (row(deploy=failing(ProblemKind.WRONG_ACCOUNT, "it is 3")), Severity.RED, "deploy: it is 3"),
        (
            row(deploy=failing(ProblemKind.CREDENTIALS), stream=failing(ProblemKind.CREDENTIALS)),
            Severity.RED,
            "deploy, stream: the session has expired",
        ),
        (row(bookings=failing(ProblemKind.NOT_FOUND, "no API")), Severity.AMBER, "bookings: no API"),
        (
            row(
                stream=seen(None, timedelta(minutes=31), stale=True),
                cost=seen(None, timedelta(days=2), stale=True),
            ),
            Severity.AMBER,
            "not seen since: stream 31 min, cost 2 d",
        ),
    ],
)
def test_rows_that_need_a_person(snapshot: CreatorSnapshot, level: Severity, reason: str):
    found = attention(snapshot, NOW)
    assert found is not None
    assert found.reasons == (reason,)
    assert found.level is level
    assert (found.score >= 1000) == (level is Severity.RED)


def test_an_invalid_file_is_quoted():
    errors = tuple(
        FileError(path=Path("creator.toml"), line=line, key="region", message="is wrong") for line in (7, 8)
    )
    found = attention(row(errors=errors), NOW)
    assert found is not None
    assert found.reasons == ("creator.toml line 7: region is wrong and 1 more",)
    assert found.level is Severity.RED


def test_what_was_read_from_disk_counts_once_the_look_has_failed():
    problem = Problem(kind=ProblemKind.NETWORK, what="no answer")
    stream = seen(None, timedelta(hours=1), stale=True, cached=True)
    assert attention(row(stream=stream), NOW) is None
    found = attention(row(stream=dataclasses.replace(stream, problem=problem)), NOW)
    assert found is not None
    assert found.reasons == ("not seen since: stream 1 h",)


def test_a_stream_that_was_live_when_last_seen_weighs_more():
    live = seen(StreamHealth(status=StreamStatus.LIVE), timedelta(minutes=5), stale=True)
    offline = seen(StreamHealth(status=StreamStatus.OFFLINE), timedelta(minutes=5), stale=True)
    assert attention(row(stream=live), NOW).score > attention(row(stream=offline), NOW).score


@given(st.integers(25, 500), st.integers(1, 500))
def test_an_approval_never_becomes_less_urgent(hours: int, more: int):
    early = attention(row(bookings=waiting(timedelta(hours=hours))), NOW)
    late = attention(row(bookings=waiting(timedelta(hours=hours + more))), NOW)
    assert early.score <= late.score
    if hours + more <= 7 * 24:
        assert early.score < late.score


FACETS = {
    "stream": st.sampled_from([FINE.stream, unwell(Severity.AMBER), failing(ProblemKind.UNEXPECTED, "s")]),
    "deploy": st.sampled_from(
        [locked(timedelta(days=1)), deployed(DeployStatus.DRIFTED), failing(ProblemKind.NOT_FOUND, "d")]
    ),
    "bookings": st.sampled_from([waiting(timedelta(days=30)), failing(ProblemKind.CONFIGURATION, "b")]),
    "cost": st.sampled_from([money(900), failing(ProblemKind.MISSING_TOOL, "c")]),
}


@given(st.fixed_dictionaries({}, optional=FACETS), st.booleans())
def test_all_that_is_amber_together_stays_below_one_red(facets: dict[str, Observation[Any]], stale: bool):
    facets = {
        name: dataclasses.replace(seen, stale=stale, seen_at=NOW - timedelta(days=2))
        for name, seen in facets.items()
    }
    found = attention(row(**facets), NOW)
    if found is not None:
        assert found.level is Severity.AMBER
        assert found.score < attention(row(cost=money(300, 201)), NOW).score
        assert len(found.reasons) == len(set(found.reasons)) > 0


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=9), "9 s"),
        (timedelta(minutes=31, seconds=59), "31 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=4), "2 h 4 min"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (timedelta(days=3, minutes=5), "3 d"),
    ],
)
def test_durations(span: timedelta, text: str):
    assert duration(span) == text

"""Views and clicks: once for a visitor and day, and nobody can tell from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15"


@pytest.fixture
def active(api: Any) -> str:
    """The id of a booking that runs today and tomorrow."""
    identifier = api.ready(start_day="2026-05-20", end_day="2026-05-21")
    assert api.approve(identifier).status == 200
    return str(identifier)


def test_a_visitor_counts_once_a_day_for_each_kind(api: Any, active: str) -> None:
    for kind in ("view", "view", "click", "view", "click"):
        answer = api.track(active, kind)
        assert (answer.status, answer.body) == (204, None)
    assert api.counts(active) == {"views": 1, "clicks": 1, "dropped_repeated": 3}
    api.track(active, ip="203.0.113.78")
    api.track(active, agent=SAFARI)
    assert api.counts(active)["views"] == 3
    api.now += timedelta(days=1)
    api.track(active)
    assert api.counts(active)["views"] == 4


def test_a_hundred_repeated_views_are_one(api: Any, active: str) -> None:
    for second in range(100):
        api.now = datetime(2026, 5, 20, 13, tzinfo=UTC) + timedelta(seconds=2 * second)
        api.track(active)
    assert api.counts(active) == {"views": 1, "dropped_repeated": 99}


def test_what_a_visitor_sends_too_fast_is_dropped(api: Any, active: str) -> None:
    for _ in range(70):
        api.track(active)
    assert api.counts(active) == {"views": 1, "dropped_repeated": 59, "dropped_rate": 10}
    api.track(active, ip="203.0.113.78")
    assert api.counts(active)["views"] == 2
    api.now += timedelta(minutes=1)
    api.track(active, "click")
    assert api.counts(active)["clicks"] == 1


@pytest.mark.parametrize("agent", [BOT, "", "curl/8.5.0"])
def test_programs_are_dropped(api: Any, active: str, agent: str) -> None:
    assert api.track(active, agent=agent).status == 204
    assert api.counts(active) == {"dropped_bot": 1}


@pytest.mark.parametrize("identifier", ["0000000000000", "x", "a" * 400, "BOOKING", "é"])
def test_unknown_bookings_are_counted_together(api: Any, identifier: str) -> None:
    assert api.track(identifier).status == 204
    assert api.counts("UNKNOWN") == {"dropped_unknown": 1}
    assert len(api.items("sponsor-stats")) == 1


@pytest.mark.parametrize("state", ["pending", "rejected", "approved", "completed"])
def test_only_active_bookings_count(api: Any, state: str) -> None:
    identifier = api.ready(start_day="2026-05-21", end_day="2026-05-21")
    if state == "rejected":
        api.reject(identifier)
    elif state != "pending":
        api.approve(identifier)
    if state == "completed":
        api.now += timedelta(days=2)
    assert api.track(identifier).status == 204
    assert api.counts(identifier) == {}
    assert api.counts("UNKNOWN") == {"dropped_unknown": 1}


def test_every_answer_is_the_same(api: Any, active: str) -> None:
    answers = [
        api.track(active),
        api.track(active),
        api.track(active, agent=BOT),
        api.track("x"),
        api.track("0000000000000"),
    ]
    assert all(answer == answers[0] for answer in answers)


def test_a_body_is_not_read(api: Any, active: str) -> None:
    answer = api.call("track_stats", "POST", f"/sponsors/{active}/track/view", "x" * 1_000_000)
    assert answer.status == 204
    assert api.counts(active) == {"views": 1}


def test_no_address_is_kept_and_what_is_kept_expires(api: Any, active: str) -> None:
    api.track(active)
    kept = api.items("sponsor-stats")
    assert "203.0.113" not in str(kept)
    assert "Firefox" not in str(kept)
    next_night = int(datetime(2026, 5, 21, 1, tzinfo=UTC).timestamp())
    expiries = {item["pk"]["S"].split("#")[0]: item.get("expires_at") for item in kept}
    expected = {"N": str(next_night)}
    assert expiries == {"SALT": expected, "SEEN": expected, "RATE": expected, "BOOKING": None}


def test_the_salt_changes_with_the_day_and_is_shared_by_all_functions(api: Any, monkeypatch: Any) -> None:
    from shared.visits import Visits

    today = api.now.date()
    first, second = Visits("sponsor-stats"), Visits("sponsor-stats")
    # Both see none and make one: the loser takes the winner's.
    monkeypatch.setattr(second, "_stored_salt", iter_then(second._stored_salt, None))
    assert first._salt_of(today) == second._salt_of(today)
    assert len(first._salt_of(today)) == 32
    assert first._salt_of(today + timedelta(days=1)) != first._salt_of(today)
    assert first._salt_of(today) == Visits("sponsor-stats")._salt_of(today)


def iter_then(real: Any, first: Any) -> Any:
    """Give `first` at the first call, and what `real` gives from then on."""
    calls = iter([first])

    def stand_in(*arguments: Any) -> Any:
        for given in calls:
            return given
        return real(*arguments)

    return stand_in


def test_a_contended_counter_is_tried_again(api: Any, active: str, monkeypatch: Any) -> None:
    from shared import tables
    from sponsor_system import stats_table

    monkeypatch.setattr(tables, "_FIRST_WAIT_S", 0.0)
    conflict = ("None", "TransactionConflict")
    monkeypatch.setattr(stats_table, "write_together", iter_then(stats_table.write_together, conflict))
    api.track(active)
    assert api.counts(active) == {"views": 1}

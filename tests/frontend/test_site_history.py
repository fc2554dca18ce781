"""What a site's history tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.frontend.history import (
    KEPT_RELEASES,
    KEPT_SWITCHES,
    begun,
    current,
    done,
    kept,
    one_before,
    settled,
    step_back,
)
from fleet_tui.frontend.model import History, Served, Switch

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def switch(number: int, release: str = "", *, made: bool = True) -> Switch:
    release = release or f"r{number:02}"
    at = NOW + timedelta(minutes=number)
    return Switch(
        release=release,
        digest=f"digest of {release}",
        at=at,
        operator="ana@ops",
        run_id=f"run-{number}",
        done_at=at if made else None,
    )


def history(*switches: Switch) -> History:
    """From the oldest to the newest."""
    told = History()
    for one in switches:
        told = begun(told, one)
    return told


def served_by(number: int) -> Served:
    return Served(etag="e", release=f"r{number:02}", run_id=f"run-{number}")


def test_a_switch_that_was_never_made_is_forgotten():
    told = history(switch(1), switch(2, made=False))
    assert settled(told, served_by(1)) == history(switch(1))
    assert settled(told, served_by(2)) == told
    assert settled(told, None) == history(switch(1))
    assert settled(History(), None) == History()


def test_what_visitors_see_is_told_by_the_page_and_not_by_the_newest_entry():
    told = history(switch(1), switch(2, made=False))
    assert current(told, served_by(1)) == switch(1)
    assert current(told, Served(etag="placeholder")) is None
    assert current(told, None) is None


def test_a_switch_is_seen_through_by_its_run():
    told = done(history(switch(1, made=False), switch(2, made=False)), "run-1", NOW)
    assert [one.done_at for one in told.switches] == [None, NOW]


def test_the_release_before_is_an_older_one_and_not_the_one_that_was_left():
    told = history(switch(1), switch(2), switch(3), switch(4, "r02"))
    assert one_before(told, "r02") == "r01"
    assert one_before(told, "r03") == "r02"
    assert one_before(told, "r01") == ""


def test_an_old_workspace_is_recognised_by_what_it_builds():
    told = history(switch(1), switch(2))
    assert step_back(told, "digest of r01", "r02") == switch(1)
    assert step_back(told, "digest of r02", "r01") is None  # after a rollback: forward again
    assert step_back(told, "digest of something new", "r02") is None
    assert step_back(told, "digest of r01", "") is None
    many = history(*(switch(number) for number in range(1, KEPT_RELEASES + 2)))
    assert step_back(many, "digest of r01", "r06") is None  # no rollback leads there any more


@given(numbers=st.lists(st.integers(1, 30), min_size=1), chosen=st.integers(0, 29))
def test_what_visitors_see_always_stays_and_the_newest_with_it(numbers, chosen):
    told = history(*(switch(place, f"r{number:02}") for place, number in enumerate(numbers)))
    release = f"r{numbers[chosen % len(numbers)]:02}"
    names = sorted({f"r{number:02}" for number in numbers}, reverse=True)
    if len(numbers) <= KEPT_SWITCHES:
        stay = kept(told, release)
        assert release in stay
        assert set(names[:KEPT_RELEASES]) <= set(stay)
        assert len(stay) <= KEPT_RELEASES + 1
    assert len(told.switches) <= KEPT_SWITCHES

"""Days are held for a while, taken for good, and given back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

DAYS = {"start_day": "2026-05-25", "end_day": "2026-05-27"}


def holders(api: Any) -> set[str]:
    return {item["booking"]["S"] for item in api.items("sponsors", "SLOT#")}


def test_days_that_somebody_asks_for_are_held(api: Any) -> None:
    first = api.create(**DAYS).body
    answer = api.create(start_day="2026-05-27", end_day="2026-05-28")
    assert (answer.status, answer.problem) == (409, "slot-held")
    assert answer.body["days"] == ["2026-05-27"]
    assert answer.body["free_from"] == "2026-05-22T12:00:00+00:00"
    assert first["id"] not in str(answer.body)
    assert len(api.list(status="pending").body["bookings"]) == 1
    assert api.create(start_day="2026-05-28", end_day="2026-05-28").status == 201
    assert api.create(**DAYS, placement="left").status == 201


def test_days_that_somebody_has_are_taken(api: Any) -> None:
    assert api.approve(api.ready(**DAYS)).status == 200
    api.now += timedelta(days=3)
    answer = api.create(**DAYS)
    assert (answer.status, answer.problem, answer.body["free_from"]) == (409, "slot-taken", None)


def test_a_hold_ends_though_its_items_are_still_there(api: Any) -> None:
    first = api.ready(**DAYS)
    api.now += timedelta(hours=48, seconds=-1)
    assert api.create(**DAYS).status == 409
    api.now += timedelta(seconds=1)
    second = api.create(**DAYS).body["id"]
    assert holders(api) == {second}
    assert {booking["id"] for booking in api.list(status="pending").body["bookings"]} == {first, second}


def test_who_has_lost_the_hold_can_be_approved_while_nobody_else_has_the_days(api: Any) -> None:
    first = api.ready(**DAYS)
    api.now += timedelta(days=3)
    assert api.approve(first).status == 200
    assert holders(api) == {first}


def test_who_has_lost_the_days_is_told_to_whom(api: Any) -> None:
    first = api.ready(**DAYS)
    api.now += timedelta(days=3)
    second = api.ready(start_day="2026-05-26", end_day="2026-05-26")
    answer = api.approve(first)
    assert (answer.status, answer.problem) == (409, "slot-held")
    assert answer.body["conflicts"] == [{"booking": second, "placement": "top", "days": ["2026-05-26"]}]
    assert api.approve(second).status == 200
    answer = api.approve(first)
    assert (answer.status, answer.problem) == (409, "slot-taken")
    assert api.reject(first).status == 200
    assert second in holders(api)


@pytest.mark.parametrize("end", ["reject", "cancel", "withdraw"])
@pytest.mark.parametrize("approved", [False, True])
def test_an_end_gives_the_days_back(api: Any, end: str, approved: bool) -> None:
    receipt = api.create(**DAYS).body
    api.upload(receipt["upload"], api.picture("top"))
    if approved:
        assert api.approve(receipt["id"]).status == 200
    if end == "withdraw":
        answer = api.by_sponsor(receipt, "cancel", {"version": api.version(receipt["id"])})
    else:
        answer = getattr(api, end)(receipt["id"])
    if end == "reject" and approved:
        assert (answer.status, answer.problem) == (409, "already-decided")
        assert holders(api) == {receipt["id"]}
    else:
        assert answer.status == 200
        assert holders(api) == set()
        assert api.create(**DAYS).status == 201


def test_an_end_takes_nobody_elses_days(api: Any) -> None:
    first = api.ready(**DAYS)
    api.now += timedelta(days=3)
    second = api.create(start_day="2026-05-27", end_day="2026-05-28").body["id"]
    assert api.cancel(first).status == 200
    assert {item["pk"]["S"] for item in api.items("sponsors", "SLOT#")} == {
        "SLOT#top#2026-05-27",
        "SLOT#top#2026-05-28",
    }
    assert holders(api) == {second}


def test_a_hold_expires_and_a_slot_outlives_its_day(api: Any) -> None:
    identifier = api.ready(**DAYS)
    (expiry,) = {int(item["expires_at"]["N"]) for item in api.items("sponsors", "SLOT#")}
    assert expiry == int((api.now + timedelta(hours=48)).timestamp())
    api.approve(identifier)
    kept = {item["pk"]["S"][-10:]: int(item["expires_at"]["N"]) for item in api.items("sponsors", "SLOT#")}
    for day, expires_at in kept.items():
        assert expires_at - (date.fromisoformat(day) - date(1970, 1, 1)).days * 86_400 == 8 * 86_400


def test_the_longest_booking_there_can_be_fits_its_transactions(api: Any, monkeypatch: Any) -> None:
    from sponsor_system.handlers import create_booking
    from sponsor_system.lifecycle import MAX_DAYS_LIMIT

    longest = create_booking.settings().model_copy(update={"max_days": MAX_DAYS_LIMIT})
    monkeypatch.setattr(create_booking, "settings", lambda: longest)
    start = date(2026, 6, 1)
    days = {"start_day": f"{start}", "end_day": f"{start + timedelta(days=MAX_DAYS_LIMIT - 1)}"}
    receipt = api.create({"idempotency-key": "a-key-of-its-own"}, **days).body
    api.upload(receipt["upload"], api.picture("top"))
    assert api.approve(receipt["id"]).status == 200
    assert len(api.items("sponsors", "SLOT#")) == MAX_DAYS_LIMIT == 97
    assert api.cancel(receipt["id"]).status == 200
    assert api.items("sponsors", "SLOT#") == []

"""Bookings through the handlers: sent in, listed, approved, rejected, shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleet_tui.bookings.model import Booking, BookingStatus

KEY = {"idempotency-key": "7c3f0f0e-1d7a-4c1c-9f0e-0f5a2b1f6c11"}


def by_operator(arn: str | None, account: str = "100000000001") -> Any:
    def change(event: dict[str, Any]) -> None:
        if arn is None:
            del event["requestContext"]["authorizer"]
        else:
            event["requestContext"]["authorizer"]["iam"].update(userArn=arn, accountId=account)

    return change


def test_a_booking_is_received_with_its_price_and_nothing_internal(api: Any) -> None:
    answer = api.create()
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    identifier, token, form = (answer.body.pop(name) for name in ("id", "token", "upload"))
    assert (len(identifier), len(token)) == (13, 43)
    assert form["fields"]["key"].startswith(f"incoming/{identifier}/")
    assert token not in str(api.items("sponsors"))
    assert answer.body == {
        "status": "pending",
        "version": 1,
        "held_until": "2026-05-22T12:00:00Z",
        "placement": "top",
        "start_day": "2026-05-21",
        "end_day": "2026-05-30",
        "price": {
            "currency": "EUR",
            "total": 114_000,
            "lines": [
                {"label": "top: 10 days at 120.00 EUR", "amount": 120_000},
                {"label": "5 % off from 7 days", "amount": -6_000},
            ],
        },
    }


def test_what_operators_list_is_a_booking_of_the_console(api: Any) -> None:
    identifier = api.create().body["id"]
    answer = api.list(status="pending")
    assert answer.status == 200
    assert answer.body["next_cursor"] is None
    (listed,) = answer.body["bookings"]
    booking = Booking.model_validate_json(json.dumps(listed))
    assert booking.id == identifier
    assert booking.contact == "Beate.Biene@honey.example"
    assert booking.created_at == datetime(2026, 5, 20, 12, tzinfo=UTC)
    assert (booking.status, booking.version) == (BookingStatus.PENDING, 1)
    assert set(listed) == set(Booking.model_fields)


def test_approval_is_kept_with_who_and_when(api: Any) -> None:
    identifier = api.ready()
    api.now += timedelta(hours=3)
    answer = api.approve(identifier)
    assert answer.status == 200
    booking = Booking.model_validate_json(json.dumps(answer.body))
    assert (booking.status, booking.version, booking.decided_by) == (BookingStatus.APPROVED, 4, "ana@ops")
    assert booking.decided_at == api.now
    slots = {item["pk"]["S"]: item for item in api.items("sponsors", "SLOT#")}
    assert slots.keys() == {f"SLOT#top#2026-05-{day}" for day in range(21, 31)}
    assert {item["booking"]["S"] for item in slots.values()} == {identifier}
    assert not any("held_until" in item for item in slots.values())
    stored = api.stored(identifier)
    assert stored["gsi1pk"]["S"] == "STATUS#approved"
    assert "expires_at" not in stored  # a business record does not expire


def test_rejection_is_kept_with_its_reason(api: Any) -> None:
    identifier = api.create().body["id"]
    answer = api.reject(identifier, "Not for this audience")
    assert answer.status == 200
    assert (answer.body["status"], answer.body["reason"]) == ("rejected", "Not for this audience")
    assert api.items("sponsors", "SLOT#") == []
    assert [booking["id"] for booking in api.list(status="rejected").body["bookings"]] == [identifier]
    assert api.list(status="pending").body["bookings"] == []


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("second", ["approve", "reject"])
@pytest.mark.parametrize("version", [3, 4])
def test_a_second_decision_says_who_was_first(api: Any, first: str, second: str, version: int) -> None:
    identifier = api.ready()
    decide = {"approve": api.approve, "reject": api.reject}
    assert decide[first](identifier).status == 200
    stored = api.items("sponsors")
    api.now += timedelta(minutes=1)
    answer = decide[second](identifier, version=version)
    assert (answer.status, answer.problem) == (409, "already-decided")
    assert answer.body["decided_by"] == "ana@ops"
    assert answer.body["decided_at"] == "2026-05-20T12:00:00+00:00"
    assert answer.body["booking_status"] == {"approve": "approved", "reject": "rejected"}[first]
    assert api.items("sponsors") == stored


def test_another_version_than_the_one_seen_is_refused(api: Any) -> None:
    identifier = api.ready()
    answer = api.approve(identifier, version=2)
    assert (answer.status, answer.problem, answer.body["version"]) == (409, "changed", 3)
    assert api.list(status="approved").body["bookings"] == []


def test_statuses_follow_the_calendar(api: Any) -> None:
    identifier = api.ready(start_day="2026-05-21", end_day="2026-05-22")
    api.approve(identifier)
    seen = {}
    for day in (20, 21, 22, 23):
        api.now = datetime(2026, 5, day, 12, tzinfo=UTC)
        for status in ("pending", "approved", "active", "completed", "rejected", "cancelled"):
            for booking in api.list(status=status).body["bookings"]:
                assert booking["status"] == status
                seen.setdefault(day, []).append(status)
    assert seen == {20: ["approved"], 21: ["active"], 22: ["active"], 23: ["completed"]}


@pytest.mark.parametrize("status", ["pending", "approved", "active", "completed", "rejected"])
def test_pages_together_are_the_whole_list(api: Any, status: str) -> None:
    wanted = []
    for offset in range(7):
        api.now = datetime(2026, 5, 20, 12, offset, tzinfo=UTC)
        day = f"{api.now.date() + timedelta(days=offset)}"
        identifier = api.ready(start_day=day, end_day=day)
        if status == "rejected":
            assert api.reject(identifier).status == 200
        elif status != "pending":
            assert api.approve(identifier).status == 200
        wanted.append(identifier)
    api.now = datetime(2026, 5, 23, 12, tzinfo=UTC)  # three are over, one is running, three are to come
    wanted = {
        "approved": wanted[4:],
        "active": wanted[3:4],
        "completed": wanted[2::-1],
        "rejected": wanted[::-1],
        "pending": wanted,
    }[status]
    found: list[str] = []
    cursor = None
    for _ in range(10):
        answer = api.list(status=status, limit="2", **({"cursor": cursor} if cursor else {}))
        assert answer.status == 200
        assert len(answer.body["bookings"]) <= 2
        found += [booking["id"] for booking in answer.body["bookings"]]
        cursor = answer.body["next_cursor"]
        if cursor is None:
            break
    assert found == wanted


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10=", "WyJhIiwiYiIsImMiXQ==", "bm90IGpzb24="])
def test_a_made_up_cursor_is_refused(api: Any, cursor: str) -> None:
    answer = api.list(status="pending", cursor=cursor)
    assert (answer.status, answer.problem) == (400, "bad-cursor")


def test_a_cursor_of_another_list_is_refused(api: Any) -> None:
    for placement in ("top", "left"):
        api.create(placement=placement)
    cursor = api.list(status="pending", limit="1").body["next_cursor"]
    assert api.list(status="rejected", cursor=cursor).problem == "bad-cursor"


@pytest.mark.parametrize(
    "query",
    [
        {"status": "open"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"offset": "1"},
        {"cursor": "a b"},
    ],
)
def test_a_wrong_query_is_refused(api: Any, query: dict[str, str]) -> None:
    assert api.list(**query).status == 422


def test_the_same_key_is_the_same_booking_with_a_further_token_and_form(api: Any) -> None:
    first, second = api.create(KEY), api.create(KEY)
    assert (first.status, second.status) == (201, 201)
    own = {"token", "upload"}
    assert {k: v for k, v in first.body.items() if k not in own} == {
        k: v for k, v in second.body.items() if k not in own
    }
    assert first.body["token"] != second.body["token"]
    assert api.own(first.body).status == api.own(second.body).status == 200
    assert len(api.list(status="pending").body["bookings"]) == 1
    other = api.create(KEY, title="Another")
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    assert api.create(placement="left").body["id"] != first.body["id"]


def test_a_key_is_forgotten_after_a_day_even_when_its_item_is_still_there(api: Any) -> None:
    days = {"start_day": "2026-05-25", "end_day": "2026-05-25"}
    first = api.create(KEY, **days).body["id"]
    api.reject(first)
    api.now += timedelta(days=1)
    second = api.create(KEY, **days).body["id"]
    assert first != second
    assert api.create(KEY, **days).body["id"] == second


def test_a_replay_tells_what_became_of_the_booking(api: Any) -> None:
    first = api.create(KEY).body
    api.reject(first["id"])
    assert api.create(KEY).body["status"] == "rejected"


def test_todays_sponsors_are_shown_by_placement(api: Any) -> None:
    today = {"start_day": "2026-05-20", "end_day": "2026-05-21"}
    top = api.ready(**today)
    left = api.ready(**today, placement="left", title="Left")
    waiting = api.ready(placement="creator", start_day="2026-05-20", end_day="2026-05-20")
    tomorrow = api.ready(placement="creator", start_day="2026-05-21", end_day="2026-05-21")
    for identifier in (top, left, tomorrow):
        assert api.approve(identifier).status == 200
    answer = api.active()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.body["day"] == "2026-05-20"
    assert {name: sponsor["id"] for name, sponsor in answer.body["sponsors"].items()} == {
        "top": top,
        "left": left,
    }
    path = answer.body["sponsors"]["left"].pop("asset_url")
    assert path.startswith(f"/media/creatives/{left}-")
    assert path.endswith(".png")
    assert answer.body["sponsors"]["left"] == {
        "id": left,
        "sponsor": "Honey & Söhne GmbH",
        "title": "Left",
        "placement": "left",
        "target_url": "https://honey.example/shop?from=stream",
    }
    assert waiting not in str(answer.body)


def test_nobody_is_shown_where_nobody_booked(api: Any) -> None:
    assert api.active().body == {"day": "2026-05-20", "sponsors": {}}


def test_no_cache_keeps_a_sponsor_past_midnight(api: Any) -> None:
    api.now = datetime(2026, 5, 20, 23, 59, 50, tzinfo=UTC)
    assert api.active().headers["Cache-Control"] == "public, max-age=10"


@pytest.mark.parametrize("identifier", ["0000000000000", "x", "BOOKING", "'; drop", "é" * 13, "a" * 500])
def test_an_unknown_booking_is_not_found(api: Any, identifier: str) -> None:
    answer = api.approve(identifier)
    assert (answer.status, answer.problem) == (404, "not-found")


@pytest.mark.parametrize(
    ("arn", "account", "name"),
    [
        ("arn:aws:sts::100000000001:assumed-role/FleetOperator/ana@ops", "100000000001", "ana@ops"),
        ("arn:aws:iam::100000000001:user/ops/berta", "100000000001", "berta"),
        ("arn:aws:iam::100000000001:root", "100000000001", "root"),
        (None, "", None),
        ("arn:aws:sts::999999999999:assumed-role/FleetOperator/eve", "999999999999", None),
        ("arn:aws:sts::999999999999:assumed-role/FleetOperator/eve", "100000000001", None),
        ("arn:aws:sts::100000000001:assumed-role/FleetOperator/eve", "999999999999", None),
        ("arn:aws:sts::100000000001:assumed-role/FleetOperator/", "100000000001", None),
        ("arn:aws:sts::100000000001:federated-user/eve", "100000000001", None),
        ("", "100000000001", None),
    ],
)
def test_only_operators_of_the_account_decide(
    api: Any, arn: str | None, account: str, name: str | None
) -> None:
    identifier = api.ready()
    answer = api.approve(identifier, change=by_operator(arn, account))
    if name:
        assert (answer.status, answer.body["decided_by"]) == (200, name)
    else:
        assert (answer.status, answer.problem) == (403, "forbidden")
        assert api.list(status="approved").body["bookings"] == []


@pytest.mark.parametrize(
    ("function", "method", "path"),
    [
        ("list_bookings", "GET", "/bookings"),
        ("list_bookings", "GET", "/bookings/0000000000000/report"),
        ("decide_booking", "PUT", "/bookings/0000000000000/approve"),
        ("decide_booking", "PUT", "/bookings/0000000000000/reject"),
        ("decide_booking", "PUT", "/bookings/0000000000000/cancel"),
        ("decide_booking", "PUT", "/bookings/0000000000000/refund"),
    ],
)
@pytest.mark.parametrize(
    "authorizer", ["absent", None, {}, {"jwt": {"claims": {"sub": "eve"}}}, {"iam": None}, {"iam": {}}]
)
def test_unsigned_calls_are_refused_before_anything_is_read(
    api: Any, function: str, method: str, path: str, authorizer: Any
) -> None:
    def change(event: dict[str, Any]) -> None:
        if authorizer != "absent":
            event["requestContext"]["authorizer"] = authorizer

    answer = api.call(function, method, path, {"version": 1, "reason": "x"}, change=change)
    assert (answer.status, answer.problem) == (403, "forbidden")

"""Editors announce, change and cancel events; operators see who comes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from events.event import Moment
from tests.lambdas.events_module.events_api import NEW, START, Events, address
from tests.lambdas.functions import MEMBER, NOW

OTHER = "7a2d8b4f-0000-4000-8000-00000000beef"


def titles(answer: Any) -> list[str]:
    return [event["title"] for event in answer.body["events"]]


def test_what_is_announced_is_in_the_programme(events: Events) -> None:
    event = events.announce()
    shown = events.get(event)
    assert shown == {
        "id": event,
        "title": "Honey tasting",
        "description": NEW["description"],
        "starts_at": "2026-05-30T12:00:00Z",
        "ends_at": "2026-05-30T14:00:00Z",
        "place": "Honigweg 1, Berlin",
        "capacity": 2,
        "seats_left": 2,
        "waiting": 0,
        "sign_up_until": "2026-05-30T12:00:00Z",
        "members_only": False,
        "cancelled": False,
        "version": 1,
        "updated_at": "2026-05-20T12:00:00Z",
    }
    answer = events.call("get_programme", "GET", "/events")
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert answer.body == {"events": [shown], "next_cursor": None}


def test_the_programme_comes_in_pages_and_goes_into_the_past(events: Events) -> None:
    for days in (30, 10, 20):
        starts = NOW + timedelta(days=days)
        events.announce(
            title=f"In {days}",
            starts_at=starts.isoformat(),
            ends_at=(starts + timedelta(hours=1)).isoformat(),
        )
    first = events.call("get_programme", "GET", "/events", query={"limit": "2"})
    assert titles(first) == ["In 10", "In 20"]
    rest = {"limit": "2", "cursor": first.body["next_cursor"]}
    assert titles(events.call("get_programme", "GET", "/events", query=rest)) == ["In 30"]
    events.now = NOW + timedelta(days=25)
    assert titles(events.call("get_programme", "GET", "/events")) == ["In 30"]
    past = events.call("get_programme", "GET", "/events", query={"past": "true"})
    assert titles(past) == ["In 20", "In 10"]
    assert events.call("get_programme", "GET", "/events", query={"cursor": "x"}).problem == "bad-cursor"


def test_an_event_is_in_the_programme_until_it_is_over(events: Events) -> None:
    events.announce()
    events.now = START + timedelta(hours=2) - timedelta(seconds=1)
    assert len(titles(events.call("get_programme", "GET", "/events"))) == 1
    events.now += timedelta(seconds=1)
    assert titles(events.call("get_programme", "GET", "/events")) == []


def test_admins_edit_as_operators_do(events: Events) -> None:
    made = events.call("manage_events", "POST", "/admin/events", NEW, member=MEMBER, groups=("admin",))
    assert made.status == 201
    path = f"/admin/events/{made.body['id']}"
    body = {**NEW, "title": "Mead tasting", "version": 1}
    edited = events.call("manage_events", "PUT", path, body, member=MEMBER, groups=("admin",))
    assert (edited.body["title"], edited.body["version"]) == ("Mead tasting", 2)
    cancelled = events.call(
        "manage_events", "PUT", f"{path}/cancelled", {"version": 2}, member=MEMBER, groups=("admin",)
    )
    assert cancelled.body["cancelled"] is True
    refused = events.call("manage_events", "POST", "/admin/events", NEW, member=MEMBER, groups=("moderator",))
    assert refused.problem == "not-allowed"


def test_nobody_overwrites_what_they_have_not_seen(events: Events) -> None:
    event = events.announce()
    assert events.edit(event, title="First").body["version"] == 2
    late = events.edit(event, title="Second", version=1)
    assert (late.status, late.problem, late.body["version"]) == (409, "event-changed", 2)
    body = {"version": 1}
    assert (
        events.call("manage_events", "PUT", f"/events/{event}/cancelled", body, operator=True).status == 409
    )
    assert events.edit(event).body["version"] == 2, "what changes nothing is no change"


def test_editing_leaves_the_seats_alone(events: Events) -> None:
    event = events.announce(capacity=2)
    for name in ("Anna", "Bert", "Cleo", "Dora"):
        events.come(event, name)
    assert events.edit(event, capacity=1, place=None).body["seats_left"] == 0
    states = list(events.states(event).values())
    assert states == ["seated", "seated", "waiting", "waiting"], "nobody loses a seat"
    events.leave(event, events.mailbox.token(address("Anna")))
    assert events.states(event) == {"Bert": "seated", "Cleo": "waiting", "Dora": "waiting"}
    assert events.edit(event, capacity=4).body["seats_left"] == 1
    assert events.states(event) == dict.fromkeys(("Bert", "Cleo", "Dora"), "seated")
    assert events.edit(event, capacity=None).body["seats_left"] is None


def test_what_is_over_or_cancelled_stays_as_it_is(events: Events) -> None:
    event = events.announce()
    events.cancel(event)
    assert events.edit(event, title="New").problem == "event-cancelled"
    other = events.announce()
    events.now = START + timedelta(hours=2)
    assert events.edit(other, title="New").problem == "event-over"
    assert events.cancel(other).problem == "event-over"


def test_one_key_is_one_event(events: Events) -> None:
    key = {"idempotency-key": "0123456789"}
    made = [
        events.call("manage_events", "POST", "/events", NEW, operator=True, headers=key).body["id"]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    other = {**NEW, "title": "Another"}
    answer = events.call("manage_events", "POST", "/events", other, operator=True, headers=key)
    assert answer.problem == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"title": ""}, {"/title"}),
        ({"title": "x" * 121}, {"/title"}),
        ({"title": "a\r\nBcc: b"}, {"/title"}),
        ({"description": "x" * 4_001}, {"/description"}),
        ({"place": "x" * 201}, {"/place"}),
        ({"capacity": 0}, {"/capacity"}),
        ({"capacity": 10_001}, {"/capacity"}),
        ({"capacity": "5"}, {"/capacity"}),
        ({"members_only": "yes"}, {"/members_only"}),
        ({"starts_at": "2026-05-30T12:00:00"}, {"/starts_at"}),
        ({"starts_at": "1780142400"}, {"/starts_at"}),
        ({"starts_at": 1_780_142_400}, {"/starts_at"}),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, {"/starts_at"}),
        ({"ends_at": NEW["starts_at"]}, {"/ends_at"}),
        ({"ends_at": (START + timedelta(days=32)).isoformat()}, {"/ends_at"}),
        ({"ends_at": NOW.isoformat(), "starts_at": (NOW - timedelta(1)).isoformat()}, {"/ends_at"}),
        ({"sign_up_until": (START + timedelta(hours=3)).isoformat()}, {"/sign_up_until"}),
        ({"taken": 0}, {"/taken"}),
    ],
    ids=range(18),
)
def test_a_refusal_points_at_the_member(events: Events, fields: dict[str, Any], pointers: set[str]) -> None:
    answer = events.call("manage_events", "POST", "/events", {**NEW, **fields}, operator=True)
    assert answer.status == 422
    assert {error["pointer"] for error in answer.body["errors"]} == pointers


@given(
    st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_is_the_same_in_every_offset(moment: datetime, minutes: int) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    local = (moment + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")
    adapter = TypeAdapter[datetime](Moment)
    assert adapter.validate_python(f"{local}.25{sign}{hours:02d}:{rest:02d}", strict=True) == moment


@given(st.text())
def test_nothing_else_is_a_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[datetime](Moment).validate_json(f'"{text.encode().hex()}"', strict=True)


def test_operators_see_who_comes_page_by_page(events: Events) -> None:
    event = events.announce(capacity=1)
    for name in ("Anna", "Bert", "Cleo"):
        events.come(event, name)
    first = events.call(
        "manage_events", "GET", f"/events/{event}/sign-ups", operator=True, query={"limit": "2"}
    )
    assert [sign_up["name"] for sign_up in first.body["sign_ups"]] == ["Anna", "Bert"]
    cursor = first.body["next_cursor"]
    assert [sign_up["name"] for sign_up in events.listed(event, cursor=cursor)] == ["Cleo"]
    assert [sign_up["name"] for sign_up in events.listed(event, state="waiting")] == ["Bert", "Cleo"]
    (anna,) = events.listed(event, state="seated")
    assert anna == {
        "id": anna["id"],
        "state": "seated",
        "number": 1,
        "name": "Anna",
        "email": "anna@honey.example",
        "member": None,
        "asked_at": "2026-05-20T12:00:00Z",
        "confirmed_at": "2026-05-20T12:00:00Z",
        "seated_at": "2026-05-20T12:00:00Z",
    }
    other = events.announce(title="Another")
    path = f"/events/{other}/sign-ups"
    stolen = events.call("manage_events", "GET", path, operator=True, query={"cursor": cursor})
    assert stolen.problem == "bad-cursor"


def test_the_list_for_the_door_is_no_formula(events: Events) -> None:
    event = events.announce(capacity=1)
    events.come(event, "Anna")
    events.ask(event, "Bert", name="=HYPERLINK(1)")
    path = f"/events/{event}/sign-ups/export"
    answer = events.call("manage_events", "GET", path, operator=True)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="sign-ups-{event}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.body)))
    assert [(row["name"], row["state"], row["number"]) for row in rows] == [
        ("Anna", "seated", "1"),
        ("'=HYPERLINK(1)", "asked", ""),
    ]
    few = events.call("manage_events", "GET", path, operator=True, query={"state": "seated"})
    assert len(few.body.splitlines()) == 2


def test_operators_take_a_guest_off_the_list(events: Events) -> None:
    event = events.announce(capacity=1)
    for name in ("Anna", "Bert"):
        events.come(event, name)
    (anna,) = events.listed(event, state="seated")
    path = f"/events/{event}/sign-ups/{anna['id']}"
    assert events.call("manage_events", "DELETE", path, operator=True).status == 204
    assert events.call("manage_events", "DELETE", path, operator=True).problem == "not-found"
    assert events.states(event) == {"Bert": "seated"}


def test_a_person_is_handed_out_and_erased_by_address_or_member(events: Events) -> None:
    event, other = events.announce(capacity=1), events.announce(title="Another")
    events.pool.people[MEMBER] = {"email": address("Bea"), "email_verified": "true"}
    events.come(event, "Anna")
    events.come(event, "Bea")
    events.join(other, MEMBER)

    by_address = events.privacy("export", email="BEA@honey.example")["documents"]["sign_ups"]
    assert {found["title"]: found["state"] for found in by_address} == {
        "Honey tasting": "waiting",
        "Another": "seated",
    }
    by_member = events.privacy("export", member=MEMBER)["documents"]["sign_ups"]
    assert [(found["title"], found["email"]) for found in by_member] == [("Another", address("Bea"))]
    assert events.privacy("export", member=OTHER)["documents"] == {}

    assert events.privacy("erase", email=address("Anna")) == {"erased": 1, "kept": []}
    assert events.states(event) == {"Bea": "seated"}, "the seat goes to whoever waited"
    assert events.privacy("erase", email=address("Bea"), member=MEMBER)["erased"] == 2
    assert events.privacy("erase", email=address("Bea"), member=MEMBER)["erased"] == 0
    kept = str(events.items())
    assert not [name for name in ("Anna", "anna", "Bea", "bea@", MEMBER) if name in kept]
    assert events.get(event)["seats_left"] == 1

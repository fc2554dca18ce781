"""Guests and members sign up, confirm, wait, move up and leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.lambdas.events_module.events_api import START, Events, address
from tests.lambdas.functions import MEMBER, NOW

OTHER = "7a2d8b4f-0000-4000-8000-00000000beef"


def test_a_guest_confirms_and_has_a_seat(events: Events) -> None:
    event = events.announce()
    answer = events.ask(event, "Beate")
    assert (answer.status, answer.body) == (202, None)
    assert events.get(event)["seats_left"] == 1, "a seat is held until the letter is answered"
    events.stream()
    assert events.mailbox.subjects(address("Beate")) == ["Please confirm: Honey tasting"]
    letter = events.mailbox.last(address("Beate"))
    assert "Beate" not in letter.replace(address("Beate"), ""), (
        "nobody has letters with their words sent to others"
    )
    assert f"https://kasper.live/events/#confirm.{event}." in letter

    token = events.mailbox.token(address("Beate"))
    answer = events.confirm(event, token)
    assert (answer.status, answer.body) == (200, {"event": event, "state": "seated", "position": None})
    assert events.get(event)["seats_left"] == 1
    assert events.confirm(event, token).body == answer.body, "said twice, it is done once"
    events.stream()
    events.stream()
    assert events.mailbox.subjects(address("Beate"))[1:] == ["You are in: Honey tasting"]
    assert "SUMMARY:Honey tasting" in (events.mailbox.attached(address("Beate")) or "")


def test_who_comes_when_it_is_full_waits_and_moves_up_in_order(events: Events) -> None:
    event = events.announce(capacity=1)
    names = ["Anna", "Bert", "Cleo", "Dora"]
    assert [events.come(event, name) for name in names] == ["seated", "waiting", "waiting", "waiting"]
    shown = events.get(event)
    assert (shown["seats_left"], shown["waiting"]) == (0, 3)
    cleo = events.mailbox.token(address("Cleo"))
    assert events.confirm(event, cleo).body["position"] == 2

    assert events.leave(event, events.mailbox.token(address("Anna"))).status == 204
    assert events.states(event) == {"Bert": "seated", "Cleo": "waiting", "Dora": "waiting"}
    events.stream()
    assert events.mailbox.subjects(address("Bert"))[-1] == "A seat for you: Honey tasting"
    assert events.leave(event, cleo).status == 204
    assert events.leave(event, events.mailbox.token(address("Bert"))).status == 204
    assert events.states(event) == {"Dora": "seated"}
    assert events.leave(event, cleo).problem == "not-found"


def test_nobody_jumps_the_line_while_a_seat_waits_for_its_owner(events: Events) -> None:
    from events.handlers.manage_events import sign_ups

    event = events.announce(capacity=1)
    for name in ("Anna", "Bert"):
        events.come(event, name)
    anna = sign_ups.of_address(event, address("Anna"))
    assert anna
    assert sign_ups.forget(anna)  # and whoever did that breaks off before Bert moves up
    assert events.get(event)["seats_left"] == 0
    assert events.come(event, "Cleo") == "waiting"
    events.schedule()
    assert events.states(event) == {"Bert": "seated", "Cleo": "waiting"}


def test_what_was_decided_on_old_counters_is_decided_anew(events: Events) -> None:
    from events.handlers.manage_events import events as table
    from events.handlers.manage_events import sign_ups
    from events.members import Contact

    event = events.announce(capacity=1)
    empty = table.expect(event)
    for name in ("Anna", "Bert"):
        events.come(event, name)
    late = sign_ups.join(empty, MEMBER, Contact("Cleo", address("Cleo")), events.now)
    assert (late.state, sign_ups.position(late)) == ("waiting", 2)
    anna = sign_ups.of_address(event, address("Anna"))
    assert anna
    assert sign_ups.forget(anna)
    later = sign_ups.join(empty, OTHER, Contact("Dora", address("Dora")), events.now)
    assert (later.state, sign_ups.position(later)) == ("waiting", 3), "the seat is for those in line"
    full = table.expect(event)
    sign_ups.move_up(event, events.now)
    for name in ("Bert", "Cleo", "Dora"):
        gone = sign_ups.of_address(event, address(name))
        assert gone
        assert sign_ups.leave(gone, events.now)
    eve = sign_ups.join(full, MEMBER, Contact("Eve", address("Eve")), events.now)
    assert eve.state == "seated", "nobody waits for a seat that is free"


def test_who_wants_no_letters_is_not_sent_the_next_one(events: Events) -> None:
    event = events.announce()
    events.ask(event, "Anna")
    events.stream()
    assert events.leave(event, events.mailbox.token(address("Anna"))).status == 204
    events.ask(event, "Anna")
    events.stream()
    assert len(events.mailbox.sent) == 1


def test_who_leaves_can_come_again_at_the_end_of_the_line(events: Events) -> None:
    event = events.announce(capacity=1)
    for name in ("Anna", "Bert"):
        events.come(event, name)
    old = events.mailbox.token(address("Anna"))
    events.leave(event, old)
    assert events.come(event, "Anna") == "waiting"
    assert events.confirm(event, old).problem == "not-found", "a token is good for one sign-up"


def test_a_seat_that_nobody_confirms_is_freed(events: Events) -> None:
    event = events.announce(capacity=1)
    events.ask(event, "Anna")
    events.stream()
    token = events.mailbox.token(address("Anna"))
    assert events.come(event, "Bert") == "waiting"

    events.now = NOW + timedelta(minutes=59)
    events.schedule()
    assert events.states(event) == {"Anna": "held", "Bert": "waiting"}
    events.now = NOW + timedelta(minutes=60)
    assert events.confirm(event, token).problem == "not-found"
    events.schedule()
    assert events.states(event) == {"Bert": "seated"}
    assert events.mailbox.subjects(address("Bert"))[-1] == "A seat for you: Honey tasting"
    assert address("Anna") not in str(events.items())


def test_a_hold_that_is_over_does_not_keep_its_owner_from_asking_again(events: Events) -> None:
    event = events.announce(capacity=1)
    events.ask(event, "Anna")
    events.stream()
    events.now = NOW + timedelta(hours=1)
    assert events.come(event, "Anna") == "seated"
    assert events.get(event)["seats_left"] == 0


def test_a_seat_given_back_meanwhile_is_for_whoever_confirms(events: Events) -> None:
    event = events.announce(capacity=1)
    events.come(event, "Anna")
    events.ask(event, "Bert")
    events.leave(event, events.mailbox.token(address("Anna")))
    events.stream()
    assert events.states(event) == {"Bert": "asked"}
    answer = events.confirm(event, events.mailbox.token(address("Bert")))
    assert answer.body["state"] == "seated"


def test_without_a_capacity_everybody_has_a_seat(events: Events) -> None:
    event = events.announce(capacity=None)
    assert {events.come(event, f"Guest{number}") for number in range(5)} == {"seated"}
    assert events.get(event)["seats_left"] is None


def test_what_was_held_until_the_end_is_forgotten_too(events: Events) -> None:
    end = START + timedelta(hours=2)
    event = events.announce(sign_up_until=end.isoformat())
    events.now = end - timedelta(minutes=10)
    events.ask(event, "Anna")
    events.now = end + timedelta(minutes=50)
    events.schedule()
    assert address("Anna") not in str(events.items())
    assert events.mailbox.sent == []


def test_one_address_signs_up_once_and_gets_its_letter_again_after_an_hour(events: Events) -> None:
    event = events.announce()
    events.come(event, "Anna")
    assert events.ask(event, "Anna", email="ANNA@honey.example").status == 202
    events.stream()
    assert len(events.mailbox.sent) == 2
    events.now = NOW + timedelta(hours=1)
    assert events.ask(event, "Anna").status == 202
    events.stream()
    assert events.mailbox.subjects(address("Anna"))[2:] == ["You are in: Honey tasting"]
    assert events.get(event)["seats_left"] == 1


def test_no_address_is_buried_in_letters(events: Events) -> None:
    for number in range(8):
        event = events.announce(title=f"Evening {number}")
        for _ in range(3):
            assert events.ask(event, "Anna", ip=f"192.0.2.{number}").status == 202
    events.stream()
    assert len(events.mailbox.subjects(address("Anna"))) == 5


def test_a_visitor_signs_up_a_few_people_an_hour(events: Events) -> None:
    event = events.announce(capacity=None)
    answers = [events.ask(event, f"Guest{number}", ip="192.0.2.1") for number in range(11)]
    assert [answer.status for answer in answers] == [202] * 10 + [429]
    assert (answers[-1].problem, answers[-1].headers["Retry-After"]) == ("too-many", "3600")


def test_programs_do_not_sign_up(events: Events) -> None:
    event = events.announce()
    assert events.ask(event, "Anna", website="spam").status == 202
    agent = {"user-agent": "curl/8"}

    def change(sent: dict[str, Any]) -> None:
        sent["requestContext"]["http"]["userAgent"] = agent["user-agent"]

    body = {"name": "Anna", "email": address("Anna")}
    path = f"/events/{event}/sign-ups"
    assert events.call("sign_up_guests", "POST", path, body, change=change).problem == "automated"
    assert events.listed(event) == []


@pytest.mark.parametrize("token", ["", "x", "0" * 26, f"{'0' * 26}.{'A' * 43}", "\ud800.x"])
def test_only_the_letters_token_opens_a_sign_up(events: Events, token: str) -> None:
    event = events.announce()
    events.come(event, "Anna")
    assert events.confirm(event, token).problem == "not-found"
    assert events.leave(event, token).problem == "not-found"
    assert events.states(event) == {"Anna": "seated"}


def test_a_token_is_good_for_its_own_event_only(events: Events) -> None:
    event, other = events.announce(), events.announce(title="Another")
    events.come(event, "Anna")
    assert events.leave(other, events.mailbox.token(address("Anna"))).problem == "not-found"


@pytest.mark.parametrize(
    ("fields", "later", "problem"),
    [
        ({"members_only": True}, timedelta(), "members-only"),
        ({"sign_up_until": (NOW + timedelta(hours=1)).isoformat()}, timedelta(hours=2), "sign-up-closed"),
        ({}, START - NOW + timedelta(seconds=1), "sign-up-closed"),
        ({}, START - NOW + timedelta(days=1), "sign-up-closed"),
    ],
    ids=["members only", "closed", "begun", "over"],
)
def test_who_cannot_sign_up_is_told_why(
    events: Events, fields: dict[str, Any], later: timedelta, problem: str
) -> None:
    event = events.announce(**fields)
    events.now = NOW + later
    assert events.ask(event, "Anna").problem == problem
    assert events.listed(event) == []


def test_nobody_signs_up_for_what_is_cancelled(events: Events) -> None:
    event = events.announce()
    events.ask(event, "Anna")
    events.stream()
    events.cancel(event)
    assert events.ask(event, "Bert").problem == "event-cancelled"
    assert events.confirm(event, events.mailbox.token(address("Anna"))).problem == "event-cancelled"
    assert events.ask("0" * 13, "Bert").problem == "not-found"


def test_a_member_signs_up_by_token_alone(events: Events) -> None:
    event = events.announce(members_only=True)
    events.pool.people[MEMBER] = {
        "email": "bea@honey.example", "email_verified": "true", "preferred_username": "Bea",
    }  # fmt: skip
    assert events.join(event, MEMBER, "GET").problem == "not-found"
    answer = events.join(event, MEMBER)
    assert (answer.status, answer.body) == (200, {"event": event, "state": "seated", "position": None})
    assert events.join(event, MEMBER).body == events.join(event, MEMBER, "GET").body == answer.body
    events.stream()
    assert events.mailbox.subjects("bea@honey.example") == ["You are in: Honey tasting"]
    (listed,) = events.listed(event)
    assert (listed["name"], listed["member"]) == ("Bea", MEMBER)
    assert events.join(event, MEMBER, "DELETE").status == 204
    assert events.join(event, MEMBER, "DELETE").problem == "not-found"
    assert events.get(event)["seats_left"] == 2


def test_a_member_leaves_by_the_letters_link_too(events: Events) -> None:
    event = events.announce()
    events.pool.people[MEMBER] = {"email": "bea@honey.example", "email_verified": "true"}
    events.join(event, MEMBER)
    events.stream()
    assert events.leave(event, events.mailbox.token("bea@honey.example")).status == 204
    assert events.join(event, MEMBER, "GET").problem == "not-found"


def test_a_members_seat_as_a_guest_becomes_their_own(events: Events) -> None:
    event = events.announce()
    events.pool.people[MEMBER] = {"email": address("Bea"), "email_verified": "true"}
    events.come(event, "Bea")
    assert events.join(event, MEMBER).body["state"] == "seated"
    (listed,) = events.listed(event)
    assert listed["member"] == MEMBER
    assert events.get(event)["seats_left"] == 1


def test_what_somebody_typed_does_not_keep_a_member_out(events: Events) -> None:
    event = events.announce(capacity=1)
    events.pool.people[MEMBER] = {"email": address("Bea"), "email_verified": "true"}
    events.ask(event, "Bea")
    assert events.join(event, MEMBER).body["state"] == "seated"
    assert len(events.listed(event)) == 1


def test_members_whose_address_is_not_their_own_yet_wait_for_that(events: Events) -> None:
    event = events.announce()
    events.pool.people[MEMBER] = {"email": "bea@honey.example", "email_verified": "false"}
    assert events.join(event, MEMBER).problem == "address-not-verified"
    assert events.join(event, OTHER).problem == "signed-out", "whose account is gone"
    assert events.listed(event) == []


def test_guests_are_forgotten_ninety_days_after_the_event(events: Events) -> None:
    event = events.announce(capacity=1)
    for name in ("Anna", "Bert"):
        events.come(event, name)
    over = int((START + timedelta(hours=2, days=90)).timestamp())
    personal = ("SIGN_UP#", "WHO#", "LINE#")

    def expiries() -> set[int]:
        found = [item for item in events.items() if item["sk"]["S"].startswith(personal)]
        return {int(item["expires_at"]["N"]) for item in found}

    assert expiries() == {over}
    later = START + timedelta(days=400)
    events.edit(event, starts_at=later.isoformat(), ends_at=(later + timedelta(hours=2)).isoformat())
    events.schedule()
    assert expiries() == {int((later + timedelta(hours=2, days=90)).timestamp())}

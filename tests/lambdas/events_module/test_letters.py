"""Who hears of what, when, and once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.event import Event
from events.letters import Letter, letters_due
from events.sign_up import SignUp, State
from events.texts import Site, text_of, time_of
from tests.lambdas.events_module.events_api import START, Events, address
from tests.lambdas.events_module.test_ical import event_of
from tests.lambdas.functions import COMMON, NOW

HOUR = timedelta(hours=1)
GERMAN = Site("Kasper Kast", "kasper.live", "de", ZoneInfo("Europe/Berlin"))
ENGLISH = Site("Kasper Kast", "kasper.live", "en", ZoneInfo("Europe/Berlin"))


def seated(at: datetime = NOW, **fields: Any) -> SignUp:
    times = {"asked_at": at, "confirmed_at": at, "seated_at": at, "number": 1, "expires_at": 0}
    known = {"id": "s", "event": "0123456789abc", "email": "a@b.example", "state": State.SEATED}
    return SignUp.model_validate({**known, **times, **fields})


def due(event: Event, sign_up: SignUp, now: datetime, hours: tuple[int, ...] = (24, 1)) -> list[Letter]:
    return [found.letter for found in letters_due(event, sign_up, hours, now)]


@pytest.mark.parametrize(
    ("before", "letters"),
    [
        (25 * HOUR, []),
        (24 * HOUR, [Letter.REMINDER]),
        (2 * HOUR, [Letter.REMINDER]),
        (timedelta(), []),
        (-timedelta(hours=3), []),
    ],
    ids=["early", "on time", "late", "begun", "over"],
)
def test_people_are_reminded_from_the_time_on(before: timedelta, letters: list[Letter]) -> None:
    assert due(event_of(), seated(told={"seated"}), START - before) == letters


def test_each_reminder_comes_once_and_the_last_one_alone_when_several_are_late() -> None:
    sign_up = seated(told={"seated"})
    (first,) = letters_due(event_of(), sign_up, (24, 1), START - 5 * HOUR)
    told = {*sign_up.told, first.mark}
    assert due(event_of(), seated(told=told), START - 2 * HOUR) == []
    (second,) = letters_due(event_of(), seated(told=told), (24, 1), START - HOUR)
    assert second.mark != first.mark
    assert due(event_of(), seated(told={*told, second.mark}), START - HOUR / 2) == []
    assert due(event_of(), sign_up, START - HOUR / 2) == [Letter.REMINDER]


def test_who_has_just_got_a_seat_is_not_reminded_of_what_that_letter_said() -> None:
    late = seated(START - 5 * HOUR)
    assert due(event_of(), late, START - 4 * HOUR) == [Letter.SEATED]
    assert due(event_of(), late, START - HOUR) == [Letter.SEATED, Letter.REMINDER]


def test_a_new_time_reminds_anew_unless_it_was_told_after_the_reminders_time() -> None:
    told = {f"reminder#24#{int(START.timestamp())}", "seated", "changed#1"}
    moved = {
        "starts_at": START + timedelta(days=7),
        "ends_at": START + timedelta(days=7, hours=1),
        "moves": 1,
    }
    early = event_of(**moved, moved_at=START - 24 * HOUR)
    assert due(early, seated(told=told), START + timedelta(days=6)) == [Letter.REMINDER]
    late = event_of(**moved, moved_at=START + timedelta(days=6, hours=1))
    assert due(late, seated(told=told), START + timedelta(days=6, hours=2)) == []


@given(
    st.integers(-400, 400), st.integers(0, 400), st.lists(st.integers(1, 336), max_size=3), st.booleans(),
    st.booleans(), st.sampled_from(State),
)  # fmt: skip
def test_nobody_gets_a_letter_twice_and_who_has_not_confirmed_gets_only_the_first(
    hours: int, asked: int, reminders: list[int], is_cancelled: bool, is_moved: bool, state: State
) -> None:
    event = event_of(
        cancelled_at=NOW if is_cancelled else None, moved_at=NOW if is_moved else None, moves=int(is_moved)
    )
    now, at = START + hours * HOUR, START - asked * HOUR
    confirmed = state in (State.SEATED, State.WAITING)
    sign_up = seated(
        at,
        state=state,
        confirmed_at=at if confirmed else None,
        seated_at=at if state is State.SEATED else None,
        hold_until=at + HOUR,
    )
    found = list(letters_due(event, sign_up, reminders, now))
    marks = [letter.mark for letter in found]
    assert len(set(marks)) == len(marks)
    again = sign_up.model_copy(update={"told": frozenset(marks)})
    assert list(letters_due(event, again, reminders, now)) == []
    if not confirmed:
        assert set(marks) <= {"confirm"}
    if now >= event.ends_at:
        assert marks == []
    if is_cancelled:
        assert set(marks) <= {"cancelled"}
    if state is not State.SEATED:
        assert not [mark for mark in marks if mark.startswith("reminder")]


@pytest.mark.parametrize("site", [ENGLISH, GERMAN], ids=["en", "de"])
@pytest.mark.parametrize("letter", Letter)
def test_every_letter_can_be_left_by_and_says_when_and_where(letter: Letter, site: Site) -> None:
    text = text_of(letter, event_of(title="{facts} {0}", place=None), "token", site)
    assert "https://kasper.live/events/#leave.0123456789abc.token\n" in text.body
    assert ("#confirm.0123456789abc.token\n" in text.body) == (letter is Letter.CONFIRM)
    assert time_of(event_of(), site) in text.body
    assert "https://kasper.live/\n" in text.body
    assert "{facts} {0}" in text.subject
    assert text.body.endswith("\n\nKasper Kast\n")


def test_the_time_is_told_in_the_creators_zone_whatever_season_it_is() -> None:
    assert time_of(event_of(), ENGLISH) == "Saturday, 30 May 2026, 14:00 – 16:00 (Europe/Berlin)"
    winter = START.replace(month=12, day=31, hour=22)
    night = event_of(starts_at=winter, ends_at=winter + 4 * HOUR)
    assert time_of(night, GERMAN) == (
        "Donnerstag, 31. Dezember 2026, 23:00 – Freitag, 1. Januar 2027, 03:00 Uhr (Europe/Berlin)"
    )


def test_reminders_go_out_on_time_and_once(events: Events) -> None:
    event = events.announce(capacity=1)
    for name in ("Anna", "Bert"):
        events.come(event, name)
    for before in (25, 24, 23, 2, 1, 0.5, 0):
        events.now = START - timedelta(hours=before)
        events.schedule()
    assert events.mailbox.subjects(address("Anna"))[2:] == ["Coming up: Honey tasting"] * 2
    assert events.mailbox.subjects(address("Bert"))[2:] == [], "who waits has nothing to come to"


def test_everybody_hears_once_that_an_event_is_cancelled(events: Events) -> None:
    event = events.announce(capacity=1)
    for name in ("Anna", "Bert"):
        events.come(event, name)
    events.ask(event, "Cleo")
    events.stream()
    assert events.cancel(event).body["cancelled"] is True
    assert events.cancel(event).status == 200
    for _ in range(2):
        events.stream()
        events.schedule()
    for name in ("Anna", "Bert"):
        assert events.mailbox.subjects(address(name))[2:] == ["Cancelled: Honey tasting"]
    assert "STATUS:CANCELLED" in (events.mailbox.attached(address("Anna")) or "")
    assert len(events.mailbox.subjects(address("Cleo"))) == 1, "who never confirmed hears nothing"


def test_a_new_time_is_told_once_and_another_text_is_not(events: Events) -> None:
    event = events.announce()
    events.come(event, "Anna")
    events.now = NOW + HOUR
    events.edit(event, description="Doors open at 18:30.")
    events.stream()
    assert len(events.mailbox.subjects(address("Anna"))) == 2
    later = {"starts_at": (START + HOUR).isoformat(), "ends_at": (START + 3 * HOUR).isoformat()}
    assert events.edit(event, **later).status == 200
    events.now = NOW + 2 * HOUR
    assert events.come(event, "Bert") == "seated"
    events.schedule()
    assert events.mailbox.subjects(address("Anna"))[2:] == ["New time or place: Honey tasting"]
    assert "17:00 (Europe/Berlin)" in events.mailbox.last(address("Anna"))
    assert "SEQUENCE:2" in (events.mailbox.attached(address("Anna")) or "")
    assert len(events.mailbox.subjects(address("Bert"))) == 2, "who came after that has heard of it"


def test_what_cannot_be_sent_goes_out_when_it_can(events: Events) -> None:
    event = events.announce()
    events.mailbox.refuses = "MessageRejected"
    events.ask(event, "Anna")
    for _ in range(3):  # the stream tells of what the try itself has written, too
        events.stream()
    assert events.mailbox.tried == 1
    events.mailbox.refuses = ""
    events.now = NOW + timedelta(minutes=15)
    events.schedule()
    assert events.mailbox.subjects(address("Anna")) == ["Please confirm: Honey tasting"]


def test_a_fault_of_the_mail_service_is_told_and_loses_nothing(events: Events) -> None:
    from shared.background import BackgroundError

    event = events.announce()
    events.mailbox.refuses = "TooManyRequestsException"
    events.ask(event, "Anna")
    with pytest.raises(BackgroundError, match=r"^ClientError$"):
        events.stream()
    events.stream()
    assert events.mailbox.tried == 1
    events.mailbox.refuses = ""
    events.now = NOW + timedelta(minutes=15)
    events.schedule()
    assert len(events.mailbox.sent) == 1


def test_a_run_sends_no_more_than_it_has_time_for(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    from events.handlers import tend_events

    monkeypatch.setattr(tend_events, "PER_RUN", 2)
    event = events.announce(capacity=None)
    for name in ("Anna", "Bert", "Cleo"):
        events.ask(event, name)
    events.schedule()
    assert len(events.mailbox.sent) == 2
    events.schedule()
    assert len(events.mailbox.sent) == 3


def test_letters_are_in_the_creators_language(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    from events.handlers import tend_events

    monkeypatch.setitem(COMMON, "CREATOR_LANGUAGE", "de")
    tend_events._site.cache_clear()
    try:
        events.come(events.announce(), "Anna")
    finally:
        tend_events._site.cache_clear()
    assert events.mailbox.subjects(address("Anna")) == [
        "Bitte bestätigen: Honey tasting",
        "Du bist dabei: Honey tasting",
    ]

"""What is written as iCalendar says the same to a program that reads iCalendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from events.event import Event
from events.ical import calendar_of
from tests.lambdas.events_module.events_api import NEW, START, Events
from tests.lambdas.functions import NOW

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters='\n\t;,\\:"'), max_size=300
)
MOMENTS = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def event_of(**fields: Any) -> Event:
    times = {"starts_at": START, "ends_at": START + timedelta(hours=2), "sign_up_until": START}
    made = {"created_at": NOW, "updated_at": NOW, "version": 1, "members_only": False}
    return Event.model_validate({**NEW, "id": "0123456789abc", **times, **made, **fields})


def read(text: str) -> list[Any]:
    """The events of a calendar, as the library reads them."""
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


@given(title=TEXTS, description=TEXTS, place=TEXTS.filter(bool), starts_at=MOMENTS)
def test_whatever_is_written_is_read_as_it_was_meant(
    title: str, description: str, place: str, starts_at: datetime
) -> None:
    event = event_of(
        title=title,
        description=description,
        place=place,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(1),
    )
    text = calendar_of([event, event], name="Kasper Kast", domain="kasper.live")
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any("\n" in line or "\r" in line for line in lines)
    assert text.endswith("END:VCALENDAR\r\n")
    assert icalendar.Calendar.from_ical(text)["NAME"] == "Kasper Kast"
    found, _ = read(text)
    assert (str(found["SUMMARY"]), str(found["DESCRIPTION"])) == (title, description)
    assert (str(found["LOCATION"]), str(found["UID"])) == (place, "0123456789abc@kasper.live")
    assert found["DTSTART"].dt == starts_at
    assert found["DTEND"].dt == starts_at + timedelta(1)


def test_controls_are_no_part_of_a_line() -> None:
    text = calendar_of([event_of(title="a\r\nb\x00c\x0bd\u2028e")], name="", domain="kasper.live")
    assert str(read(text)[0]["SUMMARY"]) == "a\nbc\nd\ne"


def test_a_change_counts_up_and_a_cancelled_event_stays_in_the_feed(events: Events) -> None:
    event = events.announce(place=None)
    feed = events.call("get_programme", "GET", "/events.ics")
    assert feed.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (before,) = read(feed.body)
    assert (before["SEQUENCE"], before["STATUS"]) == (0, "CONFIRMED")
    assert before["LOCATION"] == "https://kasper.live/"
    assert before["URL"] == f"https://kasper.live/events/#{event}"

    events.now = NOW + timedelta(minutes=5)
    events.edit(event, title="Mead tasting")
    events.cancel(event)
    (after,) = read(events.call("get_programme", "GET", "/events.ics").body)
    assert (after["UID"], after["SUMMARY"]) == (before["UID"], "Mead tasting")
    assert (after["SEQUENCE"], after["STATUS"]) == (2, "CANCELLED")
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt == NOW + timedelta(minutes=5)
    assert after["CREATED"].dt == NOW


def test_the_feed_has_the_last_month_and_all_that_comes(events: Events) -> None:
    for days in (10, 30, 60):
        starts = NOW + timedelta(days=days)
        events.announce(
            title=f"{days}", starts_at=starts.isoformat(), ends_at=(starts + timedelta(hours=1)).isoformat()
        )
    events.now = NOW + timedelta(days=41)
    feed = events.call("get_programme", "GET", "/events.ics")
    assert [str(event["SUMMARY"]) for event in read(feed.body)] == ["30", "60"]


def test_one_event_can_be_had_alone(events: Events) -> None:
    event = events.announce()
    events.announce(title="Another")
    answer = events.call("get_programme", "GET", f"/events/{event}/calendar.ics")
    assert [str(found["SUMMARY"]) for found in read(answer.body)] == ["Honey tasting"]
    assert answer.headers["Content-Disposition"] == f'inline; filename="{event}.ics"'
    assert events.call("get_programme", "GET", "/events/nothing/calendar.ics").problem == "not-found"

"""An event: as it is sent in, as it is kept, and as it is shown."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from events.limits import KEEP_GUESTS
from events.problems import event_cancelled, event_changed, event_over, sign_up_closed
from events.seating import Seats
from shared.fields import PlainLines, PlainText
from shared.problems import invalid

MAX_CAPACITY = 10_000
MAX_DURATION = timedelta(days=31)
_MAX_AHEAD = timedelta(days=366 * 3)

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def _moment(value: object) -> object:
    # pydantic would read seconds since 1970, too.
    if not isinstance(value, str):
        return value
    with suppress(ValueError, OverflowError):
        if _RFC_3339.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC).replace(microsecond=0)
    raise ValueError("must be a moment with its offset such as 2026-06-05T20:00:00+02:00")


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A moment with its offset (RFC 3339); kept in UTC, in whole seconds."""

Version = Annotated[int, Field(ge=1, le=1_000_000_000)]
"""Counts an event's changes."""


class Value(BaseModel):
    """A frozen model that takes no members besides its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewEvent(Value):
    """An event as it is announced.

    Args:
        place: where people meet; left out, it is streamed on the creator's site.
        capacity: how many seats there are; left out, as many as anyone wants.
        sign_up_until: the last moment to sign up; left out, the start.
        members_only: guests see it and cannot sign up.
    """

    title: PlainText = Field(max_length=120)
    description: PlainLines = Field(max_length=4_000)
    starts_at: Moment
    ends_at: Moment
    place: PlainText | None = Field(default=None, max_length=200)
    capacity: int | None = Field(default=None, ge=1, le=MAX_CAPACITY)
    sign_up_until: Moment | None = None
    members_only: bool = False


class Edit(NewEvent):
    """New content of the event that the editor saw."""

    version: Version


class Cancellation(Value):
    """The event that the editor saw does not take place."""

    version: Version


class Event(Value):
    """An event as it is kept.

    Args:
        sign_up_until: the last moment to sign up.
        version: counts changes, and with them the calendar's SEQUENCE.
        moves: how often time or place have changed.
        moved_at: when they did last.
        taken: seats that somebody has, or that are held for somebody.
        waiting: how many wait for a seat.
    """

    id: str
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    place: str | None = None
    capacity: int | None = None
    sign_up_until: datetime
    members_only: bool
    version: int
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    moved_at: datetime | None = None
    moves: int = 0
    taken: int = 0
    waiting: int = 0

    @property
    def seats(self) -> Seats:
        """Its counters."""
        return Seats(self.capacity, self.taken, self.waiting)

    @property
    def guests_until(self) -> datetime:
        """When its guests are forgotten."""
        return self.ends_at + KEEP_GUESTS


class ShownEvent(Value):
    """An event as everybody sees it.

    Args:
        place: where people meet; null where it is streamed on the site.
        capacity: how many seats there are; null is without limit.
        seats_left: seats for whoever signs up now; null is without limit, and with 0 one waits.
        waiting: how many wait for a seat.
        cancelled: it does not take place.
    """

    id: str
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    capacity: int | None
    seats_left: int | None
    waiting: int
    sign_up_until: datetime
    members_only: bool
    cancelled: bool
    version: int
    updated_at: datetime


class Programme(Value):
    """A page of events; the last one has no `next_cursor`."""

    events: tuple[ShownEvent, ...]
    next_cursor: str | None


def announce(new: NewEvent, *, event_id: str, now: datetime) -> Event:
    """A new event.

    Raises:
        ProblemError: 422, its times do not fit together.
    """
    _check_times(new, now)
    return Event(id=event_id, **_content(new), version=1, created_at=now, updated_at=now)


def edit(event: Event, wanted: Edit, *, now: datetime) -> Event:
    """The event with new content.

    Raises:
        ProblemError: 409, it was changed, was cancelled or is over; 422, its times do not fit together.
    """
    _expect(event, wanted.version)
    if event.cancelled_at:
        raise event_cancelled()
    if event.ends_at <= now:
        raise event_over()
    _check_times(wanted, now)
    made = event.model_copy(update=_content(wanted))
    if made == event:
        return event
    update: dict[str, object] = {"version": event.version + 1, "updated_at": now}
    if (made.starts_at, made.ends_at, made.place) != (event.starts_at, event.ends_at, event.place):
        update |= {"moved_at": now, "moves": event.moves + 1}
    return made.model_copy(update=update)


def cancel(event: Event, wanted: Cancellation, *, now: datetime) -> Event:
    """The event, cancelled; said twice, it is done once.

    Raises:
        ProblemError: 409, it was changed or is over.
    """
    if event.cancelled_at:
        return event
    _expect(event, wanted.version)
    if event.ends_at <= now:
        raise event_over()
    return event.model_copy(update={"version": event.version + 1, "updated_at": now, "cancelled_at": now})


def expect_open(event: Event, now: datetime) -> None:
    """Raises 409 where nobody can sign up: it is cancelled, or it is too late."""
    if event.cancelled_at:
        raise event_cancelled()
    if now > event.sign_up_until or now >= event.ends_at:
        raise sign_up_closed()


def expect_ahead(event: Event, now: datetime) -> None:
    """Raises 409 where there is nothing to come to any more: it is cancelled, or over."""
    if event.cancelled_at:
        raise event_cancelled()
    if now >= event.ends_at:
        raise event_over()


def shown(event: Event) -> ShownEvent:
    """What everybody sees of it."""
    seen = {name: getattr(event, name) for name in ShownEvent.model_fields if name in Event.model_fields}
    return ShownEvent(**seen, seats_left=event.seats.left, cancelled=event.cancelled_at is not None)


def _content(new: NewEvent) -> dict[str, object]:
    content = new.model_dump(exclude={"version"})
    return {**content, "sign_up_until": new.sign_up_until or new.starts_at}


def _check_times(new: NewEvent, now: datetime) -> None:
    wrong = []
    if not now < new.ends_at <= now + _MAX_AHEAD:
        wrong.append(("/ends_at", "must be in the future, and within three years"))
    if not new.starts_at < new.ends_at <= new.starts_at + MAX_DURATION:
        wrong.append(("/ends_at", f"must be after starts_at, and no more than {MAX_DURATION.days} days"))
    if new.sign_up_until and new.sign_up_until > new.ends_at:
        wrong.append(("/sign_up_until", "must not be after ends_at"))
    if wrong:
        raise invalid(wrong)


def _expect(event: Event, version: int) -> None:
    if event.version != version:
        raise event_changed(event.version)

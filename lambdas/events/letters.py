"""Which letters somebody is due. Pure.

A letter follows from how the event and the sign-up are, not from what has just happened: whatever keeps one
from being sent, it is due until it is. Its mark is kept with the sign-up, so that nobody gets it twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from events.event import Event
from events.sign_up import SignUp, State


class Letter(StrEnum):
    """What a letter is about."""

    CONFIRM = "confirm"
    SEATED = "seated"
    WAITING = "waiting"
    MOVED_UP = "moved-up"
    REMINDER = "reminder"
    CHANGED = "changed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Due:
    """A letter that somebody has to get.

    Args:
        mark: its name, of which each goes out once.
    """

    letter: Letter
    mark: str


def letters_due(event: Event, sign_up: SignUp, hours: Collection[int], now: datetime) -> Iterator[Due]:
    """Every letter that is called for and was not sent.

    Args:
        event: as it is.
        sign_up: as it is.
        hours: before the start, at which people are reminded.
        now: UTC.
    """
    if now < event.ends_at and (sign_up.retry_at is None or sign_up.retry_at <= now):
        for due in _called_for(event, sign_up, hours, now):
            if due.mark not in sign_up.told:
                yield due


def _called_for(event: Event, sign_up: SignUp, hours: Collection[int], now: datetime) -> Iterator[Due]:
    if sign_up.confirmed_at is None:
        if not event.cancelled_at and not sign_up.is_overdue(now):
            yield Due(Letter.CONFIRM, "confirm")
        return
    if event.cancelled_at:
        yield Due(Letter.CANCELLED, "cancelled")
        return
    if event.moved_at and sign_up.confirmed_at < event.moved_at:
        yield Due(Letter.CHANGED, f"changed#{event.moves}")
    if sign_up.state is State.WAITING:
        standing = Letter.WAITING
    else:
        standing = Letter.MOVED_UP if sign_up.waited else Letter.SEATED
    yield Due(standing, standing.value)
    if sign_up.again_at:
        yield Due(standing, f"again#{int(sign_up.again_at.timestamp())}")
    if sign_up.seated_at and (hour := _reminder(event, sign_up.seated_at, hours, now)):
        yield Due(Letter.REMINDER, f"reminder#{hour}#{int(event.starts_at.timestamp())}")


def _reminder(event: Event, seated_at: datetime, hours: Collection[int], now: datetime) -> int | None:
    """The reminder whose time has come: the last of them, when nobody was there to send the ones before.

    A letter that has told somebody of the time after that does instead of it.
    """
    passed = [hour for hour in hours if event.starts_at - timedelta(hours=hour) <= now]
    if not passed or now >= event.starts_at:
        return None
    told_at = max(seated_at, event.moved_at or seated_at)
    hour = min(passed)
    return hour if told_at < event.starts_at - timedelta(hours=hour) else None

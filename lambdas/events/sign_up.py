"""A sign-up: as it is sent in, as it is kept, and as it is shown to whom."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from events.event import Value
from shared.fields import EmailAddress, PlainText


class State(StrEnum):
    """Where somebody is on the way to a seat.

    The first two have not shown yet that the address is theirs; for HELD a seat is kept meanwhile.
    """

    ASKED = "asked"
    HELD = "held"
    SEATED = "seated"
    WAITING = "waiting"


CONFIRMED = frozenset({State.SEATED, State.WAITING})
WITH_SEAT = frozenset({State.HELD, State.SEATED})


class Guest(Value):
    """What a guest sends.

    Args:
        website: a field that the page hides: people leave it empty, programs fill it in.
    """

    name: PlainText = Field(max_length=80)
    email: EmailAddress
    website: str = Field(default="", max_length=2048)


class SignUp(Value):
    """Somebody who wants to come, as it is kept.

    Args:
        event: id of the event.
        name: that a guest typed, or by which a member is seen; None where a member has none.
        email: where letters go.
        member: id in the user pool.
        number: counts confirmations; who waits moves up by it.
        asked_at: when they signed up.
        hold_until: the last moment to confirm.
        seated_at: when they got their seat for good.
        waited: they moved up from the waiting list.
        again_at: when they signed up once more, and want their letter again.
        told: marks of the letters that were sent.
        retry_at: when a letter that could not be sent is tried again, and no other before it.
        expires_at: when it is forgotten, seconds since 1970.
    """

    id: str
    event: str
    state: State
    name: str | None = None
    email: str
    member: str | None = None
    number: int | None = None
    asked_at: datetime
    hold_until: datetime | None = None
    confirmed_at: datetime | None = None
    seated_at: datetime | None = None
    waited: bool = False
    again_at: datetime | None = None
    told: frozenset[str] = frozenset()
    retry_at: datetime | None = None
    expires_at: int

    @property
    def is_confirmed(self) -> bool:
        """Whether the address is shown to be theirs."""
        return self.state in CONFIRMED

    def is_overdue(self, now: datetime) -> bool:
        """Whether the time to confirm is over."""
        return self.hold_until is not None and not self.is_confirmed and self.hold_until <= now


class ShownSignUp(Value):
    """A sign-up as whoever it is about sees it.

    Args:
        state: `seated` or `waiting`.
        position: on the waiting list, from 1; null with a seat.
    """

    event: str
    state: State
    position: int | None


class ListedSignUp(Value):
    """A sign-up as operators see it."""

    id: str
    state: State
    number: int | None
    name: str | None
    email: str
    member: str | None
    asked_at: datetime
    confirmed_at: datetime | None
    seated_at: datetime | None


class SignUpPage(Value):
    """A page of sign-ups; the last one has no `next_cursor`."""

    sign_ups: tuple[ListedSignUp, ...]
    next_cursor: str | None


def listed(sign_up: SignUp) -> ListedSignUp:
    """What operators see of it."""
    return ListedSignUp(**{name: getattr(sign_up, name) for name in ListedSignUp.model_fields})


def seated(sign_up: SignUp, number: int, now: datetime) -> SignUp:
    """The sign-up with its seat, confirmed now."""
    return sign_up.model_copy(
        update={"state": State.SEATED, "number": number, "confirmed_at": now, "seated_at": now}
    )


def queued(sign_up: SignUp, number: int, now: datetime) -> SignUp:
    """The sign-up on the waiting list, confirmed now."""
    return sign_up.model_copy(update={"state": State.WAITING, "number": number, "confirmed_at": now})


def moved_up(sign_up: SignUp, now: datetime) -> SignUp:
    """The sign-up with the seat that it has waited for."""
    return sign_up.model_copy(update={"state": State.SEATED, "seated_at": now, "waited": True})

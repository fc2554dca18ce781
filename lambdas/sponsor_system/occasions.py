"""Which letters a booking's sponsor gets when. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from sponsor_system.lifecycle import status_on
from sponsor_system.model import Booking, CreativeState, Status

LATE_DAYS = 3
"""How late a letter about the calendar may come, when the days' work did not run for a while."""


class Occasion(StrEnum):
    """What a letter is about."""

    RECEIVED = "received"
    CREATIVE_REFUSED = "creative-refused"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    STARTED = "started"
    ENDED = "ended"


_OF_STATUS = {
    Status.APPROVED: Occasion.APPROVED,
    Status.REJECTED: Occasion.REJECTED,
    Status.CANCELLED: Occasion.CANCELLED,
    Status.REFUNDED: Occasion.REFUNDED,
}


def occasion_of(before: Booking | None, after: Booking) -> Occasion | None:
    """What a stored change is about, or None where the sponsor need not know.

    Args:
        before: the booking before it, None where it is new.
        after: the booking after it.
    """
    if before is None:
        return Occasion.RECEIVED
    if before.status is not after.status:
        return _OF_STATUS.get(after.status)
    refused = CreativeState.REFUSED
    if after.creative.state is refused and before.creative.state is not refused:
        return Occasion.CREATIVE_REFUSED
    return None


def occasions_on(booking: Booking, today: date) -> tuple[Occasion, ...]:
    """What the calendar makes of a booking on a day, or made of it on a day shortly before.

    Who was approved on the first day itself was told then.
    """
    last = booking.last
    if booking.status is not Status.APPROVED or last is None:
        return ()
    shown = status_on(booking, today)
    lately = timedelta(days=LATE_DAYS)
    if shown is Status.ACTIVE and today - booking.start_day < lately and last.at.date() < booking.start_day:
        return (Occasion.STARTED,)
    if shown is Status.COMPLETED and today - booking.end_day <= lately:
        return (Occasion.ENDED,)
    return ()

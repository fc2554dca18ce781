"""What of a sponsor's bookings stays when their contact wants to be forgotten, and why. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from shared.privacy import Kept, tax_reason, tax_records_until
from sponsor_system.model import Booking, Status

# Which operator decided tells nothing of the sponsor; nor does how the table keeps the booking.
_NOT_THE_SPONSORS: Mapping[str, Any] = {
    "version": True,
    "history": {"__all__": {"by": True}},
    "refund": {"by": True},
}


def document_of(booking: Booking) -> JsonValue:
    """A booking as its contact gets it."""
    document: JsonValue = booking.model_dump(mode="json", exclude=_NOT_THE_SPONSORS)
    return document


def why_kept(booking: Booking, now: datetime) -> tuple[str, str] | None:
    """What a booking is that has to stay, and why; None where it may go.

    What was approved once is a contract: its price, its refund and who made it belong to the books.

    Args:
        booking: as it is.
        now: the moment of the question.
    """
    if not booking.refund and all(change.status is not Status.APPROVED for change in booking.history):
        return None
    until = tax_records_until(max([booking.end_day, *(change.at.date() for change in booking.history)]))
    if now.date() > until:
        return None
    return "bookings that were approved", tax_reason(until)


def kept_of(bookings: Iterable[Booking], now: datetime) -> tuple[Kept, ...]:
    """What stays of these bookings, by what and why."""
    reasons = Counter(reason for booking in bookings if (reason := why_kept(booking, now)))
    return tuple(Kept(what=what, count=count, why=why) for (what, why), count in sorted(reasons.items()))

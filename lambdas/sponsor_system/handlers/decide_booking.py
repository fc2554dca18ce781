"""What operators do with a booking: approve, reject, cancel, and note that money was given back."""

from __future__ import annotations

from collections.abc import Callable

from shared.api import Api, Call
from shared.callers import Caller
from shared.telemetry import count, logger
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.lifecycle import approve, cancel, refund, reject
from sponsor_system.model import Approval, Booking, Cancellation, RefundNote, Rejection
from sponsor_system.settings import settings
from sponsor_system.views import BookingView, booking_view_of

_UNKNOWN = {404: "There is no such booking."}
_BUSY = {503: "The table is contended; nothing was changed."}

api = Api()
bookings = BookingsTable(settings().sponsors_table)


@api.put(
    "/bookings/{id}/approve",
    by=Caller.OPERATOR,
    refusals={
        **_UNKNOWN,
        409: "Decided already, changed since it was read, over, without a picture, or its days are taken.",
        **_BUSY,
    },
)
def approve_booking(call: Call, body: Approval) -> BookingView:
    """Approve the booking and give it its days, or say who was first."""
    return _decide(call, lambda seen: approve(seen, body, operator=call.operator, now=call.now))


@api.put(
    "/bookings/{id}/reject",
    by=Caller.OPERATOR,
    refusals={**_UNKNOWN, 409: "Decided already, or changed since it was read.", **_BUSY},
)
def reject_booking(call: Call, body: Rejection) -> BookingView:
    """Reject the booking and give its days free, or say who was first."""
    return _decide(call, lambda seen: reject(seen, body, operator=call.operator, now=call.now))


@api.put(
    "/bookings/{id}/cancel",
    by=Caller.OPERATOR,
    refusals={**_UNKNOWN, 409: "Ended already, or changed since it was read.", **_BUSY},
)
def cancel_booking(call: Call, body: Cancellation) -> BookingView:
    """End the booking before its time, even while it runs, and give its days free."""
    return _decide(call, lambda seen: cancel(seen, body, operator=call.operator, now=call.now))


@api.put(
    "/bookings/{id}/refund",
    by=Caller.OPERATOR,
    refusals={**_UNKNOWN, 409: "Not ended yet, refunded already, or changed since it was read.", **_BUSY},
)
def refund_booking(call: Call, body: RefundNote) -> BookingView:
    """Note that money was given back for a booking that was rejected, cancelled or has run."""
    return _decide(call, lambda seen: refund(seen, body, operator=call.operator, now=call.now))


def _decide(call: Call, decision: Callable[[Booking], Booking]) -> BookingView:
    booking = bookings.change(call.path["id"], decision, call.now)
    logger.info("booking decided", booking=booking.id, status=booking.status)
    count(f"Bookings{booking.status.capitalize()}")
    return booking_view_of(booking, call.now.date())


handler = api.handler

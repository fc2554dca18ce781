"""What a sponsor does with a booking of theirs, let in by its token: look, send a picture, take it back."""

from __future__ import annotations

from shared.api import Api, Call
from shared.telemetry import count, logger
from shared.uploads import UploadForm, upload_form
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.creatives import MAX_BYTES, expect_takes_creative, upload_key
from sponsor_system.lifecycle import withdraw
from sponsor_system.model import Booking, CreativeRequest, Withdrawal
from sponsor_system.report import report_of
from sponsor_system.settings import settings
from sponsor_system.stats_table import StatsTable
from sponsor_system.views import OwnBooking, own_booking_of

_UNKNOWN = "There is no such booking, or the Booking-Token is not one of its own."

api = Api()
bookings = BookingsTable(settings().sponsors_table)
stats = StatsTable(settings().stats_table)


@api.get("/bookings/{id}", refusals={404: _UNKNOWN})
def get_own_booking(call: Call) -> OwnBooking:
    """The booking with its state, its price, and what it has brought."""
    return _view(bookings.own(call), call)


@api.post(
    "/bookings/{id}/creative",
    status=201,
    refusals={404: _UNKNOWN, 409: "The booking takes no picture any more."},
)
def ask_for_upload(call: Call, body: CreativeRequest) -> UploadForm:
    """A new form for the picture; what is uploaded takes the place of what was."""
    booking = bookings.own(call)
    expect_takes_creative(booking)
    return upload_form(
        settings().assets_bucket,
        upload_key(booking.id),
        media_type=body.creative_type.value,
        max_bytes=MAX_BYTES,
        now=call.now,
    )


@api.post(
    "/bookings/{id}/cancel",
    refusals={
        404: _UNKNOWN,
        409: "The booking runs or has ended already, or changed since it was read.",
        503: "The table is contended; nothing was changed.",
    },
)
def withdraw_booking(call: Call, body: Withdrawal) -> OwnBooking:
    """Take the booking back and give its days free, as long as it does not run yet."""
    own = bookings.own(call)
    booking = bookings.change(own.id, lambda seen: withdraw(seen, body, now=call.now), call.now)
    logger.info("booking withdrawn", booking=booking.id)
    count("BookingsCancelled")
    return _view(booking, call)


def _view(booking: Booking, call: Call) -> OwnBooking:
    return own_booking_of(booking, report_of(booking.id, stats.days(booking.id)), call.now.date())


handler = api.handler

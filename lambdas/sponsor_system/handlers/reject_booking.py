"""`PUT /bookings/{id}/reject`: a pending booking is turned down with a reason. Operators only."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from shared.api import answer, entry, moment_of, new_api, read_json
from shared.operators import operator_of
from shared.telemetry import count, logger
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.lifecycle import reject
from sponsor_system.model import Rejection
from sponsor_system.settings import settings

app = new_api()
bookings = BookingsTable(settings().sponsors_table)


@app.put("/bookings/<booking_id>/reject")
def reject_booking(booking_id: str) -> Response[str]:
    """Reject the booking, or say who was first."""
    event = app.current_event.raw_event
    operator = operator_of(event, settings().operator_account_id)
    rejection = read_json(event, Rejection)
    now = moment_of(event)
    booking = bookings.decide(booking_id, lambda seen: reject(seen, rejection, operator=operator, now=now))
    logger.info("booking rejected", booking=booking.id)
    count("BookingsRejected")
    return answer(200, booking)


handler = entry(app)

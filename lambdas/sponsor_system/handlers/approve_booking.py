"""`PUT /bookings/{id}/approve`: a pending booking gets its placement. Operators only."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from shared.api import answer, entry, moment_of, new_api, read_json
from shared.operators import operator_of
from shared.telemetry import count, logger
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.lifecycle import approve, status_on
from sponsor_system.model import Approval
from sponsor_system.settings import settings

app = new_api()
bookings = BookingsTable(settings().sponsors_table)


@app.put("/bookings/<booking_id>/approve")
def approve_booking(booking_id: str) -> Response[str]:
    """Approve the booking and hold its days, or say who was first."""
    event = app.current_event.raw_event
    operator = operator_of(event, settings().operator_account_id)
    approval = read_json(event, Approval)
    now = moment_of(event)
    booking = bookings.decide(booking_id, lambda seen: approve(seen, approval, operator=operator, now=now))
    logger.info("booking approved", booking=booking.id)
    count("BookingsApproved")
    shown = status_on(booking, now.date())
    return answer(200, booking.model_copy(update={"status": shown}))


handler = entry(app)

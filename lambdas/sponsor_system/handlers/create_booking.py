"""`POST /bookings`: a sponsor asks for a placement."""

from __future__ import annotations

import secrets

from shared.api import Api, Call
from shared.idempotency import idempotency_of
from shared.telemetry import count, logger
from shared.uploads import upload_form
from sponsor_system import tokens
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.creatives import MAX_BYTES, upload_key
from sponsor_system.lifecycle import open_booking
from sponsor_system.model import Submission
from sponsor_system.settings import settings
from sponsor_system.views import Receipt, receipt_of

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_CHARS = 13

api = Api()
bookings = BookingsTable(settings().sponsors_table)


@api.post(
    "/bookings",
    status=201,
    refusals={
        400: "The Idempotency-Key is not valid.",
        409: "The placement is held or taken on some of the days.",
        503: "Contended.",
    },
)
def create_booking(call: Call, body: Submission) -> Receipt:
    """Keep the booking as pending, hold its days, and answer with its price, its token and an upload form."""
    idempotency = idempotency_of(call, body)
    booking = open_booking(
        body,
        booking_id="".join(secrets.choice(_CROCKFORD) for _ in range(_ID_CHARS)),
        now=call.now,
        rates=settings().rates,
        currency=settings().currency,
        max_days=settings().max_days,
    )
    token = tokens.new_token()
    stored, is_new = bookings.add(booking, token, idempotency, call.now)
    logger.info("booking received", booking=stored.id, placement=stored.placement, new=is_new)
    if is_new:
        count("BookingsReceived")
    form = upload_form(
        settings().assets_bucket,
        upload_key(stored.id),
        media_type=body.creative_type.value,
        max_bytes=MAX_BYTES,
        now=call.now,
    )
    return receipt_of(stored, token, form, call.now.date())


handler = api.handler

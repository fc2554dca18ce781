"""`POST /bookings`: a sponsor asks for a placement. Public."""

from __future__ import annotations

import hashlib
import re
import secrets

from aws_lambda_powertools.event_handler import Response

from shared.api import Event, answer, entry, header, moment_of, new_api, read_json
from shared.problems import ProblemError
from shared.telemetry import count, logger
from sponsor_system.bookings_table import BookingsTable, Idempotency
from sponsor_system.lifecycle import open_booking, status_on
from sponsor_system.model import Submission, receipt_of
from sponsor_system.settings import settings

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_CHARS = 13
_KEY = re.compile(r"[!-~]{8,255}", re.ASCII)

app = new_api()
bookings = BookingsTable(settings().sponsors_table)


@app.post("/bookings")
def create() -> Response[str]:
    """Keep the booking as pending and answer with its price.

    Several pending bookings may want the same days: an operator sees them side by side and decides.
    """
    event = app.current_event.raw_event
    now = moment_of(event)
    submission = read_json(event, Submission)
    idempotency = _idempotency(event, submission)
    booking = open_booking(
        submission,
        booking_id="".join(secrets.choice(_CROCKFORD) for _ in range(_ID_CHARS)),
        now=now,
        rates=settings().rates,
        currency=settings().currency,
        max_days=settings().max_days,
    )
    stored, is_new = bookings.add(booking, idempotency, now)
    logger.info("booking received", booking=stored.id, placement=stored.placement, new=is_new)
    if is_new:
        count("BookingsReceived")
    return answer(201, receipt_of(stored, status_on(stored, now.date())))


def _idempotency(event: Event, submission: Submission) -> Idempotency | None:
    """The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header), or None where there is none."""
    key = header(event, "idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise ProblemError(
            400,
            "bad-idempotency-key",
            "The idempotency key is not valid",
            "Send 8 to 255 visible ASCII characters, such as a UUID.",
        )
    return Idempotency(
        key_digest=hashlib.sha256(key.encode()).hexdigest(),
        fingerprint=hashlib.sha256(submission.model_dump_json().encode()).hexdigest(),
    )


handler = entry(app)

"""In the background: an upload has arrived, is looked at, and becomes the booking's picture or is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from shared.background import background
from shared.images import Refusal, check_image
from shared.problems import ProblemError
from shared.telemetry import count, logger
from shared.uploads import Upload, discard, publish, read_upload, uploads_of
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.creatives import (
    LIMITS,
    MAX_BYTES,
    being_checked,
    booking_of,
    expect_takes_creative,
    media_key,
    with_result,
)
from sponsor_system.model import Booking
from sponsor_system.settings import settings

bookings = BookingsTable(settings().sponsors_table)


def work(event: dict[str, Any], now: datetime) -> None:
    """Check each upload that the bucket tells of, and remove it."""
    for upload in uploads_of(event):
        _check(upload, now)
        discard(upload.bucket, upload.key)


def _check(upload: Upload, now: datetime) -> None:
    """Check one upload; one that is gone was checked before, and one that is late has missed its booking."""
    data = read_upload(upload, MAX_BYTES)
    if data is None:
        return
    booking = _change(upload, being_checked, now)
    if booking is None:
        return
    result = check_image(data, LIMITS[booking.placement])
    key = None
    if not isinstance(result, Refusal):
        key = media_key(booking.id, result)
        publish(upload.bucket, key, result)
    if _change(upload, lambda seen: with_result(seen, result, key), now):
        logger.info("creative checked", booking=booking.id, refusal=None if key else result)
        count("CreativesReady" if key else "CreativesRefused")


def _change(upload: Upload, change: Callable[[Booking], Booking], now: datetime) -> Booking | None:
    """The booking of the upload after a change, or None where it takes no picture (any more)."""

    def changed(seen: Booking) -> Booking:
        expect_takes_creative(seen)
        return change(seen)

    try:
        return bookings.change(booking_of(upload.key) or "", changed, now)
    except ProblemError as problem:
        if problem.name not in ("not-found", "already-decided"):
            raise
        logger.info("creative not wanted", problem=problem.name)
        return None


handler = background(work)

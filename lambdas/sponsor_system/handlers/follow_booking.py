"""In the background: what follows from a stored change, a letter to the sponsor and a picture that goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.background import background
from shared.telemetry import count_fault, log_fault, logger
from shared.uploads import discard
from sponsor_system import tokens
from sponsor_system.bookings_table import booking_of
from sponsor_system.creatives import obsolete_key
from sponsor_system.letters import send_once
from sponsor_system.model import Booking
from sponsor_system.occasions import Occasion, occasion_of
from sponsor_system.settings import settings
from sponsor_system.texts import letter_of


def work(event: dict[str, Any], now: datetime) -> dict[str, list[dict[str, str]]]:
    """Follow the changes in a batch of the table's stream.

    Returns:
        The first record that could not be handled, from which on Lambda sends the batch again.
    """
    for record in event["Records"]:
        try:
            _follow(record["dynamodb"])
        except Exception as error:  # noqa: BLE001 - whatever it is, the records before it are done
            log_fault(error)
            count_fault()
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def _follow(change: dict[str, Any]) -> None:
    if "NewImage" not in change:  # expired
        return
    after = booking_of(change["NewImage"])
    before = booking_of(change["OldImage"]) if "OldImage" in change else None
    occasion = occasion_of(before, after)
    if occasion and send_once(settings().sponsors_table, after, occasion, lambda: _letter(after, occasion)):
        logger.info("letter sent", booking=after.id, occasion=occasion)
    if key := obsolete_key(before, after):
        discard(settings().assets_bucket, key)


def _letter(booking: Booking, occasion: Occasion) -> tuple[str, str]:
    # The token of the answer is not known here any more: the first letter brings one of its own.
    token = tokens.add_token(settings().sponsors_table, booking) if occasion is Occasion.RECEIVED else ""
    return letter_of(occasion, booking, settings(), token=token)


handler = background(work)

"""In the background: who has asked for letters is asked to confirm, once for every request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.composing import confirmation
from newsletter.mailing import Outcome, deliver
from newsletter.secret import keys
from newsletter.settings import settings
from newsletter.subscribers_table import SubscribersTable
from newsletter.tokens import confirm_link
from shared.background import background
from shared.telemetry import count, logger

subscribers = SubscribersTable(settings().newsletter_table)

_LATER = frozenset({Outcome.TOO_FAST, Outcome.QUOTA})


class NotSentError(Exception):
    """SES takes no more mail now."""


def work(event: dict[str, Any], now: datetime) -> None:
    """Write to those that a batch of the table's stream names."""
    for record in event["Records"]:
        _ask(record["dynamodb"]["Keys"]["pk"]["S"].removeprefix("PENDING#"))


def _ask(subscriber_id: str) -> None:
    """Send one mail, unless it was sent. Where it may have been, it is not sent again: one can ask anew."""
    pending = subscribers.take_letter(subscriber_id)
    if pending is None:
        return
    token = keys().token(confirm_link(pending.id, int(pending.asked_at.timestamp())))
    message = confirmation(pending, token, settings())
    outcome = deliver(pending.address, message, {"subscriber": pending.id})
    if outcome in _LATER:
        subscribers.give_letter_back(pending)
        raise NotSentError
    logger.info("asked to confirm", outcome=outcome.value)
    count("ConfirmationsSent" if outcome is Outcome.SENT else "ConfirmationsNotSent")


handler = background(work)

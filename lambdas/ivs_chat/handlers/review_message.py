"""The room asks before it delivers a message: may this be said, by this member, now?

IVS waits 200 ms for the answer and else takes the room's fallback
(https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html). A review is one request to
DynamoDB; every few seconds one more for the room's settings.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

from ivs_chat.review import Refusal, bounds_of, content_refusal
from ivs_chat.review_table import ReviewTable, RoomRules
from ivs_chat.roles import Role
from shared.background import background
from shared.telemetry import count, logger

RULES_HOLD = timedelta(seconds=5)
"""So long a process takes the room's settings for what they were."""

# Not by the settings' model: pydantic would be a good part of the time until the first answer.
table = ReviewTable(os.environ["CHAT_TABLE"])
_known: tuple[datetime, RoomRules] | None = None


def work(event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The answer to IVS: ALLOW, or DENY with the reason that the sender is told."""
    refusal = (
        Refusal.ATTRIBUTES if event.get("Attributes") else _review(event["Content"], event["Sender"], now)
    )
    if refusal is None:
        return {"ReviewResult": "ALLOW", "Content": event["Content"]}
    logger.info("message refused", reason=refusal)
    count("MessagesRefused")
    return {"ReviewResult": "DENY", "Content": event["Content"], "Attributes": {"Reason": refusal.value}}


def _review(text: str, sender: dict[str, Any], now: datetime) -> Refusal | None:
    sender_id, role = sender["UserId"], Role(sender["Attributes"]["role"])
    rules = _rules(now)
    refusal = content_refusal(text, role, rules.blocked)
    if refusal:
        return refusal
    now_ms = int(now.timestamp() * 1000)
    bounds = bounds_of(text, sender_id, role, slow_seconds=rules.slow_seconds, now_ms=now_ms)
    return table.let_speak(sender_id, bounds, now_ms)


def _rules(now: datetime) -> RoomRules:
    global _known
    if _known is None or now - _known[0] >= RULES_HOLD:
        _known = (now, table.rules())
    return _known[1]


handler = background(work)

"""Bounces and complaints as SES tells them, and what they mean. Time is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from newsletter.model import BlockReason, SubscriberId

SOFT_BOUNCES = 3
WITHIN = timedelta(days=30)
"""So many soft bounces in this time are as good as a hard one."""

_ID: TypeAdapter[str] = TypeAdapter(SubscriberId)
_LETTER_CHARS = 24


class Kind(StrEnum):
    """What happened to a mail; the value is the figure that counts it."""

    HARD = "bounced"
    SOFT = "soft_bounced"
    COMPLAINT = "complained"

    @property
    def blocks_for(self) -> BlockReason | None:
        """Why the address is blocked at once, or None."""
        reasons = {Kind.HARD: BlockReason.BOUNCED, Kind.COMPLAINT: BlockReason.COMPLAINED}
        return reasons.get(self)


@dataclass(frozen=True, slots=True)
class Feedback:
    """A bounce or a complaint.

    Args:
        subscriber: whose mail it was.
        letter: the letter's id; None for one that asked for confirmation.
        id: SES' own; the same event may come twice.
    """

    kind: Kind
    subscriber: str
    letter: str | None
    id: str


def feedback_of(detail: Mapping[str, Any]) -> Feedback | None:
    """What an event of SES tells, or None where it is not about a mail of the newsletter.

    Whose mail it was is known by the tags that the mail was sent with; addresses in the event are not read.
    https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

    Args:
        detail: of the event.
    """
    tags = (detail.get("mail") or {}).get("tags") or {}
    subscriber, letter = _first(tags, "subscriber"), _first(tags, "letter")
    told = detail.get("bounce") or detail.get("complaint")
    if not told:
        return None
    try:
        _ID.validate_python(subscriber)
    except ValidationError:
        return None
    return Feedback(
        kind=_kind_of(detail),
        subscriber=subscriber,
        letter=letter if is_letter_id(letter) else None,
        id=str(told.get("feedbackId") or "")[:100],
    )


def is_letter_id(text: str) -> bool:
    """Whether this could be the id of a letter."""
    return len(text) == _LETTER_CHARS and all(character in "0123456789abcdef" for character in text)


def counted(earlier: Mapping[str, datetime], feedback_id: str, now: datetime) -> dict[str, datetime]:
    """The soft bounces that count now, this one among them, by their ids.

    Args:
        earlier: those that were counted before.
        feedback_id: of this one; one that was counted stays as it was.
        now: when it was told.
    """
    recent = {known: moment for known, moment in earlier.items() if now - moment < WITHIN}
    return {feedback_id: now, **recent}


def is_too_often(bounces: Mapping[str, datetime]) -> bool:
    """Whether so many soft bounces block the address."""
    return len(bounces) >= SOFT_BOUNCES


def _kind_of(detail: Mapping[str, Any]) -> Kind:
    if "complaint" in detail:
        return Kind.COMPLAINT
    # Transient and Undetermined ones may work another time:
    # https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
    return Kind.HARD if detail["bounce"].get("bounceType") == "Permanent" else Kind.SOFT


def _first(tags: Mapping[str, Any], name: str) -> str:
    values = tags.get(name) or [""]
    return str(values[0])

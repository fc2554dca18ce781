"""In the background: what SES tells of bounces and complaints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.blocking import Feedback, Kind, counted, feedback_of, is_too_often
from newsletter.consent import ended
from newsletter.letter import Status, judged, trouble
from newsletter.letters_table import LettersTable
from newsletter.model import Blocked, BlockReason
from newsletter.settings import settings
from newsletter.stopping import stop
from newsletter.subscribers_table import SubscribersTable
from shared.background import background
from shared.problems import ProblemError
from shared.telemetry import count, logger

letters = LettersTable(settings().newsletter_table)
subscribers = SubscribersTable(settings().newsletter_table)

_METRICS = {Kind.HARD: "Bounces", Kind.SOFT: "SoftBounces", Kind.COMPLAINT: "Complaints"}


def work(event: dict[str, Any], now: datetime) -> None:
    """Block the address where it has to be, count, and stop the letter that has too many."""
    feedback = feedback_of(event["detail"])
    if feedback is None:
        logger.info("not about a mail of the newsletter")
        return
    count(_METRICS[feedback.kind])
    if reason := feedback.kind.blocks_for or _after_soft_bounces(feedback, now):
        _block(feedback.subscriber, reason, now)
    if feedback.letter:
        letters.note_feedback(feedback.letter, feedback.subscriber, feedback.kind, now)
        _judge(feedback.letter)


def _after_soft_bounces(feedback: Feedback, now: datetime) -> BlockReason | None:
    bounces = subscribers.count_soft_bounce(
        feedback.subscriber, lambda earlier: counted(earlier, feedback.id, now), now
    )
    return BlockReason.SOFT_BOUNCES if is_too_often(bounces) else None


def _block(subscriber_id: str, reason: BlockReason, now: datetime) -> None:
    """Write to this address no more, and end its subscription; operators see the address with the entry."""
    subscriber = subscribers.subscriber(subscriber_id)
    pending = subscribers.pending(subscriber_id)
    known = subscriber or pending
    entry = Blocked(id=subscriber_id, address=known.address if known else None, reason=reason, since=now)
    if subscribers.block(entry):
        logger.info("address blocked", reason=reason.value)
        count("AddressesBlocked")
    subscribers.change(subscriber_id, lambda before: ended(before, now))


def _judge(letter_id: str) -> None:
    try:
        letter = letters.letter(letter_id)
    except ProblemError:
        return
    reason = trouble(judged(letters.figures(letter_id)), letter.judged_from)
    if reason and letter.status is Status.SENDING:
        stop(letters, letter_id, reason)


handler = background(work)

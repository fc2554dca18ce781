"""What is done about one subscriber and one letter. Time is passed in.

A mark is written before SES is asked and says afterwards what came of it. Where a mark says that SES was
asked, and nothing else, the letter may have gone out: it is not sent again. A letter that one person in
thousands misses can be read in the archive; one that comes twice is what people complain of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.letter import Figures, Letter, Status, StopReason, judged, trouble
from newsletter.model import Subscriber

CLAIM = timedelta(minutes=2)
"""Longer than a sender can run: in this time nobody else concludes anything about the same mark."""

KEEP_MARKS = timedelta(days=90)
"""How long it is known who got a letter: bounces and complaints come in days, seldom in weeks."""


class State(StrEnum):
    """What a mark says."""

    ASKED = "asked"
    SENT = "sent"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    SKIPPED = "skipped"

    @property
    def figure(self) -> str:
        """The figure that counts it."""
        return {State.SENT: "sent", State.SKIPPED: "skipped"}.get(self, "failed")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of one subscriber's copy.

    Args:
        claimed_until: until then, whoever asked SES may still be at it.
    """

    state: State
    claimed_until: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is known when it is decided.

    Args:
        is_blocked: the address is not to be written to.
    """

    letter: Letter | None
    figures: Figures
    subscriber: Subscriber | None
    is_blocked: bool
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Send:
    """The letter goes to the subscriber."""

    letter: Letter
    subscriber: Subscriber


class Skip:
    """The letter is not for them any more."""


class Done:
    """What was to be done is done."""


class Wait:
    """Somebody else is at it."""


class GiveUp:
    """Whoever was at it is gone, and it is not known whether the letter went out."""


class Leave:
    """The letter is not being sent."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Too many bounce or complain: nobody gets the letter any more."""

    reason: StopReason


Step = Send | Skip | Done | Wait | GiveUp | Leave | Stop


def next_step(seen: Seen, now: datetime) -> Step:
    """What to do about a subscriber's copy."""
    letter, subscriber, mark = seen.letter, seen.subscriber, seen.mark
    if letter is None or letter.status is not Status.SENDING:
        return Leave()
    if mark:
        if mark.state is not State.ASKED:
            return Done()
        return Wait() if now < mark.claimed_until else GiveUp()
    if reason := trouble(judged(seen.figures), letter.judged_from):
        return Stop(reason)
    if seen.is_blocked or subscriber is None or not subscriber.wants(letter.topics):
        return Skip()
    return Send(letter, subscriber)

"""How many messages a channel gets: single ones while there are few, one that sums them up in a storm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitoring.notice import Notice

ALONE = 5
"""Most notices that are told one by one within `WINDOW`: as many as one reads."""

WINDOW = timedelta(minutes=10)
"""After a message that sums up, the next one comes no sooner."""

GIVE_UP = timedelta(hours=1)
"""What a channel could not be told for this time is no news any more and goes to the queue of failures."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a channel was sent lately.

    Args:
        sent: moments of its messages, oldest first.
        summed_at: moment of the last one that summed up, or None.
    """

    sent: tuple[datetime, ...] = ()
    summed_at: datetime | None = None

    def after(self, *, summed: bool, now: datetime) -> Pace:
        """The pace after one more message."""
        recent = tuple(moment for moment in self.sent if now - moment < WINDOW)
        return Pace((*recent, now), now if summed else self.summed_at)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Notices for one message.

    Args:
        notices: oldest first.
        summed: whether there are so many that the next ones wait.
    """

    notices: tuple[Notice, ...]
    summed: bool


def bundles_of(waiting: Sequence[Notice], pace: Pace, now: datetime) -> tuple[Bundle, ...]:
    """The messages that are due on a channel; none while what comes is being collected.

    Args:
        waiting: what the channel was not told yet, oldest first.
        pace: of the channel.
        now: the moment.
    """
    if not waiting or (pace.summed_at and now - pace.summed_at < WINDOW):
        return ()
    recent = sum(now - moment < WINDOW for moment in pace.sent)
    if recent + len(waiting) <= ALONE:
        return tuple(Bundle((notice,), summed=False) for notice in waiting)
    return (Bundle(tuple(waiting), summed=True),)

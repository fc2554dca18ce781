"""Which rollouts go on, which of them have just ended, and what every screen tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fleet_tui.present.line import Line
from fleet_tui.present.rollouts import short_line
from fleet_tui.rollouts.model import Rollout, RolloutStatus

UNFINISHED_TOLD = timedelta(hours=24)
"""How long every screen tells of a rollout that has not come to its end; somebody may have left it so."""


class RolloutWatch:
    """Remembers which rollouts went on when it looked last."""

    def __init__(self) -> None:
        self._going: frozenset[str] = frozenset()
        self.line: Line = ()

    def take(self, rollouts: Sequence[Rollout], now: datetime) -> list[Rollout]:
        """Take what is there now, newest first.

        Returns:
            The rollouts that have ended since the last time.
        """
        ended = [rollout for rollout in rollouts if rollout.ended and rollout.id in self._going]
        going = [rollout for rollout in rollouts if not rollout.ended]
        self._going = frozenset(rollout.id for rollout in going)
        told = going or [rollout for rollout in rollouts[:1] if _wants_somebody(rollout, now)]
        self.line = short_line(told[0]) if told else ()
        return ended


def _wants_somebody(rollout: Rollout, now: datetime) -> bool:
    """Whether it is lost, stopped or incomplete, and was at work not long ago."""
    last = max(member.since for member in rollout.members)
    return rollout.status is not RolloutStatus.SUCCEEDED and now - last < UNFINISHED_TOLD

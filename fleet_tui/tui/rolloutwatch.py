"""Which rollouts go on, and which of them have just ended."""

from __future__ import annotations

from collections.abc import Sequence

from fleet_tui.present.line import Line
from fleet_tui.present.rollouts import short_line
from fleet_tui.rollouts.model import Rollout


class RolloutWatch:
    """Remembers which rollouts went on when it looked last."""

    def __init__(self) -> None:
        self._going: frozenset[str] = frozenset()
        self.line: Line = ()

    def take(self, rollouts: Sequence[Rollout]) -> list[Rollout]:
        """Take what is there now, newest first.

        Returns:
            The rollouts that have ended since the last time.
        """
        ended = [rollout for rollout in rollouts if rollout.ended and rollout.id in self._going]
        going = [rollout for rollout in rollouts if not rollout.ended]
        self._going = frozenset(rollout.id for rollout in going)
        self.line = short_line(going[0]) if going else ()
        return ended

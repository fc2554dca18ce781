"""Which warm processes of functions are ended: a rule over their idleness, apart from the processes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Warm(Protocol):
    """A process that waits for the next event of its function."""

    in_use: bool
    last_used: float
    """Seconds since the epoch."""


W = TypeVar("W", bound=Warm)


def surplus(processes: Iterable[W], now: float, idle_seconds: float, most: int) -> list[W]:
    """The processes to end; those that are at work never are.

    Args:
        processes: all there are.
        now: seconds since the epoch.
        idle_seconds: who has waited for so long is ended.
        most: of what is left, those who have waited longest are ended until there are so many.
    """
    known = list(processes)
    waiting = sorted((process for process in known if not process.in_use), key=lambda warm: warm.last_used)
    over = sum(now - process.last_used >= idle_seconds for process in waiting)
    return waiting[: max(over, len(known) - most)]

"""Who is looked at when: paces, backoff and order. Pure but for the clock that is passed in."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass, field
from typing import Final

from fleet_tui.observatory.model import Facet

# Seconds between two looks. Streams are what people on call wait for, and ListStreams is free with 5 requests
# a second for each account; deploy state and bookings change by people's hands; the bill is renewed three
# times a day, and a look at it costs money.
PACES: Final = {Facet.STREAM: 15.0, Facet.DEPLOY: 60.0, Facet.BOOKINGS: 60.0, Facet.COST: 6 * 3600.0}
CLOSE_PACE = 5.0  # the metrics of IVS have a resolution of five seconds
STALE_FACTOR = 2.5  # two looks were missed, and the third is late
_BACKOFF_LIMIT = 600.0
_ORDER = {Facet.DEPLOY: 0, Facet.STREAM: 1, Facet.BOOKINGS: 2, Facet.COST: 3}

Look = tuple[str, Facet]


def next_pause(facet: Facet, pace: float, failures: int, *, closely: bool, jitter: float) -> float:
    """Seconds until the next look.

    Args:
        facet: what is looked at.
        pace: seconds between two looks at it while all is well.
        failures: failed looks in a row; each doubles the pause, up to ten minutes or the facet's own pace.
        closely: the creator is on the screen.
        jitter: between 0 and 1; spreads looks over a tenth of the pause, so that a fleet never asks in step.
    """
    if closely and facet is Facet.STREAM:
        pace = CLOSE_PACE
    # A bill that could not be read is asked for sooner than in six hours.
    first = min(pace, 60.0)
    pause = min(first * 2.0 ** min(failures, 20), max(_BACKOFF_LIMIT, pace)) if failures else pace
    return pause * (0.95 + 0.1 * jitter)


@dataclass(slots=True)
class Agenda:
    """The looks that are due, in the order in which they are to be taken."""

    _heap: list[tuple[float, int, int, Look]] = field(default_factory=list)
    _due: dict[Look, float] = field(default_factory=dict)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def put(self, look: Look, at: float) -> None:
        """Have this look taken at `at` (or now, if that is past), in place of when it was due before."""
        self._due[look] = at
        heapq.heappush(self._heap, (at, _ORDER[look[1]], next(self._count), look))

    def drop(self, slugs: frozenset[str]) -> None:
        """Forget these creators."""
        for look in [look for look in self._due if look[0] in slugs]:
            del self._due[look]

    def take(self, now: float) -> Look | None:
        """The next look that is due, which is then on nobody's agenda until it is put back."""
        while self._heap and self._heap[0][0] <= now:
            at, _, _, look = heapq.heappop(self._heap)
            if self._due.get(look) == at:
                del self._due[look]
                return look
        return None

    def wait(self, now: float) -> float | None:
        """Seconds until something is due; None when nothing ever is."""
        while self._heap and self._due.get(self._heap[0][3]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return max(0.0, self._heap[0][0] - now) if self._heap else None


def jitter() -> float:
    """A number between 0 and 1."""
    return random.random()  # noqa: S311 - spreads load, guards nothing

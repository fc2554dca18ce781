"""That a sender takes its time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Makes whatever is done at this pace take so long at least.

    The wait comes after the work and not before it: so the next one may begin at once, in whichever
    invocation it is, and a place among the senders never gives out letters faster than this.

    Args:
        seconds: of each.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Do one."""
        begun = time.monotonic()
        try:
            yield
        finally:
            time.sleep(max(0.0, begun + self._seconds - time.monotonic()))

"""The way of snapshots from the threads that look at the fleet to the screens."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from fleet_tui.observatory.model import FleetSnapshot


class SnapshotFeed:
    """Collects snapshots that arrive on any thread until the screens take them: a burst is one redraw.

    Args:
        announce: called once when there is something to take, on the thread that brought it.
    """

    def __init__(self, announce: Callable[[], object]) -> None:
        self._announce = announce
        self._lock = Lock()
        self._latest: FleetSnapshot | None = None
        self._changed: set[str] = set()
        self._announced = False

    def put(self, snapshot: FleetSnapshot, changed: frozenset[str]) -> None:
        """Take a snapshot; announces it unless that is already done."""
        with self._lock:
            self._latest = snapshot
            self._changed |= changed
            first, self._announced = not self._announced, True
        if first:
            self._announce()

    def take(self) -> tuple[FleetSnapshot, frozenset[str]] | None:
        """The latest snapshot and every slug that changed since the last call, or None."""
        with self._lock:
            latest, changed = self._latest, frozenset(self._changed)
            self._latest = None
            self._changed.clear()
            self._announced = False
        return None if latest is None else (latest, changed)

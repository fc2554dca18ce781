"""What visitors have set going: it comes to its end before their AWS is taken away."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from fleet_tui.fleet import Fleet
from fleet_tui.problems import FleetError


class VisitorsWork:
    """The runs, batches of plans and rollouts of those who have left.

    Args:
        fleet: the fleet, in the sandbox's environment.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._told: set[tuple[str, bool]] = set()

    def ended(self, *, cancel: bool = False) -> bool:
        """Whether nothing of it goes on any more.

        A rollout may wait for a stream to end, for days, and a batch goes on to the next creator: both are
        told once to stop. A rollout is resumed by whoever comes back.

        Args:
            cancel: runs are told to stop as well, instead of being waited for.
        """
        fleet = self._fleet
        rollouts, runs = fleet.rollouts.going_on(), fleet.journals.unfinished()
        batch = fleet.planning.newest()
        planning = batch is not None and not fleet.planning.progress(batch).finished
        for rollout in rollouts:
            self._tell(rollout.id, cancel, lambda name: fleet.rollouts.stop(name, now=cancel))
        if batch is not None and planning:
            self._tell(batch.id, cancel, fleet.planning.stop)
        for run in runs.values() if cancel else ():
            self._tell(run.id, cancel, fleet.cancel)
        return not (rollouts or runs or planning)

    def _tell(self, name: str, cancel: bool, stop: Callable[[str], None]) -> None:
        if (name, cancel) not in self._told:
            self._told.add((name, cancel))
            with contextlib.suppress(FleetError):  # it has just ended by itself
                stop(name)

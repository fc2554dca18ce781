"""The process of a batch: `python -m fleet_tui.planning.planner FOLDER`.

A Terraform run takes 650 MB and a run that only waits 60 MB, so a creator's run is started when its turn is
near: as many as there are places on this machine, and one more that gets ready meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from fleet_tui.machine import RUN_MEGABYTES, free_megabytes
from fleet_tui.operations.journal import hold_alive
from fleet_tui.operations.model import Run
from fleet_tui.planning.batches import Batch, BatchEvent, BatchEventKind, append, events_of, fold
from fleet_tui.problems import FleetError
from fleet_tui.settings import load_settings

_LOOK_SECONDS = 0.25


class PlannerFleet(Protocol):
    """The fleet, as a batch uses it."""

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        """Start a plan. Raises FleetError."""

    def run(self, run_id: str) -> Run:
        """A run, as its journal tells it now. Raises FleetError."""

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop. Raises FleetError."""


class Planner:
    """Starts the runs of a batch one after another, and stops them when it is told to.

    Args:
        fleet: where runs are started.
        folder: the batch's.
        batch: what was asked for, and what was started already.
        places: how many Terraform runs go on at once.
        free: tells how much memory there is, in megabytes.
    """

    def __init__(
        self,
        fleet: PlannerFleet,
        folder: Path,
        batch: Batch,
        *,
        places: int,
        free: Callable[[], int] = free_megabytes,
    ) -> None:
        self._fleet = fleet
        self._folder = folder
        self._reason = batch.request.reason
        self._waiting = [slug for slug in batch.request.slugs if slug not in batch.runs]
        self._going: set[str] = set()
        self._places = places
        self._free = free

    @property
    def done(self) -> bool:
        """Whether nothing goes on and nobody waits."""
        return not self._waiting and not self._going

    def step(self) -> None:
        """See who is done, and start whose turn has come."""
        self._going = {run_id for run_id in self._going if not self._fleet.run(run_id).finished}
        while self._waiting and may_start(len(self._going), self._places, self._free()):
            self._start(self._waiting.pop(0))

    def stop(self) -> None:
        """Start nobody any more, and have what goes on stopped."""
        self._waiting.clear()
        for run_id in sorted(self._going):
            try:
                self._fleet.cancel(run_id)
            except FleetError:  # it has just ended
                continue

    def _start(self, slug: str) -> None:
        try:
            run = self._fleet.plan(slug, reason=self._reason)
        except FleetError as error:
            self._write(BatchEventKind.REFUSED, slug=slug, problem=error.problem)
        else:
            self._going.add(run.id)
            self._write(BatchEventKind.STARTED, slug=slug, run_id=run.id)

    def _write(self, kind: BatchEventKind, **fields: object) -> None:
        event = BatchEvent.model_validate({"at": datetime.now(UTC), "kind": kind} | fields)
        append(self._folder, event)


def may_start(going: int, places: int, megabytes: int) -> bool:
    """Whether one more run may be started.

    Args:
        going: how many go on.
        places: how many may work at once; one more gets ready meanwhile.
        megabytes: memory that is free. One run always goes on, or nothing would ever be done.
    """
    return going == 0 or (going <= places and megabytes >= RUN_MEGABYTES)


async def plan_all(planner: Planner) -> None:
    """Bring a batch to its end; a signal stops it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, planner.stop)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    while not planner.done:
        planner.step()
        await asyncio.sleep(_LOOK_SECONDS)


def main(arguments: list[str]) -> int:
    """Plan the batch whose journal lies in the folder that is the one argument."""
    from fleet_tui.fleet import Fleet

    os.umask(0o077)
    folder = Path(arguments[0])
    with hold_alive(folder):
        batch = fold(events_of(folder), alive=True)
        if batch is None:
            return 1
        append(folder, BatchEvent(at=datetime.now(UTC), kind=BatchEventKind.BEGUN, pid=os.getpid()))
        fleet = Fleet(load_settings())
        try:
            asyncio.run(plan_all(Planner(fleet, folder, batch, places=fleet.settings.parallel_runs)))
        finally:
            fleet.stop()
            append(folder, BatchEvent(at=datetime.now(UTC), kind=BatchEventKind.FINISHED))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The process of one rollout: `python -m fleet_tui.rollouts.runner FOLDER LIFE`.

LIFE is the number of the open file that is its sign of life, locked by whoever started it. It lives apart
from the consoles, and the runs that it starts live apart from it: killed, it leaves them going on, and a
resumed rollout finds them again. What it prints (nothing, or a bug's traceback) lands in `runner.log`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from fleet_tui.fleet import Fleet
from fleet_tui.problems import FleetError
from fleet_tui.rollouts.conductor import Conductor
from fleet_tui.rollouts.journal import RolloutJournal
from fleet_tui.rollouts.model import RolloutEventKind, RolloutStatus
from fleet_tui.settings import load_settings


def main(arguments: list[str]) -> int:
    """Carry out the rollout whose journal lies in the folder that is the first argument."""
    os.umask(0o077)
    folder = Path(arguments[0])
    os.set_inheritable(int(arguments[1]), False)  # the runs must not hold what says that this process lives
    journal = RolloutJournal(folder)
    journal.write(RolloutEventKind.BEGUN, pid=os.getpid())
    try:
        fleet = Fleet(load_settings())
    except FleetError as error:
        journal.write(
            RolloutEventKind.FINISHED,
            error.problem.sentence,
            status=RolloutStatus.STOPPED,
            severity="error",
        )
        return 1
    conductor = Conductor(fleet.rollout_hands, folder, journal)

    def end(number: int, frame: FrameType | None) -> None:
        conductor.end_soon(f"stopped by a signal ({signal.Signals(number).name})")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        status = conductor.run()
    finally:
        fleet.stop()
        journal.close()
    return 0 if status is RolloutStatus.SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The process of one run: `python -m fleet_tui.operations.runner FOLDER`.

It lives apart from the console that asked for it, so quitting the console ends no run. Everything it has
to say goes into the journal; what it prints (nothing, or a bug's traceback) lands in `runner.log` beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from fleet_tui.operations import engine
from fleet_tui.operations.context import Cancelled, RunContext, TerraformKilledError
from fleet_tui.operations.journal import JournalWriter, hold_alive, read_events
from fleet_tui.operations.model import EventKind, Operation, RunStatus
from fleet_tui.problems import FleetError, Problem, ProblemKind, refused_by_machine
from fleet_tui.settings import Settings, load_settings

logger = logging.getLogger(__name__)

_TERRAFORM_FIRST_SECONDS = 2.0
_ROOM_SECONDS = 5.0  # between two looks whether there is room on the disk


async def carry_out(
    settings: Settings, folder: Path, operation: Operation, journal: JournalWriter, *, adopted: bool = False
) -> RunStatus:
    """Carry out an operation and write how it ended.

    Args:
        settings: the console's settings.
        folder: the run's folder.
        operation: what was asked for.
        journal: where every step is written.
        adopted: the process that began the run is gone, and this one takes it up.

    Returns:
        How it ended; never raises for anything that went wrong on the way.
    """
    run = RunContext(settings, folder, operation, journal, adopted=adopted)
    task = asyncio.current_task()

    asked = False

    def cancel() -> None:
        nonlocal asked
        if asked:
            return  # a second time would break off what it does to end in order
        asked = True
        journal.write(
            EventKind.LOG,
            "asked to stop: what is in hand is finished first",
            severity="warning",
        )
        if not run.interrupt() and task is not None:
            task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, cancel)
    # At the machine's end every process gets it: Terraform says so meanwhile, and is sent no second one.
    loop.add_signal_handler(signal.SIGTERM, loop.call_later, _TERRAFORM_FIRST_SECONDS, cancel)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    problem: Problem | None = None
    try:
        if settings.read_only:
            raise FleetError.of(
                ProblemKind.DENIED, "this console is read-only", hint="Unset read_only in fleet.toml"
            )
        text = await engine.carry_out(run)
        status = RunStatus.SUCCEEDED
    except (Cancelled, asyncio.CancelledError):
        status, text = RunStatus.CANCELLED, "cancelled"
    except FleetError as error:
        gone = adopted and isinstance(error, TerraformKilledError)
        status = RunStatus.LOST if gone else RunStatus.FAILED
        text, problem = error.problem.sentence, error.problem
    except OSError as error:
        logger.exception("%s", operation.id)
        problem = refused_by_machine("the run cannot work on this machine", error)
        status, text = RunStatus.FAILED, problem.sentence
    except Exception as error:
        logger.exception("%s", operation.id)
        problem = Problem(
            kind=ProblemKind.UNEXPECTED,
            what=f"the run broke off on an error of its own ({type(error).__name__})",
            where=f"{operation.slug}: {operation.kind.value}",
            hint=f"{folder / 'runner.log'} has the details; please report it",
        )
        status, text = RunStatus.FAILED, problem.sentence
    severity = "error" if problem else "info"
    try:
        journal.write(EventKind.FINISHED, text, status=status, problem=problem, severity=severity)
    except OSError:
        await _room(journal)
    return status


async def _room(journal: JournalWriter) -> None:
    """Wait for room on the disk: a run that has ended must not be taken for one that was lost."""
    while True:
        await asyncio.sleep(_ROOM_SECONDS)
        with contextlib.suppress(OSError):
            return journal.flush()


def main(arguments: list[str]) -> int:
    """Carry out the operation whose journal lies in a folder, or take it up where its process is gone.

    Args:
        arguments: the folder; the descriptor of its sign of life where the run is taken up.
    """
    os.umask(0o077)  # a saved plan holds secrets
    folder = Path(arguments[0])
    inherited = int(arguments[1]) if len(arguments) > 1 else None
    adopted = inherited is not None
    with hold_alive(folder, inherited):
        operation = next(event.operation for event in read_events(folder) if event.operation)
        journal = JournalWriter(folder)
        text = "the process of this run is gone; it is taken up again" if adopted else ""
        journal.write(EventKind.STARTED, text, severity="warning" if adopted else "info", pid=os.getpid())
        try:
            settings = load_settings()
        except FleetError as error:
            journal.write(
                EventKind.FINISHED, error.problem.sentence, status=RunStatus.FAILED, problem=error.problem
            )
            return 1
        status = asyncio.run(carry_out(settings, folder, operation, journal, adopted=adopted))
        journal.close()
    return 0 if status is RunStatus.SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

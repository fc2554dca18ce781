"""Looking for drift in many creators, one after another in as many places as this machine has."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleet_tui.deploy.drift.reports import report_of
from fleet_tui.operations.model import Run, RunStatus
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.statecare.desk import Desk
from fleet_tui.statecare.model import Checked

_LOOK_SECONDS = 0.2
_WAITING = 1  # a run more than there are places is begun, so that no place is ever empty


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Be the only sweep on this machine.

    Raises:
        FleetError: kind CONFLICT; another one is at work.
    """
    path = state / "drift.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                "another fleet drift is at work on this machine; nothing was looked at",
                hint="Let it end, or have them start further apart",
            ) from None
        yield


def sweep(desk: Desk, slugs: Sequence[str], start: Callable[[str], Run]) -> Iterator[Checked]:
    """Look for drift in these creators; what has ended comes at once, in the order in which it ends.

    Args:
        desk: the fleet.
        slugs: of whom.
        start: starts the check of one; raises FleetError.
    """
    places = desk.settings.parallel_runs + _WAITING
    todo, going = list(slugs), dict[str, Run]()
    while todo or going:
        while todo and len(going) < places:
            slug = todo.pop(0)
            try:
                going[slug] = start(slug)
            except FleetError as error:
                yield Checked(slug, None, problem=error.problem)
        for slug, run in list(going.items()):
            current = desk.runs.get(run.id)
            if current.finished:
                del going[slug]
                yield _checked(desk, current)
        if going:
            time.sleep(_LOOK_SECONDS)


def _checked(desk: Desk, run: Run) -> Checked:
    slug = run.operation.slug
    report = report_of(desk.journals.folder(run.id)) if run.status is RunStatus.SUCCEEDED else None
    problem = run.problem
    if report is None and problem is None:
        problem = Problem(
            kind=ProblemKind.UNEXPECTED,
            what=f"the check was {run.status.value}",
            where=slug,
            hint=f"fleet runs show {run.id}",
        )
    return Checked(slug, run, report, problem)

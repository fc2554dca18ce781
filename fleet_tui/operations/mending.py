"""What a broken run has left for a person to decide: seen, and set right on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.operations.runs import Runs
from fleet_tui.operations.unsaved import unsaved_states
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.values import Value

SEPARATOR = "\n"
"""Between the addresses in the target of a repair; no address holds a line's end."""


class Leftovers(Value):
    """What broken runs have left at a creator.

    Args:
        tainted: addresses of what was made in part; a plan replaces it, unless it is taken as it is.
        deposed: addresses of what was replaced, and whose old object is still there; a plan removes that.
        unsaved: files on this machine with states that are in no bucket yet.
    """

    tainted: tuple[str, ...] = ()
    deposed: tuple[str, ...] = ()
    unsaved: tuple[str, ...] = ()


class Mending:
    """Sets right what broken runs have left.

    Args:
        work: the folder of all creators' work folders.
        state: the folder of what cannot be made again.
        look: a creator's deploy state, as its bucket tells it now.
        runs: of this machine.
    """

    def __init__(self, work: Path, state: Path, look: Callable[[str], DeployState], runs: Runs) -> None:
        self._work = work
        self._state = state
        self._look = look
        self._runs = runs

    def leftovers(self, slug: str) -> Leftovers:
        """What there is at this creator. Raises FleetError."""
        state = self._look(slug)
        return Leftovers(tainted=state.tainted, deposed=state.deposed, unsaved=self._unsaved(slug))

    def take_as_is(self, slug: str, addresses: Sequence[str], *, reason: str = "") -> Run:
        """Start to take these as they are, so that no plan replaces them.

        Raises:
            FleetError: none is named, or something else is going on there.
        """
        if not addresses:
            raise FleetError.of(
                ProblemKind.NOT_FOUND, "there is nothing half made", where=slug, hint="Nothing is to be done"
            )
        return self._runs.start_on_idle(
            OperationKind.REPAIR, slug, reason=reason, target=SEPARATOR.join(addresses)
        )

    def push_state(self, slug: str, *, reason: str = "") -> Run:
        """Start to push the states that are in no bucket yet. Raises FleetError."""
        if not self._unsaved(slug):
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                "there is no state on this machine that waits to be pushed",
                where=slug,
                hint="It lies on the machine on which the run was: fleet runs there",
            )
        return self._runs.start_on_idle(OperationKind.PUSH, slug, reason=reason)

    def told(self, slug: str, state: DeployState) -> DeployState:
        """The deploy state, with the state that waits on this machine as its trouble where there is one."""
        unsaved = len(self._unsaved(slug))
        if state.status is DeployStatus.DEPLOYING or not unsaved:
            return state
        reason = f"its state waits on this machine: fleet push-state {slug}"
        update = {"status": DeployStatus.FAILED, "reason": reason, "unsaved": unsaved}
        return state.model_copy(update=update)

    def _unsaved(self, slug: str) -> tuple[str, ...]:
        return tuple(str(file) for file in unsaved_states(self._work, self._state, slug))

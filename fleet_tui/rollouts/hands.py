"""What the process of a rollout does to the creators."""

from __future__ import annotations

from collections.abc import Callable

from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.operations.runs import Runs
from fleet_tui.rollouts.service import Announce
from fleet_tui.streams.model import StreamHealth


class RolloutHands:
    """Plans, applies and looks for a rollout. Satisfies `RolloutFleet`; every method may raise FleetError.

    Args:
        runs: of this machine.
        follow: takes over what has changed in the creators' files since they were read.
        stale: why a saved plan, by its id, can no longer be applied; empty where it can.
        stream: a creator's stream, by slug, asked for now.
    """

    def __init__(
        self,
        runs: Runs,
        *,
        follow: Callable[[], None],
        stale: Callable[[str], str],
        stream: Callable[[str], StreamHealth],
    ) -> None:
        self._runs = runs
        self._follow = follow
        self._stale = stale
        self._stream = stream

    def plan(self, slug: str, *, reason: str, rollout: str, announce: Announce) -> Run:
        """Start a plan of a creator whose plan has become stale."""
        self._follow()
        return self._runs.start(
            OperationKind.PLAN, self._runs.idle(slug), reason=reason, rollout=rollout, announce=announce
        )

    def apply(self, plan_id: str, *, reason: str, approval: str, rollout: str, announce: Announce) -> Run:
        """Start to apply exactly this plan; a lease that somebody else holds is waited for."""
        self._follow()
        return self._runs.start(
            OperationKind.APPLY,
            self._runs.of_plan(plan_id),
            reason=reason,
            target=plan_id,
            wait=True,
            rollout=rollout,
            approval=approval,
            announce=announce,
        )

    def cancel(self, run_id: str) -> None:
        """Send a run its one SIGINT."""
        self._runs.cancel(run_id)

    def run(self, run_id: str) -> Run:
        """A run, as its journal tells it now."""
        return self._runs.get(run_id)

    def going_on(self, slug: str) -> Run | None:
        """The run that goes on at a creator, started from this machine."""
        return self._runs.going_on(slug)

    def stale(self, plan_id: str) -> str:
        """Why a saved plan can no longer be applied; empty where it can."""
        return self._stale(plan_id)

    def stream_now(self, slug: str) -> StreamHealth:
        """A creator's stream, asked for now."""
        return self._stream(slug)

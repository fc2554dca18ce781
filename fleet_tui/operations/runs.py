"""The runs of this machine: started where nothing else goes on, found, stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fleet_tui.operations.journal import Journals, is_alive, read_events
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.model import Operation, OperationKind, Run, RunEvent, RunStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator


class Runs:
    """All runs, each in a process of its own. Whatever names a run or a creator may raise FleetError.

    Args:
        executor: of this machine.
        journals: of all runs on it.
        creator: by slug; raises FleetError.
    """

    def __init__(
        self, executor: LocalExecutor, journals: Journals, creator: Callable[[str], Creator]
    ) -> None:
        self._executor = executor
        self._journals = journals
        self._creator = creator

    # -- looking ------------------------------------------------------------------------------------

    def all(self) -> Sequence[Run]:
        """All runs, newest first. Where the process of one is gone, another one takes it up."""
        self._executor.adopt()
        return self._journals.all()

    def get(self, run_id: str) -> Run:
        """One run; where its process is gone another one takes it up."""
        run = self._journals.get(run_id)
        if run.finished_at is not None or is_alive(self._journals.folder(run_id)):
            return run
        self._executor.adopt()
        return self._journals.get(run_id)

    def events(self, run_id: str, after: int) -> Sequence[RunEvent]:
        """The journal of a run from the event after number `after`."""
        return read_events(self._journals.folder(run_id), after)

    def unfinished(self) -> dict[str, Run]:
        """The newest unfinished run of each creator, those that were taken up again included."""
        self._executor.adopt()
        return self._journals.unfinished()

    def going_on(self, slug: str) -> Run | None:
        """The run that goes on at a creator; none is taken up."""
        return self._journals.unfinished().get(slug)

    # -- acting -------------------------------------------------------------------------------------

    def start(
        self,
        kind: OperationKind,
        creator: Creator,
        *,
        reason: str = "",
        target: str = "",
        wait: bool = False,
        rollout: str = "",
        approval: str = "",
        announce: Callable[[Operation], None] | None = None,
    ) -> Run:
        """Start a run, whatever else goes on there.

        Args:
            kind: what it does.
            creator: to whom.
            reason: why, for its journal and record.
            target: see `Operation`.
            wait: for a lease that somebody else holds.
            rollout: id of the one that asks for it.
            approval: id of the one that its plan was given.
            announce: is told of the operation before its process starts.
        """
        operation = self._executor.request(
            kind, creator, reason=reason, target=target, wait=wait, rollout=rollout, approval=approval
        )
        if announce is not None:
            announce(operation)
        return self._executor.start(operation)

    def start_on_idle(self, kind: OperationKind, slug: str, *, reason: str, target: str = "") -> Run:
        """Start a run on a creator on whom nothing else goes on."""
        return self.start(kind, self.idle(slug), reason=reason, target=target)

    def apply(self, plan_id: str, *, reason: str, wait: bool) -> Run:
        """Start to apply exactly this plan; `wait` for a lease that somebody else holds."""
        plan = self._planned(plan_id)
        if plan.operation.destroys:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"{plan_id} is a plan to destroy everything",
                where=plan.operation.slug,
                hint=f"fleet destroy {plan.operation.slug}, if that is what you want",
            )
        return self._carry_out(OperationKind.APPLY, plan, reason=reason, wait=wait)

    def destroy(self, plan_id: str, *, reason: str, wait: bool) -> Run:
        """Start to destroy exactly what this plan says; otherwise as `apply`."""
        plan = self._planned(plan_id)
        if not plan.operation.destroys:
            raise FleetError.of(
                ProblemKind.CONFLICT, f"{plan_id} is no plan to destroy", where=plan.operation.slug
            )
        return self._carry_out(OperationKind.DESTROY, plan, reason=reason, wait=wait)

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop, with one SIGINT."""
        self._executor.cancel(run_id)

    # -- what has to hold first ---------------------------------------------------------------------

    def idle(self, slug: str) -> Creator:
        """A creator on whom nothing goes on; a run that is only to be brought to its end is waited for."""
        creator = self._creator(slug)
        self._executor.settle(slug)
        going_on = self.going_on(slug)
        if going_on is not None:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"a {going_on.operation.kind.value} by {going_on.operation.operator} is going on",
                where=slug,
                hint=f"Wait for {going_on.id}, or cancel it",
            )
        return creator

    def of_plan(self, plan_id: str) -> Creator:
        """The creator that a plan was made for, with nothing going on there."""
        plan = self._journals.get(plan_id).operation
        creator, planned = self.idle(plan.slug), plan.account_id
        if creator.account_id != planned:
            raise FleetError.of(
                ProblemKind.WRONG_ACCOUNT,
                f"creator.toml says account {creator.account_id}, the plan was made for {planned}",
                where=creator.slug,
                hint="Correct creator.toml, or plan again; nothing was done",
            )
        return creator

    def _planned(self, plan_id: str) -> Run:
        plan = self._journals.get(plan_id)
        if plan.operation.kind is not OperationKind.PLAN or plan.status is not RunStatus.SUCCEEDED:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"{plan_id} is not a plan that succeeded",
                hint="Plan first, then apply that plan",
            )
        if plan.plan is not None and plan.plan.empty:
            raise FleetError.of(
                ProblemKind.CONFLICT, "the plan has nothing to apply", where=plan.operation.slug
            )
        return plan

    def _carry_out(self, kind: OperationKind, plan: Run, *, reason: str, wait: bool) -> Run:
        return self.start(
            kind, self.of_plan(plan.id), reason=reason or plan.operation.reason, target=plan.id, wait=wait
        )

"""What keeps a saved plan from being applied: it is stale, or it is not what was approved."""

from __future__ import annotations

from datetime import UTC, datetime

from fleet_tui.operations.approvals import Approvals
from fleet_tui.operations.context import RunContext, newest_plan
from fleet_tui.operations.fingerprints import does_no_more
from fleet_tui.operations.journal import read_events
from fleet_tui.operations.model import Run
from fleet_tui.operations.savedplans import PLAN_FILE
from fleet_tui.operations.staleness import basis_of, stale
from fleet_tui.operations.telling import fold
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Creator


def withdrawn(run: RunContext, creator: Creator) -> Problem | None:
    """Why the plan that the operation names must not be applied; None where it may.

    Raises:
        FleetError: the approval that the operation names cannot be read, or AWS cannot be asked.
    """
    folder = run.folder.parent / run.operation.target
    plan = fold(read_events(folder), alive=False)
    if plan is None or plan.operation.slug != creator.slug or plan.operation.account_id != creator.account_id:
        raise FleetError.of(
            ProblemKind.WRONG_ACCOUNT,
            f"the plan is not one for {creator.slug} in account {creator.account_id}",
            where=run.operation.target,
            hint="Plan again",
        )
    if plan.operation.destroys != run.operation.destroys:
        kind = "to destroy everything" if plan.operation.destroys else "to apply"
        return Problem(
            kind=ProblemKind.CONFLICT,
            what=f"the plan is one {kind}, and that is not what was asked for",
            where=creator.slug,
            hint="Plan again",
        )
    now = basis_of(run.buckets.observe(creator))
    if reason := stale(plan, now, datetime.now(UTC), kept=(folder / PLAN_FILE).is_file()):
        return Problem(
            kind=ProblemKind.STALE,
            what=f"the plan is stale: {reason}",
            where=creator.slug,
            hint=f"Plan again (fleet plan {creator.slug}), read what it would do now, and apply that",
        )
    if run.operation.approval and not _approved(run, plan):
        return Problem(
            kind=ProblemKind.DENIED,
            what=f"the plan is not what was approved by {run.operation.approval}",
            where=creator.slug,
            hint="Read the plan, and approve it",
        )
    return None


def _approved(run: RunContext, plan: Run) -> bool:
    """Whether the plan does what was approved for its creator, or what a broken run has left of it."""
    approval = Approvals(run.settings.state).get(run.operation.approval)
    if approval.covers(plan):
        return True
    approved = approval.of(plan)
    before = newest_plan(run.folder.parent / approved.plan_id) if approved else None
    return before is not None and plan.plan is not None and does_no_more(before, plan.plan)

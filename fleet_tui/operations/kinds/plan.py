"""Planning: what an apply would change, saved so that exactly that can be applied."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fleet_tui.costs.pricebook import price_book
from fleet_tui.deploy.drift.known import after_plan
from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.second_region import left_behind
from fleet_tui.deploy.terraform_cli import flag
from fleet_tui.operations.context import PARALLELISM, RunContext
from fleet_tui.operations.costdelta import cost_delta
from fleet_tui.operations.kinds.backend import make_backend
from fleet_tui.operations.kinds.protected import protected
from fleet_tui.operations.model import EventKind, OperationKind, PlanSummary
from fleet_tui.operations.planjson import PlanJson, PlannedChange
from fleet_tui.operations.planlines import summarise
from fleet_tui.operations.recovery import (
    refuse_over_unsaved,
    refuse_to_leave_behind,
    with_what_is_there,
)
from fleet_tui.operations.savedplans import PLAN_FILE, forget_plans, sweep_plans
from fleet_tui.operations.showing import show
from fleet_tui.operations.staleness import basis_of
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

Planned = tuple[list[dict[str, Any]], PlanJson | None]
"""What Terraform says of a plan, line by line, and what is in it; None where that is nothing."""


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Plan; makes the state bucket first where that was asked for and there is none."""
    sweep_plans(run.folder.parent, datetime.now(UTC))
    ready = await asyncio.to_thread(run.buckets.ready, creator)
    if not ready and run.operation.target != OperationKind.BACKEND:
        raise FleetError.of(
            ProblemKind.NOT_FOUND,
            f"the state bucket {creator.state_bucket} is not there yet, or was not made to its end",
            where=creator.slug,
            hint="Plan again and let it be made (fleet plan --create-backend)",
        )
    if not ready:
        await make_backend(run, creator)
    state = await asyncio.to_thread(run.buckets.observe, creator)
    if problem := left_behind(creator, state.outputs):
        raise FleetError(problem)
    refuse_over_unsaved(run, creator)
    folder = await run.prepare(creator)
    forget_plans(run.folder.parent, creator.slug)
    plan_file = run.folder / PLAN_FILE
    basis = basis_of(state)
    work = run.settings.cache / "terraform"

    async def plan(*, destroys: bool = False) -> Planned:
        lines = await run.terraform(
            creator,
            folder,
            "plan",
            json=flag(),
            detailed_exitcode=flag(),
            parallelism=PARALLELISM,
            out=str(plan_file),
            **({"destroy": flag()} if destroys else {}),
        )
        if not summarise(lines, creator=creator, basis=basis).changes:
            return lines, None
        return lines, await show(plan_file, root=folder.root, work=work, slug=creator.slug)

    if run.operation.destroys:
        try:
            await refuse_to_leave_behind(run, creator, folder, plan, _changes_of)
        finally:
            plan_file.unlink(missing_ok=True)  # of a plan to look at, which destroys nothing
        lines, shown = await plan(destroys=True)
    else:
        lines, shown = await with_what_is_there(run, creator, folder, plan, _changes_of)
    summary = summarise(lines, creator=creator, basis=basis)
    if shown is not None:
        cost = cost_delta(shown, creator, price_book(), run.operation.requested_at)
        summary = summarise(lines, shown, creator=creator, basis=basis, cost=cost)
    if summary.empty:
        plan_file.unlink(missing_ok=True)  # it holds secrets, and nothing to apply
    run.journal.write(EventKind.PLANNED, _in_words(summary), plan=summary)
    if problem := await asyncio.to_thread(protected, run, creator, summary):
        run.say(problem.sentence, severity="warning")
    await asyncio.to_thread(_record, run, creator, summary)
    return ""  # it has just been said


def _changes_of(planned: Planned) -> Sequence[PlannedChange]:
    shown = planned[1]
    return shown.changes if shown else ()


def _record(run: RunContext, creator: Creator, summary: PlanSummary) -> None:
    """Keep what the plan found changed behind Terraform's back, and whether it found nothing to do."""
    now = datetime.now(UTC)
    kinds = {change.address: change.type for change in summary.changes}

    def planned(record: RunRecord) -> RunRecord:
        last = record.last_run
        if last and last.left_open and summary.empty:
            last = last.model_copy(update={"settled_at": now})
        found = after_plan(record.drift, summary.drift, kinds, now)
        return record.model_copy(update={"drift": found, "last_run": last})

    run.records.change(creator, planned)


def _in_words(summary: PlanSummary) -> str:
    if summary.empty:
        return "nothing to change"
    parts = [(summary.add, "to add"), (summary.change, "to change"), (summary.destroy, "to destroy")]
    imported = sum(change.imported for change in summary.changes)
    parts.append((imported, "to take in"))
    words = ", ".join(f"{count} {what}" for count, what in parts if count) or "only outputs to change"
    return f"{words} · risk {summary.risk.level.value}"

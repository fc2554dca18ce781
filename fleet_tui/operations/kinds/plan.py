"""Planning: what an apply would change, saved so that exactly that can be applied."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from fleet_tui.deploy.model import Drift
from fleet_tui.deploy.second_region import left_behind
from fleet_tui.deploy.terraform_cli import flag
from fleet_tui.operations.context import PARALLELISM, PLAN_FILE, RunContext
from fleet_tui.operations.kinds.backend import make_backend
from fleet_tui.operations.kinds.protected import protected
from fleet_tui.operations.model import EventKind, OperationKind, PlanSummary
from fleet_tui.operations.planlines import summarise
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Plan; makes the state bucket first where that was asked for and there is none."""
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
    elif problem := left_behind(creator, await asyncio.to_thread(run.buckets.outputs, creator)):
        raise FleetError(problem)
    folder = await run.prepare(creator)
    forget_plans(run.folder.parent, creator.slug)
    lines = await run.terraform(
        creator,
        folder,
        "plan",
        json=flag(),
        detailed_exitcode=flag(),
        parallelism=PARALLELISM,
        out=str(run.folder / PLAN_FILE),
    )
    summary = summarise(lines)
    run.journal.write(EventKind.PLANNED, _in_words(summary), plan=summary)
    if problem := await asyncio.to_thread(protected, run, creator, summary):
        run.say(problem.sentence, severity="warning")
    await asyncio.to_thread(_record, run, creator, summary)
    return ""  # it has just been said


def forget_plans(runs: Path, slug: str) -> None:
    """Remove the saved plans of a creator: a new one takes their place, and each of them holds secrets."""
    for saved in runs.glob(f"*-{OperationKind.PLAN.value}-{slug}-????/{PLAN_FILE}"):
        saved.unlink(missing_ok=True)


def _record(run: RunContext, creator: Creator, summary: PlanSummary) -> None:
    """Keep what the plan found changed behind Terraform's back, and whether it found nothing to do."""
    record = run.buckets.read_record(creator)
    now, last = datetime.now(UTC), record.last_run
    if last and last.left_open and summary.empty:
        last = last.model_copy(update={"settled_at": now})
    drift = Drift(checked_at=now, addresses=summary.drift)
    run.buckets.write_record(creator, record.model_copy(update={"drift": drift, "last_run": last}))


def _in_words(summary: PlanSummary) -> str:
    if summary.empty:
        return "nothing to change"
    parts = [(summary.add, "to add"), (summary.change, "to change"), (summary.destroy, "to destroy")]
    words = ", ".join(f"{count} {what}" for count, what in parts if count) or "only outputs to change"
    return f"{words} · risk {summary.risk.level.value}"

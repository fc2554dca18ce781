"""Applying exactly the plan that was saved."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fleet_tui.deploy.model import LastRun
from fleet_tui.deploy.terraform_cli import flag
from fleet_tui.operations.context import PARALLELISM, PLAN_FILE, Cancelled, RunContext, newest_plan
from fleet_tui.operations.kinds.protected import protected
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Apply the plan that the operation names. How it ended is also written beside the creator's state."""
    plan_folder = run.folder.parent / run.operation.target
    plan_file = plan_folder / PLAN_FILE
    folder = run.work_folder(creator)
    if not plan_file.is_file() or not folder.root.is_dir():
        raise FleetError.of(
            ProblemKind.NOT_FOUND, "the saved plan is gone", where=run.operation.target, hint="Plan again"
        )
    plan = newest_plan(plan_folder)
    if plan and (problem := await asyncio.to_thread(protected, run, creator, plan)):
        raise FleetError(problem)
    total = plan.add + plan.change + plan.destroy if plan else 0
    started = datetime.now(UTC)
    await asyncio.to_thread(_record, run, creator, "running", started, "")
    outcome, summary = "failed", ""
    try:
        await run.terraform(
            creator, folder, "apply", str(plan_file), total=total, json=flag(), parallelism=PARALLELISM
        )
        outcome = "succeeded"
    except FleetError as error:
        summary = error.problem.what
        raise
    except (Cancelled, asyncio.CancelledError):
        outcome = "cancelled"
        raise
    finally:
        plan_file.unlink(missing_ok=True)  # it was used, or is stale now; and it holds secrets
        await asyncio.to_thread(_record, run, creator, outcome, started, summary)
    return "applied"


def _record(run: RunContext, creator: Creator, outcome: str, started: datetime, summary: str) -> None:
    record = run.buckets.read_record(creator)
    last = LastRun(
        run_id=run.operation.id,
        kind=run.operation.kind.value,
        outcome=outcome,
        operator=run.operation.operator,
        started_at=started,
        finished_at=None if outcome == "running" else datetime.now(UTC),
        summary=summary,
    )
    drift = None if outcome == "succeeded" else record.drift
    run.buckets.write_record(creator, record.model_copy(update={"last_run": last, "drift": drift}))

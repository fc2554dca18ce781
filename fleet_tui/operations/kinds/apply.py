"""Applying exactly the plan that was saved."""

from __future__ import annotations

import asyncio

from fleet_tui.deploy.terraform_cli import flag
from fleet_tui.operations.context import PARALLELISM, PLAN_FILE, RunContext, newest_plan
from fleet_tui.operations.kinds.protected import protected
from fleet_tui.operations.kinds.withdrawn import withdrawn
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Apply the plan that the operation names."""
    plan_folder = run.folder.parent / run.operation.target
    plan_file = plan_folder / PLAN_FILE
    folder = run.work_folder(creator)
    if not plan_file.is_file() or not folder.root.is_dir():
        raise FleetError.of(
            ProblemKind.STALE, "the saved plan is gone", where=run.operation.target, hint="Plan again"
        )
    if problem := await asyncio.to_thread(withdrawn, run, creator):
        raise FleetError(problem)
    plan = newest_plan(plan_folder)
    if plan and (problem := await asyncio.to_thread(protected, run, creator, plan)):
        raise FleetError(problem)
    total = plan.add + plan.change + plan.destroy if plan else 0
    try:
        await run.terraform(
            creator, folder, "apply", str(plan_file), total=total, json=flag(), parallelism=PARALLELISM
        )
    finally:
        plan_file.unlink(missing_ok=True)  # it was used, or is stale now; and it holds secrets
    return "applied"


async def take_up(run: RunContext, creator: Creator) -> str:
    """Follow an apply whose process is gone to its end."""
    plan_folder = run.folder.parent / run.operation.target
    plan = newest_plan(plan_folder)
    total = plan.add + plan.change + plan.destroy if plan else 0
    try:
        await run.follow_terraform(creator, run.work_folder(creator), total=total)
    finally:
        (plan_folder / PLAN_FILE).unlink(missing_ok=True)
    return "applied"

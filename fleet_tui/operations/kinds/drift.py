"""Looking for what was changed behind Terraform's back; nothing is written to the state by looking."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleet_tui.deploy.drift import WORST_FIRST, Drift, DriftClass, DriftFinding, DriftReport
from fleet_tui.deploy.drift.findings import findings
from fleet_tui.deploy.drift.known import after_check
from fleet_tui.deploy.drift.reports import checks_of, write_report
from fleet_tui.deploy.drift.sources import Sources
from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.second_region import left_behind
from fleet_tui.deploy.terraform_cli import flag
from fleet_tui.operations.context import PARALLELISM, RunContext
from fleet_tui.operations.journal import is_alive
from fleet_tui.operations.showing import show_as
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

KEPT_CHECKS = 3  # of each creator: a check every hour would fill the disk with journals that say nothing
_PLAN_FILE = "drift.bin"


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Compare the account with the state, triage what is different, and keep it.

    The values that are no secrets stay in the run's folder; beside the state are names alone.
    """
    if not await asyncio.to_thread(run.buckets.ready, creator):
        raise FleetError.of(
            ProblemKind.NOT_FOUND,
            "nothing was ever deployed there, so nothing can have drifted",
            where=creator.slug,
            hint=f"Plan it first (fleet plan {creator.slug})",
        )
    if problem := left_behind(creator, await asyncio.to_thread(run.buckets.outputs, creator)):
        raise FleetError(problem)
    forget_checks(run.folder.parent, creator.slug)
    folder = await run.prepare(creator)
    saved = run.folder / _PLAN_FILE
    try:
        await run.terraform(
            creator,
            folder,
            "plan",
            json=flag(),
            refresh_only=flag(),
            detailed_exitcode=flag(),
            parallelism=PARALLELISM,
            out=str(saved),
        )
        place_of = Sources(run.settings.workspace).place

        def read(document: Mapping[str, Any]) -> tuple[DriftFinding, ...]:
            return findings(document, creator, place_of)

        found = await show_as(
            read, saved, root=folder.root, work=run.settings.cache / "terraform", slug=creator.slug
        )
    finally:
        saved.unlink(missing_ok=True)  # it holds secrets, and nothing is applied from it
    now = datetime.now(UTC)
    kept = await asyncio.to_thread(_record, run, creator, found, now)
    report = DriftReport(slug=creator.slug, checked_at=now, resources=kept.resources, findings=found)
    write_report(run.folder, report)
    for finding in found:
        _tell(run, finding)
    return in_words(found)


def forget_checks(runs: Path, slug: str) -> None:
    """Remove all but the newest checks of a creator that have ended, and what a killed one left behind."""
    for place, folder in enumerate(checks_of(runs, slug)):
        if is_alive(folder):
            continue
        if place >= KEPT_CHECKS:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            (folder / _PLAN_FILE).unlink(missing_ok=True)


def in_words(found: Sequence[DriftFinding]) -> str:
    """`3 resources have drifted: 1 gone, 2 cosmetic`."""
    if not found:
        return "nothing has drifted"
    counts = Counter(finding.worst for finding in found)
    classes = ", ".join(f"{counts[one]} {one.value}" for one in WORST_FIRST if counts[one])
    return f"{len(found)} resource{'s have' if len(found) > 1 else ' has'} drifted: {classes}"


def _tell(run: RunContext, finding: DriftFinding) -> None:
    what = "is gone" if finding.gone else ", ".join(attribute.path for attribute in finding.attributes)
    severity = "info" if finding.worst is DriftClass.COSMETIC else "warning"
    run.say(f"{finding.worst.value}: {finding.address}: {what}", severity=severity)


def _record(run: RunContext, creator: Creator, found: Sequence[DriftFinding], now: datetime) -> Drift:
    kept = after_check(None, found, now)

    def change(record: RunRecord) -> RunRecord:
        nonlocal kept
        kept = after_check(record.drift, found, now)
        return record.model_copy(update={"drift": kept})

    run.records.change(creator, change)
    return kept

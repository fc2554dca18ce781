"""A run that writes, recorded beside the creator's state: from its beginning to its end, whatever that is."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from fleet_tui.deploy.lease import may_work
from fleet_tui.deploy.leases import LeaseLostError
from fleet_tui.deploy.memory import StateMemory
from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.recording import begun, cut_off, deploying, ended
from fleet_tui.deploy.records import LOST, Approval, RunEnd, RunFacts, digest
from fleet_tui.deploy.terraform_cli import PROVIDER
from fleet_tui.operations.approvals import Approvals
from fleet_tui.operations.context import Cancelled, RunContext, TerraformKilledError, newest_plan
from fleet_tui.operations.guarding import remember_here
from fleet_tui.operations.holding import Holding, clock
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.model import OperationKind, PlanSummary
from fleet_tui.operations.outputs import outputs_of
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator

_AGAIN_SECONDS = 3.0  # after a recording that did not get through
_OF_A_PLAN = frozenset({OperationKind.APPLY, OperationKind.DESTROY})
_PROVIDER_VERSION = re.compile(rf'provider "{re.escape(PROVIDER)}" {{\s+version\s+= "([^"]+)"')


async def recorded(
    run: RunContext, creator: Creator, lease: Holding, do: Callable[[RunContext, Creator], Awaitable[str]]
) -> str:
    """Do it, with a record of it in the creator's chain.

    Args:
        run: the run.
        creator: whose account it works in.
        lease: what it works under; without it nothing is recorded, for somebody else may do that now.
        do: what is to be done.

    Returns:
        What came of it.

    Raises:
        FleetError: it did not work; or its beginning could not be recorded, and nothing was done.
        Cancelled: the operator stopped it.
    """
    run.lease, run.about_to_write = lease, lease.prove
    if run.adopted and (known := await asyncio.to_thread(run.records.entry, creator, run.operation.id)):
        run.say(f"this run has been recorded meanwhile, as {known.end.outcome}", severity="warning")
        return await do(run, creator)
    facts = await asyncio.to_thread(facts_of, run, creator, lease.number)
    await asyncio.to_thread(_begin, run, creator, facts)

    async def about_to_write() -> None:
        await lease.prove()
        await asyncio.to_thread(run.records.change, creator, lambda record: deploying(record, facts.run_id))

    run.about_to_write = about_to_write
    outcome, summary = "failed", "it broke off on an error of its own"
    try:
        text = await do(run, creator)
        outcome, summary = "succeeded", ""
        return text
    except FleetError as error:
        outcome = LOST if run.adopted and isinstance(error, TerraformKilledError) else "failed"
        summary = error.problem.what
        raise
    except (Cancelled, asyncio.CancelledError):
        outcome, summary = "cancelled", ""
        raise
    finally:
        try:
            await _record_end(run, creator, lease, outcome, summary)
        except FleetError as error:
            run.say(
                f"the end of this run could not be recorded: {error.problem.what}. "
                "Whoever writes there next does it",
                severity="warning",
            )


async def _record_end(run: RunContext, creator: Creator, lease: Holding, outcome: str, summary: str) -> None:
    """Record how it ended, under the lease; what passes is waited for as long as by a run that renews it."""
    begun = clock()
    while True:
        try:
            await lease.prove()
            return await asyncio.to_thread(_end, run, creator, outcome, summary)
        except FleetError as error:
            passing = error.problem.transient and not isinstance(error, LeaseLostError)
            if not (passing and may_work(timedelta(seconds=clock() - begun))):
                raise
        await asyncio.sleep(_AGAIN_SECONDS)


def facts_of(run: RunContext, creator: Creator, lease: int | None) -> RunFacts:
    """What is known of a run before it begins. Raises FleetError."""
    operation = run.operation
    plan = newest_plan(run.folder.parent / operation.target) if operation.kind in _OF_A_PLAN else None
    approval = _approval(run, plan) if plan is not None else None
    return RunFacts(
        run_id=operation.id,
        kind=operation.kind.value,
        operator=operation.operator,
        host=socket.gethostname(),
        reason=operation.reason,
        target=operation.target,
        rollout=operation.rollout,
        requested_at=operation.requested_at,
        started_at=datetime.now(UTC),
        approval=approval,
        plan_digest=plan_digest(plan) if plan else "",
        lease=lease,
        before=run.buckets.mark(creator),
        fleet_version=version("fleet-tui"),
    )


def _approval(run: RunContext, plan: PlanSummary) -> Approval:
    """Who approved the plan: whoever asked for it to be applied, or whoever approved it as one of several."""
    operation = run.operation
    if not operation.approval:
        return Approval(by=operation.operator, at=operation.requested_at, fingerprint=plan.fingerprint)
    given = Approvals(run.settings.state).get(operation.approval)
    fingerprint = next((one.fingerprint for one in given.plans if one.slug == operation.slug), "")
    return Approval(by=given.operator, at=given.at, fingerprint=fingerprint, id=given.id)


def plan_digest(plan: PlanSummary) -> str:
    """SHA-256 over what a plan would do, names only."""
    names = {"add", "change", "destroy", "changes", "drift", "outputs_changed", "fingerprint"}
    return digest(plan.model_dump(mode="json", include=names))


def told_here(journals: Journals, cut: RunFacts, now: datetime) -> RunEnd:
    """How a run ended whose end nobody recorded: as its journal says, where that is here; or lost."""
    try:
        known = journals.get(cut.run_id)
    except FleetError:
        return cut_off(now)
    if known.finished_at is None:
        return cut_off(now)
    summary = known.problem.what if known.problem else ""
    return RunEnd(outcome=known.status.value, at=known.finished_at, summary=summary)


def _begin(run: RunContext, creator: Creator, facts: RunFacts) -> None:
    cut: list[RunFacts] = []

    def begin(record: RunRecord) -> RunRecord:
        cut[:] = [record.writing] if record.writing and record.writing.run_id != facts.run_id else []
        now = datetime.now(UTC)
        end = told_here(Journals(run.settings.state), cut[0], now) if cut else cut_off(now)
        return begun(record, facts, cut_off=end)

    record = run.records.change(creator, begin)
    for other in cut:
        outcome = record.newest.end.outcome if record.newest else LOST
        run.say(
            f"the end of {other.run_id} by {other.operator} was never recorded; it is now, as {outcome}",
            severity="warning",
        )


def _end(run: RunContext, creator: Creator, outcome: str, summary: str) -> None:
    after = run.buckets.mark(creator)
    end = RunEnd(
        outcome=outcome,
        at=datetime.now(UTC),
        summary=summary,
        after=after,
        terraform_version=_terraform_version(run.folder),
        provider_version=_provider_version(run.work_folder(creator).root),
    )
    run.records.change(creator, lambda record: ended(record, run.operation.id, end))
    try:
        remember_here(StateMemory(run.settings.state), creator, after)
    except OSError as error:  # beside the state it is remembered
        text = f"the state cannot be remembered on this machine: {error.strerror}"
        run.say(text, severity="warning")


def _terraform_version(folder: Path) -> str:
    """The Terraform that this run has run, by the first line of its output."""
    for output in outputs_of(folder):
        with output.open(encoding="utf-8", errors="replace") as lines:
            try:
                first = json.loads(lines.readline())
            except ValueError:
                continue
            if isinstance(first, dict) and first.get("type") == "version":
                return str(first.get("terraform", ""))
    return ""


def _provider_version(root: Path) -> str:
    """The AWS provider that a work folder was initialised with."""
    try:
        found = _PROVIDER_VERSION.search((root / ".terraform.lock.hcl").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    return found.group(1) if found else ""

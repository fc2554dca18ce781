"""Breaking what somebody holds: our lease, Terraform's lock, or both; exactly what the operator was shown."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fleet_tui.deploy.lease import holder
from fleet_tui.deploy.leases import Leases
from fleet_tui.deploy.recording import appended, cut_off, ended
from fleet_tui.deploy.records import RunEnd
from fleet_tui.deploy.statelock import StateLocks
from fleet_tui.operations.context import RunContext
from fleet_tui.operations.recorded import facts_of
from fleet_tui.operations.unlocking import Shown
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Break it, and record that: beside the state, where whoever held it finds out by whom and why."""
    shown = Shown.model_validate_json(run.operation.target)
    return await asyncio.to_thread(_break, run, creator, shown)


def _break(run: RunContext, creator: Creator, shown: Shown) -> str:
    facts = facts_of(run, creator, shown.lease)
    done: list[str] = []
    problem = ""
    try:
        if shown.lease is not None:
            _break_lease(run, creator, shown.lease)
            done.append(f"lease {shown.lease} broken")
        if shown.lock is not None:
            lock = StateLocks(run.door).remove(creator, shown.lock)
            run.say(
                f"Terraform's lock {lock.id} of {lock.who}, held since {lock.created:%-d %b %H:%M} UTC, "
                "removed",
                severity="warning",
            )
            done.append("Terraform's lock removed")
    except FleetError as error:
        problem = error.problem.what
        raise
    finally:
        end = RunEnd(
            outcome="failed" if problem else "succeeded",
            at=datetime.now(UTC),
            summary="; ".join((*done, *([problem] if problem else []))),
        )
        run.records.change(creator, lambda record: appended(record, facts, end))
    return ", ".join(done)


def _break_lease(run: RunContext, creator: Creator, number: int) -> None:
    """Break the lease, and record the end of the run that held it: without the lease it cannot do that."""
    by = run.operation.operator
    lease = Leases(run.door).break_off(creator, number, by)
    run.say(f"the lease of {holder(lease)} broken", severity="warning")
    end = cut_off(datetime.now(UTC), f"its lease was broken by {by}")
    run.records.change(creator, lambda record: ended(record, lease.claim.run_id, end))

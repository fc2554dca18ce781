"""When a saved plan must not be applied any more: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from fleet_tui.deploy.model import DeployState
from fleet_tui.operations.model import PlanBasis, Run

KEPT = timedelta(hours=24)
"""How long a plan may be applied, and how long its file is kept: what it found out about the account ages,
and it holds secrets."""


def basis_of(state: DeployState) -> PlanBasis:
    """What a plan would be made from now."""
    return PlanBasis(configuration=state.wanted_digest or "", serial=state.serial, lineage=state.lineage)


def stale(plan: Run, current: PlanBasis, now: datetime, *, kept: bool) -> str | None:
    """Why the plan must not be applied; None where it may be.

    Args:
        plan: a run that has made a plan.
        current: what a plan would be made from now.
        now: the present.
        kept: whether its file is there.
    """
    basis = plan.plan.basis if plan.plan else None
    made_at = plan.finished_at or plan.operation.requested_at
    if not kept:
        return "its saved plan is gone: it was applied, or another plan took its place"
    if now - made_at > KEPT:
        return f"it is {(now - made_at) // timedelta(hours=1)} hours old"
    if basis is None:
        return "nothing is known of what it was made from"
    if basis.lineage != current.lineage:
        return "the state is another one than it was made from"
    if basis.serial != current.serial:
        return f"the state has moved on since, from serial {basis.serial} to {current.serial}"
    if basis.configuration != current.configuration:
        return "the configuration has changed since"
    return None

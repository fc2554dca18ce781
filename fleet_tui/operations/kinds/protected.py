"""What must not be destroyed, asked before a plan is applied."""

from __future__ import annotations

from fleet_tui.operations.context import RunContext
from fleet_tui.operations.model import PlanSummary
from fleet_tui.operations.planlines import destroyed
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator


def protected(run: RunContext, creator: Creator, summary: PlanSummary) -> Problem | None:
    """What keeps the plan from being applied: AWS would refuse half-way, with the rest already gone."""
    gone = destroyed(summary.changes)
    kept = sorted(gone.intersection(run.buckets.observe(creator).protected)) if gone else []
    if not kept:
        return None
    return Problem(
        kind=ProblemKind.CONFLICT,
        what=f"the plan destroys what holds data and is protected: {', '.join(kept)}",
        where=creator.slug,
        hint="To give the data up, set protect_data = false in creator.toml with the module still on, "
        "apply, and then switch the module off",
    )

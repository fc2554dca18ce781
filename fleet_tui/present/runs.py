"""Runs and plans as lines of text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal

from fleet_tui.costs.model import Confidence
from fleet_tui.operations.model import (
    Action,
    CostDelta,
    OperationKind,
    PlanSummary,
    ResourceChange,
    RiskLevel,
    Run,
    RunEvent,
    RunStatus,
)
from fleet_tui.operations.telling import WAITING
from fleet_tui.present.line import Line, Span, Tone, fit, line
from fleet_tui.present.quantity import UNKNOWN, age, dollars, duration
from fleet_tui.present.spark import FREE, SPENT
from fleet_tui.present.states import action_badge, risk_badge, run_badge

_SEVERITY = {"warning": Tone.CAUTION, "error": Tone.TROUBLE}
_BAR = 24


def status_cell(run: Run, width: int, _now: datetime) -> Line:
    """Where the run is."""
    return fit(run_badge(run.status).line, width)


def kind_cell(run: Run, width: int, _now: datetime) -> Line:
    """What is done."""
    return fit((Span(run.operation.kind.value, Tone.STRONG),), width)


def slug_cell(run: Run, width: int, _now: datetime) -> Line:
    """On which creator."""
    return fit((Span(run.operation.slug),), width)


def progress_cell(run: Run, width: int, _now: datetime) -> Line:
    """Resources done and to do."""
    return fit((Span(f"{run.done}/{run.total}" if run.total else UNKNOWN, Tone.QUIET),), width, right=True)


def started_cell(run: Run, width: int, now: datetime) -> Line:
    """How long ago it was asked for."""
    return fit((Span(age(run.operation.requested_at, now), Tone.QUIET),), width, right=True)


def operator_cell(run: Run, width: int, _now: datetime) -> Line:
    """Who asked for it."""
    return fit((Span(run.operation.operator, Tone.QUIET),), width)


def outcome_cell(run: Run, width: int, _now: datetime) -> Line:
    """What came of it, or what it is doing."""
    if run.problem is not None:
        return fit(
            (Span(run.problem.what, Tone.TROUBLE if run.status is RunStatus.FAILED else Tone.QUIET),), width
        )
    if run.plan is not None:
        return fit((Span(plan_sentence(run.plan)),), width)
    return fit((Span(run.last_text, Tone.QUIET),), width)


def plan_sentence(plan: PlanSummary) -> str:
    """`12 to create, 1 to change`, or that there is nothing to do."""
    if plan.empty:
        return "nothing to change"
    parts = ((plan.add, "create"), (plan.change, "change"), (plan.destroy, "destroy"))
    imported = sum(change.imported for change in plan.changes)
    told = ", ".join(f"{number} to {word}" for number, word in (*parts, (imported, "take in")) if number)
    return told or "only outputs change"


def run_head(run: Run, now: datetime, width: int) -> list[Line]:
    """Status, progress, who and why; two or three lines."""
    operation = run.operation
    begun = run.started_at or operation.requested_at
    took = duration((run.finished_at or now) - begun)
    status = run_badge(run.status)
    first = line(*status.line, Span(f"  {operation.kind.value} {operation.slug}", Tone.STRONG), f"  {took}")
    if run.total:
        filled = min(_BAR, int(run.done / run.total * _BAR)) if width >= 60 else 0
        drawn = SPENT * filled + FREE * (_BAR - filled) if width >= 60 else ""
        first = line(*first, f"  {run.done}/{run.total} ", Span(drawn, Tone.QUIET))
    by = f"{operation.operator} · account {operation.account_id} · {age(operation.requested_at, now)} ago"
    why = f"rollout {operation.rollout}" if operation.rollout else ""
    lines = [
        first,
        line(Span(" · ".join(filter(None, (by, why, operation.reason))), Tone.QUIET)),
    ]
    if not run.finished and run.last_text.startswith(WAITING):
        lines.append((Span(f"… {run.last_text}", Tone.CAUTION),))
    if run.problem is not None:
        lines.append(
            (Span(run.problem.sentence, status.tone if status.tone is not Tone.QUIET else Tone.PLAIN),)
        )
    return lines


def plan_lines(plan: PlanSummary) -> list[Line]:
    """What a plan would do: its risk with the reasons first, then every change."""
    badge = risk_badge(plan.risk.level)
    lines: list[Line] = [line(Span(plan_sentence(plan), Tone.STRONG), "  ", *badge.line)]
    lines += [(Span(f"  {reason}", badge.tone),) for reason in plan.risk.reasons]
    if plan.cost is not None:
        lines.append((Span(cost_sentence(plan.cost), Tone.QUIET),))
    if plan.drift:
        lines.append(
            (Span(f"≠ {len(plan.drift)} changed outside Terraform: {', '.join(plan.drift)}", Tone.CAUTION),)
        )
    for change in sorted_changes(plan.changes):
        action = action_badge(change.action)
        changed = f"  {', '.join(change.changed)}" if change.changed else ""
        if change.replaced_for:
            changed = f"  for {', '.join(change.replaced_for)}"
        names = Span(changed, Tone.QUIET)
        lines.append(line(*fit(action.line, 10), Span(change.address, action.tone), names))
    return lines


def change_in_month(amount: Decimal) -> str:
    """`+$2.20/month`, `-$0.50/month`, `±$0/month`."""
    if not amount:
        return "±$0/month"
    return f"{'+' if amount > 0 else ''}{dollars(amount, cents=True)}/month"


def cost_sentence(cost: CostDelta | None) -> str:
    """`+$2.20/month, at list prices`; says what is not known."""
    if cost is None:
        return "cost unknown"
    told = change_in_month(cost.monthly)
    if cost.unknown:
        return f"{told} and what is not known: {', '.join(cost.unknown)}"
    if not cost.monthly:
        return f"{told}, before usage"
    sure = "at list prices" if cost.confidence is Confidence.LISTED else "with usage as planned"
    return f"{told}, {sure}"


def sorted_changes(changes: Iterable[ResourceChange]) -> list[ResourceChange]:
    """Changes, what is lost first."""
    return sorted(changes, key=lambda item: (_WORST_FIRST.index(item.action), item.address))


_WORST_FIRST = (
    Action.DELETE,
    Action.REPLACE,
    Action.UPDATE,
    Action.IMPORT,
    Action.CREATE,
    Action.READ,
)


def event_lines(event: RunEvent, zone: tzinfo | None) -> list[Line]:
    """What an event adds to the log, stamped in this time zone; nothing where the page's head shows it."""
    text = event.text or (event.problem.sentence if event.problem else "")
    stamp = Span(f"{event.at.astimezone(zone):%H:%M:%S}  ", Tone.QUIET)
    tone = _SEVERITY.get(event.severity, Tone.PLAIN)
    return [line(stamp, Span(part, tone)) for part in text.expandtabs(4).splitlines()]


def can_apply(run: Run) -> bool:
    """Whether this run is a plan that came out with something to apply."""
    return _is_ready(run) and not run.operation.destroys


def can_destroy(run: Run) -> bool:
    """Whether this run is a plan to destroy, and came out with something to destroy."""
    return _is_ready(run) and run.operation.destroys


def _is_ready(run: Run) -> bool:
    ready = run.operation.kind is OperationKind.PLAN and run.status is RunStatus.SUCCEEDED
    return ready and run.plan is not None and not run.plan.empty


def destroys_data(plan: PlanSummary) -> bool:
    """Whether applying asks for more than a yes."""
    return plan.risk.level is RiskLevel.DESTRUCTIVE

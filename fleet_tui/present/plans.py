"""Plans of many creators as lines of text: their groups, what they cost, how far a batch is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat

from fleet_tui.operations.grouping import FailedGroup, Grouped, PlanGroup
from fleet_tui.operations.model import ResourceChange, Run
from fleet_tui.planning.batches import BatchProgress
from fleet_tui.present.line import Line, Span, Tone, fit, hang, line, plain, width_of
from fleet_tui.present.quantity import UNKNOWN, age, count, dollars
from fleet_tui.present.runs import change_in_month, cost_sentence, plan_sentence, sorted_changes
from fleet_tui.present.states import action_badge, risk_badge, run_badge

_AT_DOTS = re.compile(r"(?<=\.)(?=\w)")
_ACTION = 11  # cells of what is done to a resource
_LINES_SHOWN = 20  # creators of a group with a line each
_NAMES_SHOWN = 3  # creators by name in a place of one line


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of the list of plans: plans that do the same, or that failed for the same reason."""

    group: PlanGroup | FailedGroup

    @property
    def key(self) -> str:
        """Stays the same while the plans do."""
        if isinstance(self.group, PlanGroup):
            return self.group.fingerprint
        problem = self.group.problem
        return f"failed {problem.kind.value} {problem.what}" if problem else "failed"

    @property
    def plans(self) -> tuple[Run, ...]:
        """The plans themselves."""
        return self.group.plans


def rows_of(found: Grouped) -> dict[str, PlanRow]:
    """The rows of the list, in their order."""
    rows = [*map(PlanRow, found.groups), *map(PlanRow, found.failed)]
    return {row.key: row for row in rows}


def creators(number: int) -> str:
    """`1 creator`, `9 creators`."""
    return f"{count(number)} {'creator' if number == 1 else 'creators'}"


def named(slugs: Sequence[str], most: int = _NAMES_SHOWN) -> str:
    """`kasper, mina-moor, otto and 6 more`."""
    shown = ", ".join(slugs[:most])
    return shown if len(slugs) <= most else f"{shown} and {count(len(slugs) - most)} more"


def group_sentence(group: PlanGroup) -> str:
    """`9 creators: the same 2 changes`."""
    number = len(group.summary.changes)
    what = "only outputs change"
    if number:
        same = "the same " if len(group.plans) > 1 else ""
        what = f"{same}{count(number)} {'change' if number == 1 else 'changes'}"
    return f"{creators(len(group.plans))}: {what}"


def grouped_sentence(found: Grouped) -> str:
    """`9 creators: the same 2 changes; 1 differs`."""
    if not found.groups:
        return "nothing to apply"
    largest = max(found.groups, key=lambda group: len(group.plans))
    differ = sum(len(group.plans) for group in found.groups) - len(largest.plans)
    told = group_sentence(largest)
    return told if not differ else f"{told}; {count(differ)} {'differs' if differ == 1 else 'differ'}"


def progress_sentence(progress: BatchProgress) -> str:
    """`planned 112 of 300 · 3 failed · 2 running`; what there is none of is left out."""
    parts = [f"planned {count(progress.planned)} of {count(progress.total)}"]
    told = ((progress.failed, "failed"), (progress.cancelled, "not planned"), (progress.running, "running"))
    parts += [f"{count(number)} {word}" for number, word in told if number]
    return " · ".join(parts)


# Cells of the list


def risk_cell(row: PlanRow, width: int, _now: datetime) -> Line:
    """How carefully it wants to be read."""
    if isinstance(row.group, FailedGroup):
        return fit(run_badge(row.plans[0].status).line, width)
    return fit(risk_badge(row.group.summary.risk.level).line, width)


def creators_cell(row: PlanRow, width: int, _now: datetime) -> Line:
    """How many creators."""
    return fit((Span(count(len(row.plans)), Tone.STRONG),), width, right=True)


def what_cell(row: PlanRow, width: int, _now: datetime) -> Line:
    """What would be done."""
    if isinstance(row.group, PlanGroup):
        return fit((Span(plan_sentence(row.group.summary)),), width)
    problem = row.group.problem
    return fit((Span(problem.what if problem else "ended without a plan", Tone.CAUTION),), width)


def cost_cell(row: PlanRow, width: int, _now: datetime) -> Line:
    """What a month costs more, all creators together."""
    monthly = row.group.monthly if isinstance(row.group, PlanGroup) else None
    text = UNKNOWN
    if isinstance(row.group, PlanGroup) and monthly is not None:
        unsure = any(cost.unknown for cost in row.group.costs or ())
        amount = f"{'+' if monthly > 0 else ''}{dollars(monthly, cents=True)}" if monthly else "±$0"
        text = f"{amount}?" if unsure else amount
    return fit((Span(text, Tone.QUIET),), width, right=True)


def age_cell(row: PlanRow, width: int, now: datetime) -> Line:
    """How old the oldest of them is."""
    oldest = min(plan.finished_at or plan.operation.requested_at for plan in row.plans)
    return fit((Span(age(oldest, now, short=True), Tone.QUIET),), width, right=True)


def names_cell(row: PlanRow, width: int, _now: datetime) -> Line:
    """Whom it is for: as many names as there is room for, with the number of the others."""
    slugs = row.group.slugs
    told = (named(slugs, most) for most in range(_NAMES_SHOWN, 0, -1))
    short = slugs[0] if len(slugs) == 1 else f"{slugs[0]} +{count(len(slugs) - 1)}"
    return fit((Span(next((text for text in told if len(text) <= width), short), Tone.QUIET),), width)


# One group


def row_lines(row: PlanRow, now: datetime, width: int) -> list[Line]:
    """All of a row: what would be done, why it is dangerous, what it costs, and for whom."""
    if isinstance(row.group, FailedGroup):
        return _failed_lines(row.group, width)
    return group_lines(row.group, now, width)


def group_lines(group: PlanGroup, now: datetime, width: int) -> list[Line]:
    """All of a group, in lines of at most `width` cells."""
    summary = group.summary
    badge = risk_badge(summary.risk.level)
    lines: list[Line] = [
        (Span(group_sentence(group), Tone.STRONG),),
        *hang(line(*badge.line, Span(f" · {plan_sentence(summary)}")), width),
    ]
    for reason in summary.risk.reasons:
        lines += _hang_at_dots(Span("  ! ", badge.tone), reason, badge.tone, width)
    lines += ((), *_cost_lines(group, width), ())
    creators_of_it = [(Span("Creators", Tone.STRONG),), *_creator_lines(group.plans, now, width)]
    changes: list[Line] = [(Span("Changes", Tone.STRONG),)]
    for change in sorted_changes(summary.changes):
        changes += change_lines(change, width)
    if summary.outputs_changed:
        changes.append((Span("  outputs", Tone.QUIET),))
    many = len(group.plans) > _LINES_SHOWN  # what is read first must not be far below their names
    first, second = (changes, creators_of_it) if many else (creators_of_it, changes)
    return [*lines, *first, (), *second]


def change_lines(change: ResourceChange, width: int) -> list[Line]:
    """One change, with the names of what it changes."""
    badge = action_badge(change.action)
    whole = line(*fit(badge.line, _ACTION), Span(change.address, badge.tone))
    lines = [whole]
    if width_of(whole) > width:
        lines = [badge.line, *_hang_at_dots(Span("  "), change.address, badge.tone, width)]
    names = list(change.changed)
    if change.replaced_for:
        names = [f"replaced for {', '.join(change.replaced_for)}"]
    if change.imported:
        names.append("taken into the state")
    if names:
        indent = _ACTION if len(lines) == 1 else 4
        lines += hang(line(Span(" " * indent), Span(", ".join(names), Tone.QUIET)), width)
    return lines


def _hang_at_dots(label: Span, text: str, tone: Tone, width: int) -> list[Line]:
    """The text after its label, its lines broken at words and at the dots of addresses."""
    parts = (Span(part, tone) for part in _AT_DOTS.split(text))
    indent = width_of((label,))
    lines = [plain(pieces)[indent:] for pieces in hang(line(label, *parts), width)]
    heads = chain((label,), repeat(Span(" " * indent)))
    return [line(head, Span(told, tone)) for head, told in zip(heads, lines, strict=False)]


def _creator_lines(plans: Sequence[Run], now: datetime, width: int) -> Iterable[Line]:
    """A line each; of many creators only their names, and a line for who has drifted."""
    if len(plans) <= _LINES_SHOWN:
        return [_creator_line(plan, now) for plan in plans]
    made = sorted(plan.finished_at or plan.operation.requested_at for plan in plans)
    when = Span(f"  planned {age(made[0], now)} to {age(made[-1], now)} ago", Tone.QUIET)
    names = ", ".join(plan.operation.slug for plan in plans)
    drifted = [_creator_line(plan, now) for plan in plans if plan.plan and plan.plan.drift]
    return [line(when), *hang(line("  ", Span(names)), width), *drifted]


def _creator_line(plan: Run, now: datetime) -> Line:
    drift = len(plan.plan.drift) if plan.plan else 0
    told = Span(f"  ≠ {drift} changed outside Terraform", Tone.CAUTION) if drift else Span("")
    made = age(plan.finished_at or plan.operation.requested_at, now)
    return line(f"  {plan.operation.slug}", Span(f"  {made} ago", Tone.QUIET), told)


def _cost_lines(group: PlanGroup, width: int) -> Iterable[Line]:
    own = group.summary.cost
    told = cost_sentence(own).removeprefix("cost ")
    if len(group.plans) > 1:
        told = told.replace("/month", "/month each", 1)
    yield from hang(line(Span("Cost ", Tone.STRONG), Span(told)), width)
    for part in own.lines if own else ():
        yield from hang(line("  ", Span(part, Tone.QUIET)), width)
    if len(group.plans) > 1 and group.monthly:
        yield (Span(f"  {change_in_month(group.monthly)} all together", Tone.QUIET),)


def _failed_lines(group: FailedGroup, width: int) -> list[Line]:
    problem = group.problem
    what = problem.what if problem else f"the plan is {group.plans[0].status.value}"
    lines = [(Span(f"{creators(len(group.plans))}: no plan", Tone.STRONG),), *hang((Span(what),), width)]
    if problem is not None and problem.hint:
        lines += ((), *hang((Span(problem.hint, Tone.WAITING),), width))
    lines += ((), (Span("Creators", Tone.STRONG),))
    return lines + hang(line("  ", Span(", ".join(group.slugs))), width)


def danger_word(group: PlanGroup) -> str | None:
    """What has to be typed before the group is applied; None where a yes is enough.

    Args:
        group: several creators take their number; what loses data, the slug, or `destroy` and the number.
    """
    if group.destructive:
        return group.slugs[0] if len(group.plans) == 1 else f"destroy {len(group.plans)}"
    return str(len(group.plans)) if len(group.plans) > 1 else None

"""The eight steps as lines of text, for the console and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from fleet_tui.costs.model import CostLine
from fleet_tui.onboarding.model import Check, Doing, Journey, Outcome, Record, Step, StepName, StepState
from fleet_tui.present.line import Line, Span, Tone, fit, line
from fleet_tui.present.quantity import age, dollars
from fleet_tui.present.states import Badge
from fleet_tui.registry.drafting import Draft, left_to_the_file

_STEP = {
    StepState.UNKNOWN: Badge("–", "unknown", Tone.QUIET),
    StepState.TO_DO: Badge("○", "to do", Tone.WAITING),
    StepState.RUNNING: Badge("↻", "running", Tone.STRONG),
    StepState.WAITING: Badge("…", "waiting", Tone.PLAIN),
    StepState.DONE: Badge("✓", "done", Tone.PLAIN),
    StepState.FAILED: Badge("✗", "failed", Tone.TROUBLE),
    StepState.NOT_NEEDED: Badge("·", "not needed", Tone.QUIET),
}

_CHECK = {
    Outcome.OK: Badge("✓", "well", Tone.PLAIN),
    Outcome.FAILED: Badge("✗", "failed", Tone.TROUBLE),
    Outcome.WAITING: Badge("…", "waiting", Tone.PLAIN),
    Outcome.UNKNOWN: Badge("–", "unknown", Tone.CAUTION),
    Outcome.SKIPPED: Badge("·", "left out", Tone.QUIET),
}

_TITLES = {
    StepName.CREATOR: "Creator",
    StepName.ACCOUNT: "Account",
    StepName.BACKEND: "State bucket",
    StepName.MAIL: "Mail (SES)",
    StepName.INFRASTRUCTURE: "Infrastructure",
    StepName.FRONTEND: "Frontend",
    StepName.DNS: "Domain (DNS)",
    StepName.LIVE: "Go live",
}

_DOING = {
    Doing.CREATE_BACKEND: "make the state bucket, then plan",
    Doing.PLAN: "plan",
    Doing.APPLY: "apply the plan",
    Doing.ASK_FOR_PRODUCTION: "ask AWS for production access",
    Doing.SET_PRODUCTION: "enter production = true in creator.toml",
    Doing.SET_DOMAIN_READY: "enter domain_ready = true in creator.toml",
    Doing.DEPLOY_SITE: "build the site and bring it up",
}

_NUMBER, _TITLE, _BADGE, _AGE = 3, 15, 13, 8
_LABEL = 10


def step_badge(step: Step) -> Badge:
    """Where a step is; what has to wait for another step is quiet."""
    badge = _STEP[step.state]
    waits_its_turn = step.state is StepState.TO_DO and step.doing is None
    return badge._replace(tone=Tone.QUIET) if waits_its_turn else badge


def step_title(name: StepName) -> str:
    """What a step is called."""
    return _TITLES[name]


def doing_words(doing: Doing) -> str:
    """What would be done, to follow "enter" or a question."""
    return _DOING[doing]


def step_line(step: Step, width: int, now: datetime) -> Line:
    """`5  Infrastructure  ○ to do       2h  nothing has been applied yet`."""
    number = list(StepName).index(step.name) + 1
    head = (
        Span(f"{number}".ljust(_NUMBER), Tone.QUIET),
        *fit((Span(_TITLES[step.name], Tone.STRONG),), _TITLE),
        Span(" "),
        *fit(step_badge(step).line, _BADGE),
    )
    since = age(step.since, now, short=True) if step.since and not step.settled else ""
    used = _NUMBER + _TITLE + 1 + _BADGE
    if width < used + _AGE:
        return fit(head, width)
    aged = fit((Span(since, Tone.QUIET),), _AGE - 2, right=True)
    return fit((*head, *aged, Span("  "), Span(step_note(step), Tone.QUIET)), width)


def step_note(step: Step) -> str:
    """What matters most about a step, in one piece: what it waits for, what was found, or its turn."""
    if step.state is StepState.WAITING and step.waiting_for:
        return f"for {step.waiting_for}"
    if step.state is StepState.TO_DO and step.action:
        return step.action
    return step.found[0] if step.found else step.action


def step_detail(step: Step, now: datetime, *, by: str = "enter") -> list[Line]:
    """Everything about one step: state, what was found, records to enter, checks, and what to do next.

    Args:
        step: which.
        now: the present, for ages.
        by: the key or the option that carries out what can be done.
    """
    lines: list[Line] = [line(*step_badge(step).line, Span(_waited(step, now), Tone.QUIET))]
    lines += [line(Span("found".ljust(_LABEL), Tone.QUIET), text) for text in step.found[:1]]
    lines += [line(Span(" " * _LABEL), text) for text in step.found[1:]]
    if step.action:
        lines.append(line(Span("next".ljust(_LABEL), Tone.QUIET), Span(step.action, _tone_of_action(step))))
    if step.doing is not None:
        lines.append(line(Span(by.ljust(_LABEL), Tone.QUIET), Span(_DOING[step.doing], Tone.WAITING)))
    if step.checked_at is not None:
        lines.append(
            line(
                Span("looked".ljust(_LABEL), Tone.QUIET), Span(f"{age(step.checked_at, now)} ago", Tone.QUIET)
            )
        )
    if step.records:
        lines += [(), (Span("Records", Tone.STRONG),), *record_lines(step.records)]
    if step.checks:
        lines += [(), (Span("Checks", Tone.STRONG),), *check_lines(step.checks)]
    return lines


def _waited(step: Step, now: datetime) -> str:
    since = f" for {age(step.since, now)}" if step.since and not step.settled else ""
    waiting = f" · for {step.waiting_for}" if step.waiting_for else ""
    return since + waiting


def _tone_of_action(step: Step) -> Tone:
    return Tone.PLAIN if step.state is not StepState.FAILED else Tone.CAUTION


def record_lines(records: Sequence[Record]) -> list[Line]:
    """Each record with whether it is there; name and value on lines of their own, because both are long."""
    lines: list[Line] = []
    purpose = ""
    for record in records:
        if record.purpose != purpose:
            purpose = record.purpose
            lines.append((Span(purpose, Tone.QUIET),))
        mark = {True: Span("✓ ", Tone.PLAIN), False: Span("○ ", Tone.WAITING), None: Span("  ")}[record.found]
        if record.type == "NS":
            lines.append(line(mark, record.value))
            continue
        lines.append(line(mark, Span(f"{record.type} ", Tone.STRONG), record.name))
        lines.append(line(Span("    "), record.value))
    return lines


def check_lines(checks: Sequence[Check]) -> list[Line]:
    """Each check with what was found; below one that is not well, what was expected and what to do."""
    lines: list[Line] = []
    for check in checks:
        badge = _CHECK[check.outcome]
        name = fit((Span(check.name, Tone.STRONG),), 12)
        lines.append(line(Span(f"{badge.glyph} ", badge.tone), *name, Span(check.found, badge.tone)))
        if check.outcome in (Outcome.FAILED, Outcome.UNKNOWN):
            lines.append(line(Span("  expected  ", Tone.QUIET), check.expected))
            lines.append(line(Span("  do        ", Tone.QUIET), check.action))
    return lines


def check_badge(outcome: Outcome) -> Badge:
    """What a check came to."""
    return _CHECK[outcome]


def journey_head(journey: Journey) -> Line:
    """`5 of 8 done · waits for the name servers at the registrar`."""
    done = Span(f"{journey.done} of {len(journey.steps)} done", Tone.STRONG)
    step = journey.next
    if step is None:
        return (done, Span(" · live", Tone.PLAIN))
    return (done, Span(f" · {_TITLES[step.name]}: {step_note(step)}", Tone.QUIET))


# The cells of the list of steps.


def numbered_cell(step: Step, width: int, _now: datetime) -> Line:
    """`5  Infrastructure`."""
    number = Span(f"{list(StepName).index(step.name) + 1}  ", Tone.QUIET)
    return fit((number, Span(_TITLES[step.name], Tone.QUIET if step.settled else Tone.STRONG)), width)


def step_state_cell(step: Step, width: int, _now: datetime) -> Line:
    """Where the step is."""
    return fit(step_badge(step).line, width)


def step_since_cell(step: Step, width: int, now: datetime) -> Line:
    """Since when, as long as there is something to do."""
    since = age(step.since, now, short=True) if step.since and not step.settled else ""
    return fit((Span(since, Tone.QUIET),), width, right=True)


def step_note_cell(step: Step, width: int, _now: datetime) -> Line:
    """What it waits for, or what was found."""
    return fit((Span(step_note(step), Tone.QUIET if step.settled or not step.found else Tone.PLAIN),), width)


# The cells of the list of creators who are not live yet.


def name_cell(journey: Journey, width: int, _now: datetime) -> Line:
    """The display name."""
    return fit((Span(journey.name, Tone.STRONG),), width)


def done_cell(journey: Journey, width: int, _now: datetime) -> Line:
    """`5/8`."""
    return fit((Span(f"{journey.done}/{len(journey.steps)}"),), width, right=True)


def step_cell(journey: Journey, width: int, _now: datetime) -> Line:
    """The step that it is about."""
    return fit((Span(_TITLES[journey.next.name] if journey.next else ""),), width)


def state_cell(journey: Journey, width: int, _now: datetime) -> Line:
    """Where that step is."""
    return fit(step_badge(journey.next).line if journey.next else (), width)


def since_cell(journey: Journey, width: int, now: datetime) -> Line:
    """Since when."""
    since = journey.next.since if journey.next else None
    return fit((Span(age(since, now, short=True), Tone.QUIET),), width, right=True)


def note_cell(journey: Journey, width: int, _now: datetime) -> Line:
    """What it waits for, or what was found."""
    return fit((Span(step_note(journey.next) if journey.next else ""),), width)


# What a new creator would cost.


def cost_lines(lines: Sequence[CostLine] | None) -> list[Line]:
    """What a month costs by the price book: the sum, what of it comes when nobody does, and the lines."""
    if lines is None:
        return [(Span("– a month: not known before the modules are right", Tone.QUIET),)]
    fixed = sum((one.fixed for one in lines), Decimal(0))
    total = sum((one.total for one in lines), Decimal(0))
    head = line(
        Span(f"{dollars(total, cents=True)} a month", Tone.STRONG),
        Span(f" by planning figures, {dollars(fixed, cents=True)} of it when nobody comes", Tone.QUIET),
    )
    largest = sorted(lines, key=lambda one: (-one.total, one.service))
    longest = max((len(one.service) for one in largest), default=0)
    return [
        head,
        *(
            line(
                Span(one.service.ljust(longest + 2), Tone.QUIET),
                *fit((Span(dollars(one.total, cents=True)),), 9, right=True),
            )
            for one in largest
        ),
    ]


def left_line(draft: Draft) -> Line:
    """What a new creator's form does not ask for, and where that is said."""
    left = ", ".join(left_to_the_file(draft))
    also = f"{left}, " if left else ""
    return (Span(f"left to the file and its folder: {also}tags, and more (docs/SETUP.md)", Tone.QUIET),)

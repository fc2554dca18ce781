"""A creator's site as lines of text."""

from __future__ import annotations

from datetime import datetime

from fleet_tui.frontend.model import SiteState, SiteStatus, Told
from fleet_tui.present.line import Line, Span, Tone, fit, line
from fleet_tui.present.quantity import age
from fleet_tui.present.sections import fact
from fleet_tui.present.states import Badge, problem_badge
from fleet_tui.problems import Problem

_SITE = {
    SiteStatus.NO_BUCKET: Badge("·", "no site", Tone.QUIET),
    SiteStatus.PLACEHOLDER: Badge("○", "placeholder", Tone.QUIET),
    SiteStatus.UP_TO_DATE: Badge("✓", "up to date", Tone.PLAIN),
    SiteStatus.OUT_OF_DATE: Badge("↑", "out of date", Tone.CAUTION),
    SiteStatus.UNVERIFIED: Badge("⚠", "not seen yet", Tone.CAUTION),
}

WANTS_A_PERSON = frozenset({SiteStatus.OUT_OF_DATE, SiteStatus.UNVERIFIED})


def site_badge(status: SiteStatus) -> Badge:
    """What a site is like."""
    return _SITE[status]


def site_lines(state: SiteState, now: datetime) -> list[Line]:
    """The release that visitors see, who led them to it, and what would be other now."""
    badge = site_badge(state.status)
    switch = state.current
    since = Span(f"  for {age(switch.at, now)}", Tone.QUIET) if switch else ""
    lines = [line(*badge.line, since)]
    if state.status is SiteStatus.NO_BUCKET:
        lines.append((Span("The module s3-website is off, or was never applied.", Tone.QUIET),))
    elif state.status is SiteStatus.PLACEHOLDER:
        lines.append((Span("Visitors see Terraform's page until the site is deployed.", Tone.QUIET),))
    elif state.status is SiteStatus.UNVERIFIED:
        lines.append((Span("Switched to, and not seen yet that visitors get it: deploy again.", badge.tone),))
    if state.release:
        lines.append(fact("release", state.release))
    if switch:
        why = f" · {switch.reason}" if switch.reason else ""
        lines.append(fact("switched by", f"{switch.operator}{why}"))
    if state.changed:
        lines.append(fact("to change", Span(", ".join(state.changed), badge.tone)))
    if state.previous:
        lines.append(fact("before it", Span(state.previous, Tone.QUIET)))
    if state.url:
        lines.append(fact("open at", state.url))
    return [*lines, *((Span(f"! {warning}", Tone.CAUTION),) for warning in state.warnings)]


def looked_at(site: SiteState | Problem | None, now: datetime) -> list[Line]:
    """A site that was looked at: what is there, why that cannot be told, or that it is not known yet."""
    if site is None:
        return [(Span("Looking at what visitors see …", Tone.QUIET),)]
    if isinstance(site, SiteState):
        return site_lines(site, now)
    badge = problem_badge(site)
    return [badge.line, (Span(site.sentence, badge.tone),)]


def told_cells(told: Told, now: datetime) -> list[Line]:
    """A switch of the history: release, what became of it, when, by whom, why."""
    switch = told.switch
    return [
        (Span(switch.release),),
        _fate(told),
        (Span(age(switch.at, now)),),
        (Span(switch.operator, Tone.QUIET),),
        (Span(switch.reason),),
    ]


def release_cell(told: Told, width: int, _now: datetime) -> Line:
    """The release that visitors were led to."""
    return fit((Span(told.switch.release, Tone.STRONG if told.current else Tone.PLAIN),), width)


def fate_cell(told: Told, width: int, _now: datetime) -> Line:
    """What became of it."""
    return fit(_fate(told), width)


def ago_cell(told: Told, width: int, now: datetime) -> Line:
    """How long ago they were led there."""
    return fit((Span(age(told.switch.at, now), Tone.QUIET),), width, right=True)


def by_cell(told: Told, width: int, _now: datetime) -> Line:
    """Who did it."""
    return fit((Span(told.switch.operator, Tone.QUIET),), width)


def why_cell(told: Told, width: int, _now: datetime) -> Line:
    """Why."""
    return fit((Span(told.switch.reason),), width)


def deploy_question(state: SiteState, name: str, account_id: str) -> tuple[str, list[Line]]:
    """What is asked before a site is deployed, and what the answer should be based on."""
    lines: list[Line] = [(Span(f"account {account_id}", Tone.QUIET),)]
    if state.status is SiteStatus.UP_TO_DATE:
        lines.append((Span("Nothing would change; it is only looked at what visitors get."),))
    elif state.changed:
        lines.append(line(Span("changes ", Tone.QUIET), ", ".join(state.changed)))
    else:
        lines.append((Span("Visitors see it in place of Terraform's page."),))
    lines += [(Span(f"! {warning}", Tone.CAUTION),) for warning in state.warnings]
    return f"Deploy the site of {name}?", lines


def rollback_question(told: Told, name: str, account_id: str, now: datetime) -> tuple[str, list[Line]]:
    """What is asked before visitors are led back, and what the answer should be based on."""
    switch = told.switch
    why = f" · {switch.reason}" if switch.reason else ""
    return f"Lead visitors of {name} to release {switch.release}?", [
        (Span(f"account {account_id}", Tone.QUIET),),
        (Span(f"deployed {age(switch.at, now)} ago by {switch.operator}{why}"),),
        (Span("Nothing is built or uploaded."),),
    ]


def _fate(told: Told) -> Line:
    if told.current:
        return (Span("● seen now", Tone.STRONG),)
    return (Span("○ kept"),) if told.kept else (Span("· gone", Tone.QUIET),)

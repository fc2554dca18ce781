"""A creator's modules as text: one line each, below it what is half made and what it waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.deploy.modules import ModuleReport, ModuleState, ModuleStatus, Shared, Waiting, module_report
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.present.line import Line, Span, Tone, fit, line, subdued
from fleet_tui.present.looks import age_note, is_doubtful, why_failed
from fleet_tui.present.quantity import count
from fleet_tui.present.states import UNSEEN, deploy_badge, module_badge

_NAME, _STATUS = 16, 17
_SHARED = "shared"
_BELOW = "  "


def modules(row: CreatorSnapshot, now: datetime, _width: int) -> list[Line]:
    """Every module that there is, with its state; those that are off and gone in one line at the end."""
    if row.creator is None:
        return [UNSEEN.line]
    look = row.deploy
    report = module_report(row.creator.modules, look.value)
    lines = _as_a_whole(look.value, report, now) if look.value else []
    off = [module.name for module in report.all if module.status is ModuleStatus.OFF]
    for module in report.all:
        lines += _module(module) if module.name not in off else []
    lines += _off(off)
    lines += _shared(report.shared)
    lines += _waiting(report.waiting)
    if is_doubtful(look):
        lines = [subdued(pieces) for pieces in lines]
    return [*why_failed(look), *lines, *([age_note(look, now)] if look.value else [])]


def modules_in_short(row: CreatorSnapshot) -> Line:
    """`3 on · ✓ 2 up · + 1 to be made · … 2 waiting`; empty where there is no creator."""
    if row.creator is None:
        return ()
    report = module_report(row.creator.modules, row.deploy.value)
    on = sum(module.enabled for module in report.all)
    parts = [Span(f"{on} on" if on else "none on", Tone.PLAIN if on else Tone.QUIET)]
    numbers = Counter(module.status for module in report.all)
    if numbers[ModuleStatus.UNKNOWN]:
        parts.append(Span("state unknown", Tone.QUIET))
    for status in ModuleStatus:
        if numbers[status] and status not in (ModuleStatus.OFF, ModuleStatus.UNKNOWN):
            badge = module_badge(status)
            parts.append(Span(f"{badge.glyph} {numbers[status]} {badge.word}", badge.tone))
    waiting = len(report.waiting) + sum(len(module.waiting) for module in report.all)
    if waiting:
        parts.append(Span(f"… {waiting} waiting", Tone.WAITING))
    pieces = tuple(piece for part in parts for piece in (Span(" · ", Tone.QUIET), part))[1:]
    return subdued(pieces) if is_doubtful(row.deploy) else pieces


def half_made(tainted: Iterable[str], deposed: Iterable[str]) -> list[Line]:
    """The addresses of what is neither whole nor gone, in Terraform's words for it."""
    return [
        (Span(f"{_BELOW}{word} {address}", Tone.CAUTION),)
        for word, addresses in (("tainted", tainted), ("deposed", deposed))
        for address in addresses
    ]


def _as_a_whole(state: DeployState, report: ModuleReport, now: datetime) -> list[Line]:
    """What is true of all modules at once, where that is not that all is well."""
    if report.unsettled:
        note = f"{report.unsettled}: parts may be missing"
    elif state.status is DeployStatus.OUT_OF_DATE:
        note = "a plan says which modules would change"
    else:
        return []
    return [line(*deploy_badge(state, now).line, Span(f"  {note}", Tone.QUIET))]


def _module(module: ModuleState) -> list[Line]:
    name = Span(module.name.ljust(_NAME), Tone.STRONG if module.enabled else Tone.QUIET)
    badge = fit(module_badge(module.status).line, _STATUS)
    lines = [line(name, *badge, Span(_note(module), Tone.QUIET))]
    return lines + _troubles(module) + _waiting(module.waiting, indent=_BELOW)


def _off(names: list[str]) -> list[Line]:
    badge = module_badge(ModuleStatus.OFF)
    words = f"{badge.glyph} {badge.word}".ljust(_NAME)
    return [line(Span(words, badge.tone), Span(", ".join(names), Tone.QUIET))] if names else []


def _note(module: ModuleState) -> str:
    if module.resources is None:
        return f"{'on' if module.enabled else 'off'} in creator.toml"
    return _resources(module.resources) if module.resources else ""


def _resources(number: int) -> str:
    return f"{count(number)} resource{'' if number == 1 else 's'}"


def _shared(shared: Shared) -> list[Line]:
    if shared == Shared():
        return []
    where = f" in {', '.join(shared.parts)}" if shared.parts else ""
    note = Span(f"{_resources(shared.resources)}{where}", Tone.QUIET)
    return [line(Span(_SHARED.ljust(_NAME), Tone.QUIET), note), *_troubles(shared)]


def _troubles(part: ModuleState | Shared) -> list[Line]:
    failed = [(Span(f"{_BELOW}the last run failed here", Tone.CAUTION),)] if part.failed else []
    return [*failed, *half_made(part.tainted, part.deposed)]


def _waiting(entries: Iterable[Waiting], *, indent: str = "") -> list[Line]:
    lines: list[Line] = []
    for entry in entries:
        where = Span(f" · {entry.where}" if entry.where else "", Tone.QUIET)
        lines.append(
            line(Span(f"{indent}… ", Tone.WAITING), Span(f"waiting: {entry.what}", Tone.WAITING), where)
        )
        if entry.action:
            lines.append(line(Span(f"{indent}  ", Tone.QUIET), entry.action))
    return lines

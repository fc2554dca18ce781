"""Versions of a state, and what differs between two of them, as lines of text."""

from __future__ import annotations

from datetime import datetime

from fleet_tui.deploy.statediff import ChangedValue, StateDifference
from fleet_tui.deploy.versions import StateVersion
from fleet_tui.present.line import Line, Span, Tone, fit, hang, line
from fleet_tui.present.quantity import UNKNOWN, age, count
from fleet_tui.present.states import Badge

_NEWEST = Badge("●", "newest", Tone.STRONG)
_OLDER = Badge("○", "older", Tone.QUIET)
_REMOVED = Badge("×", "removed", Tone.CAUTION)
_HIDDEN = "changed (hidden)"


def version_badge(version: StateVersion) -> Badge:
    """Whether it is the newest version, an older one, or marks the state's removal."""
    if version.removed:
        return _REMOVED
    return _NEWEST if version.newest else _OLDER


def size(amount: int) -> str:
    """Bytes with at most one decimal: `412 B`, `36.2 kB`."""
    if amount < 1000:
        return f"{amount} B"
    if amount < 1_000_000:
        return f"{amount / 1000:.1f} kB"
    return f"{amount / 1_000_000:.1f} MB"


def version_cell(version: StateVersion, width: int, _now: datetime) -> Line:
    """`● newest`."""
    return fit(version_badge(version).line, width)


def serial_cell(version: StateVersion, width: int, _now: datetime) -> Line:
    """The serial."""
    return fit((Span(_number(version.serial), Tone.STRONG),), width, right=True)


def written_cell(version: StateVersion, width: int, now: datetime) -> Line:
    """How long ago it was written."""
    return fit((Span(age(version.written_at, now)),), width, right=True)


def resources_cell(version: StateVersion, width: int, _now: datetime) -> Line:
    """How many resources it holds."""
    return fit((Span(_resources(version)),), width, right=True)


def size_cell(version: StateVersion, width: int, _now: datetime) -> Line:
    """How large it is."""
    return fit((Span(UNKNOWN if version.removed else size(version.size), Tone.QUIET),), width, right=True)


def writer_cell(version: StateVersion, width: int, _now: datetime) -> Line:
    """Who wrote it and by what, as far as the records tell."""
    return fit(writer(version), width)


def writer(version: StateVersion) -> Line:
    """`apply by ana@ops`; unknown where no record tells."""
    if not version.operator:
        return (Span(UNKNOWN, Tone.QUIET),)
    return line(version.kind, Span(f" by {version.operator}", Tone.QUIET))


def difference_lines(difference: StateDifference, width: int) -> list[Line]:
    """What happened from one state to another one; values that are secrets are not in it."""
    lines: list[Line] = []
    if not difference.same_lineage:
        lines += [(Span("! these are states of different infrastructures (lineage)", Tone.TROUBLE),)]
    if difference.empty:
        return [(Span("The two say the same.", Tone.QUIET),)]
    lines += [line("+ ", Span(address, Tone.STRONG)) for address in difference.added]
    lines += [line(Span("- ", Tone.CAUTION), Span(address, Tone.STRONG)) for address in difference.removed]
    for resource in difference.changed:
        lines.append(line("~ ", Span(resource.address, Tone.STRONG)))
        for value in resource.values:
            lines += _value(value, width)
    if difference.outputs:
        lines.append(line(Span("outputs  ", Tone.QUIET), ", ".join(difference.outputs)))
    return lines


def in_short(difference: StateDifference) -> str:
    """`2 added, 1 removed, 3 changed`."""
    counts = (
        (len(difference.added), "added"),
        (len(difference.removed), "removed"),
        (len(difference.changed), "changed"),
    )
    told = ", ".join(f"{count(number)} {word}" for number, word in counts if number)
    return told or ("only outputs differ" if difference.outputs else "the two say the same")


def _value(value: ChangedValue, width: int) -> list[Line]:
    if value.hidden:
        return [line("    ", value.path, Span(f"  {_HIDDEN}", Tone.QUIET))]
    before, after = (_said(text) for text in (value.before, value.after))
    whole = line("    ", f"{value.path}  ", Span(before, Tone.QUIET), Span(" → ", Tone.QUIET), after)
    if sum(len(span.text) for span in whole) <= width:
        return [whole]
    return [
        line("    ", value.path),
        *hang((Span("      was ", Tone.QUIET), Span(before, Tone.QUIET)), max(20, width)),
        *hang((Span("      is  ", Tone.QUIET), Span(after)), max(20, width)),
    ]


def _said(value: str | None) -> str:
    return "not set" if value is None else value


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _resources(version: StateVersion) -> str:
    return UNKNOWN if version.serial is None else count(version.resources)

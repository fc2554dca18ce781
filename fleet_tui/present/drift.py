"""Drift as lines of text: per resource, with what it was and what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from fleet_tui.deploy.drift import (
    WORST_FIRST,
    AttributeDrift,
    Drift,
    DriftClass,
    DriftedResource,
    DriftFinding,
)
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.present.line import ELLIPSIS, Line, Span, Tone, fit, hang, line
from fleet_tui.present.quantity import age
from fleet_tui.present.states import Badge

SIDE_BY_SIDE = 112
"""From this width on, what was and what is stand side by side."""

CLASS_WIDTH = 13

_CLASS = {
    DriftClass.GONE: Badge("✗", "gone", Tone.TROUBLE),
    DriftClass.ACCESS: Badge("!", "access", Tone.TROUBLE),
    DriftClass.DATA: Badge("◐", "data", Tone.CAUTION),
    DriftClass.BEHAVIOUR: Badge("≠", "behaviour", Tone.CAUTION),
    DriftClass.UNSORTED: Badge("?", "unsorted", Tone.CAUTION),
    DriftClass.COSMETIC: Badge("·", "cosmetic", Tone.QUIET),
}
_LET_BE = Badge("✓", "let be", Tone.QUIET)
_HIDDEN = "changed (hidden)"
_INDENT = 4
_MEANING = {
    DriftClass.GONE: "it is not there any more; a plan makes it anew, without what was in it",
    DriftClass.ACCESS: "who may do what, encryption, protection or logging is different",
    DriftClass.DATA: "what is kept, for how long, or how it comes back is different",
    DriftClass.BEHAVIOUR: "it works differently from what the code says",
    DriftClass.UNSORTED: "a plan has found it; a check says what it is",
    DriftClass.COSMETIC: "tags or descriptions are different",
}


@dataclass(frozen=True, slots=True)
class DriftRow:
    """A drifted resource of a creator, as a line of the fleet's list."""

    slug: str
    name: str
    resource: DriftedResource
    checked_at: datetime

    @property
    def key(self) -> str:
        """Unique in the fleet."""
        return f"{self.slug}/{self.resource.address}"


def drift_rows(rows: Iterable[CreatorSnapshot], now: datetime) -> dict[str, DriftRow]:
    """All that has drifted in the fleet, as it was last seen: the worst first, what is let be last."""
    found = [
        DriftRow(row.slug, row.name, resource, state.drift.checked_at)
        for row in rows
        if (state := row.deploy.value) is not None and state.drift is not None
        for resource in state.drift.resources
    ]
    found.sort(
        key=lambda row: (
            row.resource.known(now),
            WORST_FIRST.index(row.resource.worst),
            row.slug,
            row.resource.address,
        )
    )
    return {row.key: row for row in found}


def class_cell(row: DriftRow, width: int, now: datetime) -> Line:
    """`! access`."""
    return fit(drift_badge(row.resource, now).line, width)


def creator_cell(row: DriftRow, width: int, _now: datetime) -> Line:
    """Whose it is."""
    return fit((Span(row.name),), width)


def address_cell(row: DriftRow, width: int, _now: datetime) -> Line:
    """The resource; of an address that is too long its end is what tells it from others."""
    address = row.resource.address
    if len(address) > width:
        address = ELLIPSIS + address[len(address) - width + 1 :]
    return fit((Span(address),), width)


def attributes_cell(row: DriftRow, width: int, _now: datetime) -> Line:
    """Names of what is different."""
    names = ", ".join(row.resource.attributes)
    return fit((Span(names or _NOTHING.get(row.resource.worst, ""), Tone.QUIET),), width)


def since_cell(row: DriftRow, width: int, now: datetime) -> Line:
    """How long ago it was seen first."""
    return fit((Span(age(row.resource.first_seen, now), Tone.QUIET),), width, right=True)


_NOTHING = {DriftClass.GONE: "the resource as a whole", DriftClass.UNSORTED: "a check will tell"}


def drift_badge(resource: DriftedResource, now: datetime) -> Badge:
    """How much a drifted resource matters; nothing for now where somebody lets it be."""
    return _LET_BE if resource.known(now) else _CLASS[resource.worst]


def in_short(resources: Iterable[DriftedResource], now: datetime) -> str:
    """`1 gone, 2 cosmetic · 1 let be`, the worst first; `none` where there is none."""
    known: list[DriftedResource] = []
    open_ones: list[DriftedResource] = []
    for resource in resources:
        (known if resource.known(now) else open_ones).append(resource)
    counts = Counter(resource.worst for resource in open_ones)
    words = ", ".join(f"{counts[one]} {_CLASS[one].word}" for one in WORST_FIRST if counts[one])
    parts = [words] if words else []
    if known:
        parts.append(f"{len(known)} let be")
    return " · ".join(parts) or "none"


def in_lines(drift: Drift, now: datetime) -> list[Line]:
    """What has drifted, one line each, as a creator's page tells it."""
    known = {resource.address: resource for resource in drift.resources}
    lines: list[Line] = []
    for address in drift.addresses:
        resource = known.get(address)
        if resource is None:
            lines.append(line("  ", Span(address, Tone.CAUTION)))
            continue
        badge = drift_badge(resource, now)
        label = Span(f"  {badge.glyph} {badge.word}".ljust(CLASS_WIDTH) + " ", badge.tone)
        lines.append(line(label, Span(address, Tone.PLAIN)))
    return lines


def resource_lines(
    resource: DriftedResource, finding: DriftFinding | None, now: datetime, width: int
) -> list[Line]:
    """A drifted resource: class, address, since when; then what is different about it.

    Args:
        resource: as the record beside the state has it.
        finding: the same with values, where a check on this machine has them.
        now: the present, for ages.
        width: in cells.
    """
    badge = drift_badge(resource, now)
    since = Span(f"  since {age(resource.first_seen, now)}", Tone.QUIET)
    head = line(*fit(badge.line, CLASS_WIDTH), Span(resource.address, Tone.STRONG), since)
    lines = [head]
    if (accepted := resource.accepted) is not None:
        what = "let be" if resource.known(now) else "was let be, and is back"
        told = f"{what} by {accepted.operator} until {accepted.until:%-d %b %Y}: {accepted.reason}"
        lines.append(line(" " * _INDENT, Span(told, Tone.QUIET)))
    if finding is None or finding.mark != resource.mark:
        lines += [line(" " * _INDENT, name) for name in resource.attributes]
        return lines
    return lines + attribute_lines(finding, width)


def attribute_lines(finding: DriftFinding, width: int) -> list[Line]:
    """What is different about a resource, with the values that are no secrets."""
    lines: list[Line] = []
    for attribute in finding.attributes:
        lines += _beside(attribute, width) if width >= SIDE_BY_SIDE else _stacked(attribute, width)
        lines += [line(" " * (_INDENT + 2), note) for note in _notes(attribute)]
    return lines


def detail_lines(
    resource: DriftedResource, finding: DriftFinding | None, now: datetime, width: int
) -> list[Line]:
    """All about one drifted resource, as the console shows it beside the list."""
    badge = drift_badge(resource, now)
    meaning = Span(f"  {_MEANING[resource.worst]}", Tone.QUIET)
    lines: list[Line] = [(Span(resource.address, Tone.STRONG),), line(*badge.line, meaning)]
    place = finding.place if finding else ""
    lines.append(
        line(Span(f"first seen {age(resource.first_seen, now)} ago", Tone.QUIET),
             Span(f" · {place}" if place else "", Tone.QUIET))
    )  # fmt: skip
    lines += resource_lines(resource, finding, now, width)[1:2] if resource.accepted else []
    lines.append(())
    if finding is None or finding.mark != resource.mark:
        lines += [line(Span("  ≠ ", badge.tone), name) for name in resource.attributes]
        if resource.attributes or resource.worst is DriftClass.UNSORTED:
            lines += [(), (Span("Values are shown after a check on this machine.", Tone.QUIET),)]
        return lines
    if width >= SIDE_BY_SIDE and finding.attributes:
        name, half = _columns(width)
        heads = ("ATTRIBUTE".ljust(name), "AS APPLIED".ljust(half), "AS IT IS")
        lines.append(line(" " * _INDENT, Span("".join(heads), Tone.QUIET)))
    return lines + attribute_lines(finding, width)


def finding_of(findings: Mapping[str, DriftFinding], resource: DriftedResource) -> DriftFinding | None:
    """The finding that tells more of a drifted resource, where it tells of the same drift."""
    found = findings.get(resource.address)
    return found if found is not None and found.mark == resource.mark else None


def diff_lines(diff: Iterable[str]) -> list[Line]:
    """A change of a file, line by line."""
    return [(Span(text, _DIFF_TONES.get(text[:1], Tone.QUIET)),) for text in diff if text[:3] not in _HEADS]


_DIFF_TONES = {"+": Tone.WAITING, "-": Tone.CAUTION}
_HEADS = frozenset({"---", "+++"})


def _columns(width: int) -> tuple[int, int]:
    """Widths of the name's column and of each of the two values'."""
    room = width - _INDENT
    name = min(44, room * 3 // 10)
    return name, (room - name) // 2


def _beside(attribute: AttributeDrift, width: int) -> list[Line]:
    name, half = _columns(width)
    before, after = _values(attribute)
    columns = [
        hang((Span(attribute.path),), name - 2),
        hang((before,), half - 2),
        hang((after,), half - 2),
    ]
    return [
        line(
            " " * _INDENT,
            *fit(first or (), name),
            *fit(second or (), half),
            *(third or ()),
        )
        for first, second, third in zip_longest(*columns)
    ]


def _stacked(attribute: AttributeDrift, width: int) -> list[Line]:
    before, after = _values(attribute)
    lines = [line(" " * _INDENT, attribute.path)]
    if attribute.hidden:
        return [line(*lines[0], "  ", after)]
    for sign, value in (("was ", before), ("is  ", after)):
        label = Span(" " * (_INDENT + 2) + sign, Tone.QUIET)
        lines += hang((label, value), max(width, 20))
    return lines


def _values(attribute: AttributeDrift) -> tuple[Span, Span]:
    if attribute.hidden:
        return Span(""), Span(_HIDDEN, Tone.QUIET)
    return Span(_said(attribute.before), Tone.QUIET), Span(_said(attribute.after))


def _said(value: str | None) -> str:
    return "not set" if value is None else value


def _notes(attribute: AttributeDrift) -> list[Span]:
    notes = []
    if attribute.setting:
        notes.append(Span(f"creator.toml: {attribute.setting}", Tone.QUIET))
    if not attribute.repaired:
        notes.append(Span("no plan changes this back: do it by hand", Tone.CAUTION))
    return notes

"""Run records as lines of text."""

from __future__ import annotations

from datetime import datetime, tzinfo

from fleet_tui.deploy.records import ChainBreak, RunEntry, StateMark
from fleet_tui.operations.model import RunStatus
from fleet_tui.present.line import Line, Span, Tone, line
from fleet_tui.present.quantity import UNKNOWN, age, duration
from fleet_tui.present.states import run_badge

_LABEL = 12


def entry_cells(entry: RunEntry, now: datetime) -> list[Line]:
    """A record as a row: number, id, what, how it ended, how long ago, how long it took, by whom, why."""
    run, end = entry.run, entry.end
    return [
        (Span(str(entry.number), Tone.QUIET),),
        (Span(run.run_id),),
        (Span(run.kind, Tone.STRONG),),
        run_badge(RunStatus(end.outcome)).line,
        (Span(age(run.requested_at, now)),),
        (Span(duration(entry.took), Tone.QUIET),),
        (Span(run.operator, Tone.QUIET),),
        (Span(end.summary or run.reason),),
    ]


ENTRY_HEADS = ("NO", "ID", "WHAT", "STATUS", "AGO", "TOOK", "BY", "")


def entry_lines(entry: RunEntry, zone: tzinfo | None) -> list[Line]:
    """Everything that a record says."""
    run, end = entry.run, entry.end
    lines = [
        line(*run_badge(RunStatus(end.outcome)).line, Span(f"  {run.kind}", Tone.STRONG), f"  {run.run_id}")
    ]
    if end.summary:
        lines.append((Span(end.summary),))
    facts = {
        "by": f"{run.operator} on {run.host}",
        "why": run.reason,
        "asked": _time(run.requested_at, zone),
        "ran": f"{_time(run.started_at, zone)}, {duration(entry.took)}",
        "target": run.target,
        "rollout": run.rollout,
        "approved": _approved(entry, zone),
        "plan": run.plan_digest,
        "state": f"{_mark(run.before)} → {_mark(end.after)}",
        "lease": "" if run.lease is None else str(run.lease),
        "versions": _versions(entry),
        "record": f"number {entry.number}, {entry.hash}",
        "follows": f"{entry.previous}, {entry.previous_hash}" if entry.previous else "",
    }
    lines += [line(Span(label.ljust(_LABEL), Tone.QUIET), value) for label, value in facts.items() if value]
    return lines


def chain_line(count: int, broken: ChainBreak | None) -> Line:
    """Whether the records hold, and where they do not."""
    if broken is None and not count:
        return (Span("– no records yet: nothing has been written here by a run", Tone.QUIET),)
    if broken is None:
        number = f"{count} record{'s' if count > 1 else ''}"
        return line(Span("✓ ", Tone.PLAIN), f"{number}, each follows the one before it")
    which = f" ({broken.run_id})" if broken.run_id else ""
    place = f"record {broken.number}" if broken.number else "an object among the records"
    return (Span(f"✗ {place}{which} {broken.what}; {count} are there", Tone.TROUBLE),)


def _time(moment: datetime, zone: tzinfo | None) -> str:
    return f"{moment.astimezone(zone):%-d %b %Y %H:%M:%S}"


def _approved(entry: RunEntry, zone: tzinfo | None) -> str:
    approval = entry.run.approval
    if approval is None:
        return ""
    plan = f", plan {approval.fingerprint}" if approval.fingerprint else ""
    return f"by {approval.by} on {_time(approval.at, zone)}{plan}"


def _mark(mark: StateMark | None) -> str:
    return UNKNOWN if mark is None else f"serial {mark.serial} of {mark.lineage}"


def _versions(entry: RunEntry) -> str:
    named = {
        "fleet": entry.run.fleet_version,
        "Terraform": entry.end.terraform_version,
        "provider": entry.end.provider_version,
    }
    return ", ".join(f"{name} {version}" for name, version in named.items() if version)

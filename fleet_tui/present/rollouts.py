"""Rollouts as lines of text: how far, wave by wave, and what each creator waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from fleet_tui.operations.model import Run
from fleet_tui.present.line import Line, Span, Tone, fit, hang, line
from fleet_tui.present.quantity import UNKNOWN, age, count, duration
from fleet_tui.present.spark import FREE, SPENT
from fleet_tui.present.states import Badge
from fleet_tui.registry.model import Wave
from fleet_tui.rollouts.model import (
    ACTIVE,
    UNSTARTED,
    Member,
    MemberStatus,
    Rollout,
    RolloutEvent,
    RolloutStatus,
)
from fleet_tui.rollouts.waves import healthy_at, next_wave

_ROLLOUT = {
    RolloutStatus.RUNNING: Badge("↻", "under way", Tone.STRONG),
    RolloutStatus.PAUSED: Badge("◐", "paused", Tone.WAITING),
    RolloutStatus.STOPPING: Badge("⊘", "stopping", Tone.CAUTION),
    RolloutStatus.SUCCEEDED: Badge("✓", "done", Tone.PLAIN),
    RolloutStatus.INCOMPLETE: Badge("⚑", "incomplete", Tone.WAITING),
    RolloutStatus.STOPPED: Badge("✗", "stopped", Tone.TROUBLE),
    RolloutStatus.LOST: Badge("⚠", "lost", Tone.CAUTION),
}

_MEMBER = {
    MemberStatus.TO_DO: Badge("·", "to do", Tone.QUIET),
    MemberStatus.PUT_BACK: Badge("○", "put back", Tone.WAITING),
    MemberStatus.REPLANNING: Badge("↻", "planning anew", Tone.STRONG),
    MemberStatus.TO_ASK: Badge("⚑", "to be asked", Tone.WAITING),
    MemberStatus.APPLYING: Badge("↻", "applying", Tone.STRONG),
    MemberStatus.APPLIED: Badge("✓", "applied", Tone.PLAIN),
    MemberStatus.FAILED: Badge("✗", "failed", Tone.TROUBLE),
    MemberStatus.CANCELLED: Badge("⊘", "cancelled", Tone.QUIET),
}

_WORST_FIRST = (
    MemberStatus.FAILED,
    MemberStatus.TO_ASK,
    MemberStatus.CANCELLED,
    MemberStatus.PUT_BACK,
    MemberStatus.REPLANNING,
    MemberStatus.APPLYING,
)
_BAR = 20
_NARROW = 72
_SEVERITY = {"warning": Tone.CAUTION, "error": Tone.TROUBLE}


def rollout_badge(status: RolloutStatus) -> Badge:
    """Where a rollout is."""
    return _ROLLOUT[status]


def member_badge(status: MemberStatus) -> Badge:
    """Where a creator is in a rollout."""
    return _MEMBER[status]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A creator in a rollout, as a row of a table.

    Args:
        member: where it stands.
        begun: its wave has begun, now or before somebody resumed.
        ended: nothing more happens by itself.
        done, total: resources of the run that goes on.
    """

    member: Member
    begun: bool
    ended: bool
    done: int = 0
    total: int = 0


def worst_first(rows: Mapping[str, MemberRow]) -> dict[str, MemberRow]:
    """Only those of whom there is something to see: failed, waiting or under way; who failed comes first."""
    places = {status: place for place, status in enumerate(_WORST_FIRST)}
    found = [(slug, row) for slug, row in rows.items() if row.member.status in places]
    return dict(sorted(found, key=lambda pair: places[pair[1].member.status]))


def rows_of(rollout: Rollout, runs: Mapping[str, Run | None]) -> dict[str, MemberRow]:
    """The rows of a rollout by slug, wave by wave.

    Args:
        rollout: whose.
        runs: the unfinished run of each creator, where there is one.
    """
    rows = {}
    for member in rollout.members:
        run = runs.get(member.slug) if member.status in ACTIVE else None
        ours = run is not None and run.id == member.run_id
        rows[member.slug] = MemberRow(
            member,
            begun=member.wave in rollout.opened or member.status not in UNSTARTED,
            ended=rollout.ended,
            done=run.done if ours and run else 0,
            total=run.total if ours and run else 0,
        )
    return rows


# -- a rollout's own lines ------------------------------------------------------------------------------


def applied_of(rollout: Rollout) -> str:
    """`3/12`."""
    done = sum(member.status is MemberStatus.APPLIED for member in rollout.members)
    return f"{count(done)}/{count(len(rollout.members))}"


def rollout_head(rollout: Rollout, now: datetime, width: int) -> list[Line]:
    """How far it is, who asked for it and why, and what is in the way."""
    request = rollout.request
    took = duration((rollout.finished_at or now) - request.requested_at)
    badge = rollout_badge(rollout.status)
    reason = Span(f"  {request.reason}" if request.reason else "", Tone.STRONG)
    done = f"  {applied_of(rollout)} applied"
    lines = [
        line(*badge.line, Span(done), f"  {took}", reason),
        (Span(f"{request.operator} · {age(request.requested_at, now)} ago · {rollout.id}", Tone.QUIET),),
    ]
    if rollout.cause:
        lines.append((Span(rollout.cause, badge.tone),))
    if rollout.trouble is not None:
        again = rollout.trouble.again_at
        zone = now.tzinfo
        until = f"; tried again at {_clock(again, zone)}" if again else ""
        lines.append((Span(f"! nothing is started: {rollout.trouble.cause}{until}", Tone.CAUTION),))
    if soaking := waits_for(rollout, now):
        lines.append((Span(soaking, Tone.QUIET),))
    return lines


def waits_for(rollout: Rollout, now: datetime) -> str:
    """What the next wave waits for; empty where none does."""
    wave = next_wave(rollout)
    if wave is None or rollout.ended or not rollout.opened:
        return ""
    dues = [healthy_at(rollout, one) for one in rollout.opened]
    if any(due is None for due in dues):
        return ""
    due = max(due for due in dues if due is not None)
    if due <= now:
        return f"{wave.value} begins as soon as every stream is in sight"
    minutes = rollout.request.policy.healthy_minutes
    told = "1 minute" if minutes == 1 else f"{minutes:g} minutes"
    return f"{wave.value} begins at {_clock(due, now.tzinfo)}, when all has been healthy for {told}"


def wave_lines(rollout: Rollout, now: datetime, width: int) -> list[Line]:
    """A line for each wave: its bar, how many of how many, and what it is like; no bar where it is narrow."""
    lines: list[Line] = []
    places = 2 * len(str(max(len(rollout.of_wave(wave)) for wave in rollout.waves))) + 1
    for wave in rollout.waves:
        members = rollout.of_wave(wave)
        done = sum(member.status is MemberStatus.APPLIED for member in members)
        tone = Tone.STRONG if wave in rollout.opened or done == len(members) else Tone.QUIET
        told = f"{done}/{len(members)}"
        state = _wave_state(rollout, wave, now)
        if width < _NARROW:
            lines += hang((Span(f"{wave.value:9}{told:>{max(5, places)}}  ", tone), *state), width)
            continue
        filled = done * _BAR // len(members)
        bar = (Span(SPENT * filled, tone), Span(FREE * (_BAR - filled), Tone.FAINT))
        lines.append(line(Span(f"{wave.value:9}", tone), *bar, Span(f"{told:>9}  ", tone), *state))
    return lines


def _wave_state(rollout: Rollout, wave: Wave, now: datetime) -> Line:
    """What a wave is like: `↻ under way · 1 failed · 2 put back`."""
    members = rollout.of_wave(wave)
    counts = {status: sum(one.status is status for one in members) for status in MemberStatus}
    whole = counts[MemberStatus.APPLIED] == len(members)
    if wave not in rollout.opened and not whole:
        return (Span("· not begun", Tone.QUIET),)
    if any(member.status in ACTIVE for member in members):
        first = Span("↻ under way", Tone.STRONG)
    elif whole:
        due = healthy_at(rollout, wave)
        soaking = next_wave(rollout) is not None and due is not None and due > now and not rollout.ended
        first = Span("… watched" if soaking else "✓ done")
    elif rollout.ended:
        first = Span("– not done", Tone.PLAIN)
    elif counts[MemberStatus.TO_DO]:
        first = Span(f"… {counts[MemberStatus.TO_DO]} to come", Tone.PLAIN)
    elif counts[MemberStatus.PUT_BACK] or counts[MemberStatus.TO_ASK]:
        first = Span("◐ waits", Tone.PLAIN)
    else:
        first = Span("✓ done")
    parts = [first]
    for status in (
        MemberStatus.FAILED,
        MemberStatus.TO_ASK,
        MemberStatus.PUT_BACK,
        MemberStatus.CANCELLED,
    ):
        if counts[status]:
            badge = member_badge(status)
            parts += [Span(" · ", Tone.QUIET), Span(f"{counts[status]} {badge.word}", badge.tone)]
    return tuple(parts)


def short_line(rollout: Rollout) -> Line:
    """`↻ rollout early 3/12`, for the head of every screen."""
    wave = rollout.opened[-1].value if rollout.opened else "begins"
    badge = rollout_badge(rollout.status)
    word = "" if rollout.status is RolloutStatus.RUNNING else f" {badge.word}"
    return (Span(f"{badge.glyph} rollout {wave} {applied_of(rollout)}{word}", badge.tone),)


def ending_sentence(rollout: Rollout) -> str:
    """`Rollout done: 12/12 applied`, for whoever looks elsewhere."""
    cause = f": {rollout.cause}" if rollout.cause else ""
    return f"Rollout {rollout_badge(rollout.status).word}: {applied_of(rollout)} applied{cause}"


def event_lines(event: RolloutEvent, zone: tzinfo | None) -> list[Line]:
    """What an event adds to the log, stamped in this time zone."""
    text = event.text or ("goes on" if event.status is RolloutStatus.RUNNING else "")
    if event.status is not None and event.status is not RolloutStatus.RUNNING:
        word = rollout_badge(event.status).word
        text = text if text.startswith(word) else f"{word}: {text}" if text else word
    stamp = Span(f"{event.at.astimezone(zone):%H:%M:%S}  ", Tone.QUIET)
    tone = _SEVERITY.get(event.severity, Tone.PLAIN)
    return [line(stamp, Span(part, tone)) for part in text.splitlines()]


# -- cells of the list of rollouts ----------------------------------------------------------------------


def status_cell(rollout: Rollout, width: int, _now: datetime) -> Line:
    """Where it is."""
    return fit(rollout_badge(rollout.status).line, width)


def applied_cell(rollout: Rollout, width: int, _now: datetime) -> Line:
    """How many creators of how many are applied."""
    return fit((Span(applied_of(rollout)),), width, right=True)


def wave_cell(rollout: Rollout, width: int, _now: datetime) -> Line:
    """The wave that began last."""
    return fit((Span(rollout.opened[-1].value if rollout.opened else UNKNOWN, Tone.QUIET),), width)


def age_cell(rollout: Rollout, width: int, now: datetime) -> Line:
    """How long ago it was asked for."""
    return fit((Span(age(rollout.request.requested_at, now), Tone.QUIET),), width, right=True)


def operator_cell(rollout: Rollout, width: int, _now: datetime) -> Line:
    """Who asked for it."""
    return fit((Span(rollout.request.operator, Tone.QUIET),), width)


def cause_cell(rollout: Rollout, width: int, _now: datetime) -> Line:
    """Why it stopped or waits; what it is for where it goes well."""
    if rollout.cause:
        return fit((Span(rollout.cause, rollout_badge(rollout.status).tone),), width)
    if rollout.trouble is not None and not rollout.ended:
        return fit((Span(rollout.trouble.cause, Tone.CAUTION),), width)
    return fit((Span(rollout.request.reason),), width)


# -- cells of a rollout's creators ----------------------------------------------------------------------


def member_status_cell(row: MemberRow, width: int, _now: datetime) -> Line:
    """Where the creator is."""
    badge = member_badge(row.member.status)
    progress = f" {row.done}/{row.total}" if row.total else ""
    return fit((Span(f"{badge.glyph} {badge.word}{progress}", badge.tone),), width)


def member_slug_cell(row: MemberRow, width: int, _now: datetime) -> Line:
    """Who."""
    return fit((Span(row.member.slug, Tone.STRONG if row.begun else Tone.PLAIN),), width)


def member_wave_cell(row: MemberRow, width: int, _now: datetime) -> Line:
    """In which wave."""
    return fit((Span(row.member.wave.value, Tone.QUIET),), width)


def member_since_cell(row: MemberRow, width: int, now: datetime) -> Line:
    """For how long it has been so; nothing for who was never begun."""
    if row.member.status is MemberStatus.TO_DO and not row.member.cause:
        return fit((Span(UNKNOWN, Tone.QUIET),), width, right=True)
    return fit((Span(age(row.member.since, now), Tone.QUIET),), width, right=True)


def member_cause_cell(row: MemberRow, width: int, now: datetime) -> Line:
    """What it waits for and until when, or why it came to that."""
    return fit((Span(member_cause(row, now), _cause_tone(row.member)),), width)


def member_cause(row: MemberRow, now: datetime) -> str:
    """The same as a sentence; empty where there is nothing to say."""
    member = row.member
    if member.interrupted:
        return "asked to stop"
    if member.status in UNSTARTED and not row.begun and not member.cause:
        return "" if row.ended else f"waits for {member.wave.value} to begin"
    cause = member.cause if member.cause != member_badge(member.status).word else ""
    if member.again_at is not None and member.again_at > now:
        return f"again at {_clock(member.again_at, now.tzinfo)}: {cause}"
    if member.status is MemberStatus.APPLIED and member.overridden:
        return "applied in spite of a stream"
    return cause


def about(row: MemberRow, now: datetime) -> Line:
    """All that is known of the creator under the cursor: `lena-lux: failed – the name is taken. Mend it`."""
    member = row.member
    badge = member_badge(member.status)
    told = member.problem.sentence if member.problem is not None else member_cause(row, now)
    return line(Span(f"{member.slug} ", Tone.STRONG), *badge.line, Span(f" – {told}" if told else ""))


def _cause_tone(member: Member) -> Tone:
    if member.status is MemberStatus.FAILED:
        return Tone.TROUBLE
    return Tone.PLAIN if member.status in (MemberStatus.PUT_BACK, MemberStatus.TO_ASK) else Tone.QUIET


def _clock(moment: datetime, zone: tzinfo | None) -> str:
    return f"{moment.astimezone(zone):%H:%M:%S}"

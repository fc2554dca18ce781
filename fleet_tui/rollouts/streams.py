"""What a rollout makes of streams: whether one is on, and whether one got worse. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from fleet_tui.rollouts.model import UNSTARTED, Look, MemberStatus, Observations, Rollout, StreamState
from fleet_tui.streams.model import Severity, StreamHealth, StreamStatus

LASTING = timedelta(seconds=45)
"""A stream that is worse for less than this has hiccuped; our own rule. Three looks in a row at least."""

SEEN_WITHIN = timedelta(seconds=60)
"""How old the look at a stream may be by which a wave is called healthy: a machine may have slept since."""

FLEET_WIDE = 0.5
"""Streams get worse everywhere when creators that were not applied are hit at least this often for each that
was, share for share; our own rule."""


def look_of(health: StreamHealth, now: datetime, before: Look | None = None) -> Look:
    """What a stream's health means to a rollout.

    Args:
        health: the stream.
        now: when it was looked at.
        before: the look before this one, for how long it has been so.
    """
    bad = health.worst is Severity.RED
    if health.status in (StreamStatus.NO_CHANNEL, StreamStatus.OFFLINE):
        state = StreamState.FAILING if bad else StreamState.OFF
    elif health.findings:
        state = StreamState.FAILING if bad else StreamState.UNWELL
    else:
        state = StreamState.WELL
    unwell = "; ".join(finding.what for finding in health.findings)
    return lasting(Look(at=now, since=now, state=state, text=_in_words(health), unwell=unwell), before)


def unknown(text: str, now: datetime, before: Look | None = None) -> Look:
    """The look of somebody who could not see the stream.

    Args:
        text: why not.
        now: when it was tried.
        before: the look before this one.
    """
    return lasting(Look(at=now, since=now, state=StreamState.UNKNOWN, text=text), before)


def lasting(look: Look, before: Look | None) -> Look:
    """The look with the moment since when it has been so."""
    if before is None or before.state is not look.state:
        return look
    return look.model_copy(update={"since": before.since})


def _in_words(health: StreamHealth) -> str:
    if health.status in (StreamStatus.NO_CHANNEL, StreamStatus.OFFLINE):
        ended = "; ".join(finding.what for finding in health.findings)
        return f"offline: {ended}" if ended else health.status.value.replace("_", " ")
    since = f" since {health.started_at:%H:%M} UTC" if health.started_at else ""
    return f"live{since}{', and not well' if health.findings else ''}"


def got_worse(before: Look | None, after: Look) -> bool:
    """Whether a stream is worse than it was, for long enough to be more than a hiccup."""
    return after.at - after.since >= LASTING and is_worse(before, after)


def is_worse(before: Look | None, after: Look) -> bool:
    """Whether a stream is worse than it was, be it a hiccup."""
    was = before.state if before is not None else StreamState.UNKNOWN
    if after.state is StreamState.FAILING:
        return was is not StreamState.FAILING
    return after.state is StreamState.UNWELL and was is StreamState.WELL


class Verdict(StrEnum):
    """What the streams of a rollout say about it."""

    FINE = "fine"
    WORSE = "worse"  # those of creators that were applied, and not those of the others
    EVERYWHERE = "everywhere"  # those of the others as well: whatever it is, the rollout is not the cause


def judge(rollout: Rollout, seen: Observations) -> tuple[Verdict, str]:
    """Whether streams got worse where this rollout has applied something, and nowhere else.

    Returns:
        The verdict, and why in words; empty where all is fine.
    """
    applied = {
        member.slug: (member.before or seen.baselines.get(member.slug), seen.streams.get(member.slug))
        for member in rollout.members
        if member.status is MemberStatus.APPLIED
    }
    others = {
        member.slug: (seen.baselines.get(member.slug), seen.streams.get(member.slug))
        for member in rollout.members
        if member.status in UNSTARTED
    }
    worse, share = _hit(applied)
    if not worse:
        return Verdict.FINE, ""
    told = ", ".join(f"{slug} ({seen.streams[slug].unwell})" for slug in worse)
    others_worse, others_share = _hit(others)
    beside = f"at creators not applied yet: {', '.join(others_worse) or 'none'}"
    if others_worse and others_share >= share * FLEET_WIDE:
        return Verdict.EVERYWHERE, f"streams get worse everywhere: {told}; {beside}"
    return Verdict.WORSE, f"streams got worse after their apply: {told}; {beside}"


def _hit(pairs: Mapping[str, tuple[Look | None, Look | None]]) -> tuple[list[str], float]:
    """Who got worse, and which share of those whose stream was or is on."""
    known = {slug: (before, after) for slug, (before, after) in pairs.items() if after is not None}
    worse = [slug for slug, (before, after) in known.items() if got_worse(before, after)]
    on = sum(any(_is_on(look) for look in pair) for pair in known.values())
    return worse, len(worse) / max(1, on)


def _is_on(look: Look | None) -> bool:
    return look is not None and look.state in (StreamState.WELL, StreamState.UNWELL, StreamState.FAILING)


def unseen(slugs: Iterable[str], seen: Observations, now: datetime) -> list[str]:
    """Those whose stream cannot be seen now; a wave is not healthy as long as nobody can tell."""
    return [
        slug
        for slug in slugs
        if (look := seen.streams.get(slug)) is None
        or look.state is StreamState.UNKNOWN
        or not is_fresh(look.at, now, SEEN_WITHIN)
    ]


def is_fresh(at: datetime, now: datetime, good_for: timedelta) -> bool:
    """Whether what was seen then still counts; in the future nothing was: the clock was set back."""
    return timedelta() <= now - at < good_for

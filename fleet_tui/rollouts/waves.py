"""When a wave is done, when it is healthy, and how many of it may fail. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from fleet_tui.registry.model import Wave
from fleet_tui.rollouts.model import ACTIVE, Member, MemberStatus, Observations, Rollout
from fleet_tui.rollouts.streams import is_worse, unseen


def allowed_failures(wave: Wave, size: int, share: float) -> int:
    """How many creators of a wave may fail without stopping the rollout.

    Of canaries none: that is what they are for. Elsewhere the share, rounded down, but one creator at
    least, unless the share is nought; and never all of them, because then the wave has proved nothing.

    Args:
        wave: which.
        size: how many creators it has.
        share: 0 to 1, as in fleet.toml.
    """
    if wave is Wave.CANARY or share <= 0:
        return 0
    return min(max(1, int(size * share)), size - 1)


def failed_too_often(rollout: Rollout) -> str:
    """Why the rollout stops because of failures; empty where it goes on."""
    for wave in rollout.opened:
        members = rollout.of_wave(wave)
        failed = [
            member
            for member in members
            if member.status is MemberStatus.FAILED and rollout.takes_part(member)
        ]
        allowed = allowed_failures(wave, len(members), rollout.request.policy.max_failed_share)
        if len(failed) > allowed:
            told = "; ".join(f"{member.slug}: {member.cause}" for member in failed)
            limit = f"{allowed} may" if allowed else "none may"
            return f"{len(failed)} of {len(members)} in wave {wave.value} failed, {limit} ({told})"
    return ""


def settled(rollout: Rollout, wave: Wave) -> bool:
    """Whether a wave has done what it can do now, and at least one of it was applied.

    Who is put back (live) or has to be asked again does not hold up the others: they follow when they can,
    in whatever wave the rollout is then. But a wave of which nobody was applied has proved nothing.
    """
    members = rollout.of_wave(wave)
    busy = ACTIVE | {MemberStatus.TO_DO}
    return not any(member.status in busy for member in members) and any(
        member.status is MemberStatus.APPLIED for member in members
    )


def healthy_at(rollout: Rollout, wave: Wave) -> datetime | None:
    """When a settled wave will have been healthy for long enough; None while it is not settled."""
    if not settled(rollout, wave):
        return None
    ends = [member.ended_at or member.since for member in rollout.of_wave(wave) if not _waits(member)]
    return max(ends) + timedelta(minutes=rollout.request.policy.healthy_minutes)


def _waits(member: Member) -> bool:
    return member.status in (MemberStatus.PUT_BACK, MemberStatus.TO_ASK)


def next_wave(rollout: Rollout) -> Wave | None:
    """The wave whose turn comes next; None where all have begun."""
    return next((wave for wave in rollout.waves if wave not in rollout.opened), None)


def holding_up(rollout: Rollout, seen: Observations, now: datetime) -> str:
    """Why the next wave does not begin yet; empty where it may.

    Every wave that has begun has to be settled and healthy for the policy's time, with nothing going on and
    every applied creator's stream in sight, and none of them worse than it was, however short a time.
    """
    for wave in rollout.opened:
        due = healthy_at(rollout, wave)
        if due is None:
            return f"wave {wave.value} is not done"
        if now < due:
            return f"wave {wave.value} has to be healthy until {due:%H:%M:%S} UTC"
        applied = [member for member in rollout.of_wave(wave) if member.status is MemberStatus.APPLIED]
        if blind := unseen([member.slug for member in applied], seen, now):
            return f"nobody can see the streams of {', '.join(blind)}"
        worse = [
            member.slug
            for member in applied
            if is_worse(member.before or seen.baselines.get(member.slug), seen.streams[member.slug])
        ]
        if worse:
            return f"streams are worse than they were: {', '.join(worse)}"
    return ""


def up_to(rollout: Rollout, wave: Wave) -> tuple[Wave, ...]:
    """The waves that have begun, up to this one."""
    begun = [one for one in rollout.waves if one in rollout.opened]
    return tuple(begun[: begun.index(wave) + 1]) if wave in begun else tuple(begun)

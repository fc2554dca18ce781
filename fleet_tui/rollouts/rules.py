"""What a rollout does next: a pure function of where it stands, what is seen, and the time.

The order of the rules is their rank. What has ended is judged first; then it is asked whether to stop; only
then is anything begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet_tui.problems import ProblemKind
from fleet_tui.registry.model import Wave
from fleet_tui.rollouts.judging import MOST_TROUBLES, OURS, concluded, judged, moved, troubled
from fleet_tui.rollouts.model import (
    OVER,
    UNSTARTED,
    WAVES,
    Check,
    Member,
    MemberStatus,
    Observations,
    Rollout,
    RolloutStatus,
    Trouble,
)
from fleet_tui.rollouts.streams import Verdict, is_fresh, judge
from fleet_tui.rollouts.waves import failed_too_often, holding_up, next_wave, settled

FRESH = timedelta(seconds=20)
"""A look at a creator is good for so long: an apply begins right after it, who waits is looked at anew."""

CHECKS_AT_ONCE = 8
_NAMED = 12  # in a sentence

# What is wrong with the creator itself: no waiting mends it.
_WRONG = frozenset({ProblemKind.CONFIGURATION, ProblemKind.WRONG_ACCOUNT, ProblemKind.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class CheckMember:
    """Look at a creator's stream, plan and doings, right before its turn."""

    slug: str


@dataclass(frozen=True, slots=True)
class Change:
    """The creator stands elsewhere now."""

    member: Member
    severity: str = "info"


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply the creator's plan."""

    member: Member


@dataclass(frozen=True, slots=True)
class Replan:
    """Plan the creator anew."""

    member: Member


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Send the creator's run its one SIGINT."""

    member: Member


@dataclass(frozen=True, slots=True)
class OpenWave:
    """A wave begins."""

    wave: Wave


@dataclass(frozen=True, slots=True)
class SetTrouble:
    """Something is in the way of all; None: no longer."""

    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class SetStatus:
    """The rollout goes on, pauses, or stops."""

    status: RolloutStatus
    cause: str = ""
    now: bool = False


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing more is to be done."""

    status: RolloutStatus
    cause: str = ""


Action = CheckMember | Change | Apply | Replan | Interrupt | OpenWave | SetTrouble | SetStatus | Finish


def next_actions(rollout: Rollout, seen: Observations, now: datetime) -> tuple[Action, ...]:
    """What to do now, in this order; empty: wait.

    Args:
        rollout: as its journal tells it.
        seen: what is known beside the journal.
        now: the current time.
    """
    if rollout.ended:
        return ()
    if conclusions := _conclusions(rollout, seen, now):
        return conclusions
    if rollout.status is RolloutStatus.STOPPING:
        return _stopping(rollout)
    if cause := failed_too_often(rollout):
        return (SetStatus(RolloutStatus.STOPPING, cause),)
    verdict, told = judge(rollout, seen)
    if verdict is Verdict.WORSE:
        return (SetStatus(RolloutStatus.STOPPING, told),)
    if (change := _everywhere(rollout, verdict, told, now)) is not None:
        return (change,)
    if ending := _ending(rollout):
        return (ending,)
    if rollout.status is RolloutStatus.PAUSED:
        return ()
    wave = next_wave(rollout)
    if wave is not None and not holding_up(rollout, seen, now):
        return (OpenWave(wave),)
    return _beginnings(rollout, seen, now)


def _conclusions(rollout: Rollout, seen: Observations, now: datetime) -> tuple[Action, ...]:
    """The creators whose run has ended, and what that means to all of them."""
    changes: list[Action] = []
    trouble = rollout.trouble
    for member in rollout.active:
        if member.run_id not in seen.runs:
            continue
        approved = seen.plans.get(member.approved_plan_id)
        after = concluded(member, seen.runs[member.run_id], approved, now)
        if after is None:
            continue
        bad = after.status is MemberStatus.FAILED
        changes.append(Change(after, "error" if bad else "warning" if after.cause else "info"))
        if after.problem is not None and after.problem.kind in OURS:
            trouble = troubled(trouble, after.problem, now)
        elif trouble is not None and trouble.again_at is not None:
            trouble = None  # one came through
    if trouble != rollout.trouble:
        changes.append(SetTrouble(trouble))
    if trouble is not None and trouble.count >= MOST_TROUBLES and rollout.status is RolloutStatus.RUNNING:
        cause = f"tried {trouble.count} times: {trouble.cause}"
        changes.append(SetStatus(RolloutStatus.PAUSED, cause))
    return tuple(changes)


def _stopping(rollout: Rollout) -> tuple[Action, ...]:
    """Bring what is going on to its end, by its own or by the one SIGINT."""
    if not rollout.active:
        return (Finish(RolloutStatus.STOPPED, rollout.cause),)
    if not rollout.interrupting:
        return ()
    return tuple(Interrupt(member) for member in rollout.active if member.run_id and not member.interrupted)


def _everywhere(rollout: Rollout, verdict: Verdict, told: str, now: datetime) -> SetTrouble | None:
    """Begin nothing as long as streams get worse everywhere."""
    lasting = rollout.trouble is not None and rollout.trouble.again_at is None
    if verdict is Verdict.EVERYWHERE and rollout.trouble is None:
        return SetTrouble(Trouble(cause=told, since=now))
    if verdict is not Verdict.EVERYWHERE and lasting:
        return SetTrouble(None)
    return None


def _ending(rollout: Rollout) -> Finish | None:
    """The end, where no creator is left that could go on without a person."""
    if all(member.status is MemberStatus.APPLIED for member in rollout.members):
        return Finish(RolloutStatus.SUCCEEDED)
    taking_part = [member for member in rollout.members if rollout.takes_part(member)]
    within = [member for member in taking_part if member.wave in rollout.opened]
    if not rollout.opened or any(member.status not in OVER | {MemberStatus.TO_ASK} for member in within):
        return None
    later = [member for member in taking_part if member.wave not in rollout.opened]
    if not later:
        return Finish(RolloutStatus.INCOMPLETE, _left(rollout))
    if not all(_proved(rollout, wave) for wave in rollout.opened):
        return Finish(RolloutStatus.INCOMPLETE, f"{_left(rollout)}; the next wave needs one that was applied")
    if _kept_out(rollout, later):
        names = _named([member.slug for member in later])
        told = f"{_left(rollout)}; the wave of {names} has to wait for those before it"
        return Finish(RolloutStatus.INCOMPLETE, told)
    return None


def _kept_out(rollout: Rollout, later: list[Member]) -> bool:
    """Whether their wave cannot come, because those who are not to take part come before it."""
    undone = {wave for wave in rollout.opened if not settled(rollout, wave)}
    return bool(rollout.only) and (bool(undone) or next_wave(rollout) not in {one.wave for one in later})


def _proved(rollout: Rollout, wave: Wave) -> bool:
    return any(member.status is MemberStatus.APPLIED for member in rollout.of_wave(wave))


def _left(rollout: Rollout) -> str:
    """`2 failed: anna, ben · 1 to be asked again: cleo`, and who was left out."""
    words = {
        MemberStatus.FAILED: "failed",
        MemberStatus.CANCELLED: "cancelled",
        MemberStatus.TO_ASK: "to be asked again",
    }
    parts = []
    for status, word in words.items():
        slugs = [member.slug for member in rollout.members if member.status is status]
        if slugs:
            parts.append(f"{len(slugs)} {word}: {_named(slugs)}")
    if rollout.only and (out := [one.slug for one in rollout.members if one.status in UNSTARTED]):
        parts.append(f"{len(out)} not started: {_named(out)}")
    return " · ".join(parts)


def _named(slugs: list[str]) -> str:
    more = len(slugs) - _NAMED
    return ", ".join(slugs[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _beginnings(rollout: Rollout, seen: Observations, now: datetime) -> tuple[Action, ...]:
    """Who begins, who is put back, and who is looked at for that."""
    room = rollout.request.policy.parallel - len(rollout.active)
    if rollout.trouble is not None:
        again_at = rollout.trouble.again_at
        # One tries whether it is over, and the others wait for how that ends.
        room = 0 if again_at is None or now < again_at or rollout.active else 1
    actions: list[Action] = []
    checks = 0
    for member in _candidates(rollout, now):
        if room <= 0:
            break
        check = seen.checks.get(member.slug)
        if check is None or not is_fresh(check.at, now, FRESH) or check.plan_id != member.plan_id:
            if checks < CHECKS_AT_ONCE:
                checks += 1
                actions.append(CheckMember(member.slug))
            continue
        action = _turn(member, check, now)
        if action is not None:
            actions.append(action)
        room -= isinstance(action, Apply | Replan)
    return tuple(actions)


def _candidates(rollout: Rollout, now: datetime) -> list[Member]:
    """Whose turn it may be: by wave, those first who are not known to wait."""
    found = [
        member
        for member in rollout.members
        if member.wave in rollout.opened
        and member.status in UNSTARTED
        and rollout.takes_part(member)
        and (member.again_at is None or member.again_at <= now)
    ]
    waits = {member.slug for member in found if member.status is MemberStatus.PUT_BACK}
    return sorted(found, key=lambda one: (one.slug in waits, WAVES.index(one.wave), one.slug))


def _turn(member: Member, check: Check, now: datetime) -> Action | None:
    """What a fresh check lets happen to a creator; None where it keeps waiting for the same."""
    problem = None if member.overridden else check.problem
    if problem is not None and problem.kind in _WRONG:
        return Change(judged(member, problem, now), "error")
    if check.stream.may_be_live and not member.overridden:
        return _waiting(member, MemberStatus.PUT_BACK, check.stream.text, now)
    if problem is not None or check.busy:
        return _waiting(member, MemberStatus.TO_DO, problem.what if problem else check.busy, now)
    ready = member.model_copy(update={"before": check.stream})
    if check.stale:
        return Replan(moved(ready, MemberStatus.REPLANNING, now, cause=check.stale))
    return Apply(moved(ready, MemberStatus.APPLYING, now))


def _waiting(member: Member, status: MemberStatus, cause: str, now: datetime) -> Change | None:
    if (member.status, member.cause) == (status, cause):
        return None
    return Change(moved(member, status, now, cause=cause))

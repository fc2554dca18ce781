"""What an operator tells a rollout, and what it does about it. Pure."""

from __future__ import annotations

from datetime import datetime

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.rollouts.judging import moved
from fleet_tui.rollouts.model import (
    UNSTARTED,
    Control,
    ControlKind,
    Member,
    MemberStatus,
    Rollout,
    RolloutStatus,
)
from fleet_tui.rollouts.rules import Action, Change, SetStatus, SetTrouble


def refusal(rollout: Rollout, control: Control) -> str:
    """Why the rollout cannot do what it is told; empty where it can."""
    member = rollout.member(control.slug)
    match control.kind:
        case ControlKind.PAUSE:
            return "" if rollout.status is RolloutStatus.RUNNING else f"it is {rollout.status.value}"
        case ControlKind.GO_ON:
            held = rollout.status is RolloutStatus.PAUSED or _waits_for_trouble(rollout)
            return "" if held else f"it is {rollout.status.value}"
        case ControlKind.STOP:
            stopping = rollout.status is RolloutStatus.STOPPING
            done = stopping and (rollout.interrupting or not control.now)
            return "it is stopping already" if done else ""
        case ControlKind.OVERRIDE:
            return _must_be(member, control.slug, UNSTARTED, "does not wait")
        case ControlKind.APPROVE:
            if told := _must_be(member, control.slug, {MemberStatus.TO_ASK}, "has nothing to be asked again"):
                return told
            same = member is not None and member.plan_id == control.plan_id
            return "" if same else f"{control.slug} has another plan by now"


def obeyed(rollout: Rollout, control: Control, now: datetime) -> tuple[Action, ...]:
    """What follows from a control that is not refused."""
    by = control.operator
    member = rollout.member(control.slug)
    match control.kind:
        case ControlKind.PAUSE:
            return (SetStatus(RolloutStatus.PAUSED, f"paused by {by}"),)
        case ControlKind.GO_ON:
            waiting = [one for one in rollout.members if one.again_at is not None]
            at_once = (Change(one.model_copy(update={"again_at": None})) for one in waiting)
            over = [SetTrouble(None)] if rollout.trouble is not None else []
            return (*at_once, *over, SetStatus(RolloutStatus.RUNNING))
        case ControlKind.STOP:
            return (SetStatus(RolloutStatus.STOPPING, f"stopped by {by}", now=control.now),)
        case ControlKind.OVERRIDE if member is not None:
            text = f"{by} wants it applied though it may be live"
            return (Change(moved(member, MemberStatus.TO_DO, now, overridden=True, cause=text), "warning"),)
        case ControlKind.APPROVE if member is not None:
            approved = {"approved_plan_id": member.plan_id, "approval": control.approval}
            return (Change(moved(member, MemberStatus.TO_DO, now, **approved)),)
        case _:
            return ()


def check(rollout: Rollout, control: Control) -> None:
    """Raise a FleetError where the rollout cannot do what it is told."""
    if told := refusal(rollout, control):
        raise FleetError.of(
            ProblemKind.CONFLICT, told, where=rollout.id, hint="fleet rollout show has how it stands"
        )


def _must_be(
    member: Member | None, slug: str, statuses: frozenset[MemberStatus] | set[MemberStatus], otherwise: str
) -> str:
    if member is None:
        return f"{slug} is not in this rollout"
    return "" if member.status in statuses else f"{slug} {otherwise}: it is {member.status.value}"


def _waits_for_trouble(rollout: Rollout) -> bool:
    return rollout.trouble is not None and rollout.trouble.again_at is not None

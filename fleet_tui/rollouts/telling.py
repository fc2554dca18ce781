"""A rollout as its journal tells it, event by event: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.rollouts.judging import moved
from fleet_tui.rollouts.model import (
    ENDED,
    UNSTARTED,
    WAVES,
    Member,
    MemberStatus,
    Rollout,
    RolloutEvent,
    RolloutEventKind,
    RolloutRequest,
    RolloutStatus,
)
from fleet_tui.rollouts.waves import up_to


def begun(request: RolloutRequest) -> Rollout:
    """The rollout before anything has happened."""
    members = [
        Member(
            slug=target.slug,
            wave=target.wave,
            account_id=target.account_id,
            plan_id=target.plan_id,
            approved_plan_id=target.plan_id,
            approval=request.approval,
            since=request.requested_at,
        )
        for target in request.targets
    ]
    return Rollout(
        request=request,
        members=tuple(sorted(members, key=lambda member: (WAVES.index(member.wave), member.slug))),
    )


def fold(events: Sequence[RolloutEvent], *, alive: bool) -> Rollout | None:
    """The rollout that these events tell; None when they do not begin with a request.

    Args:
        events: the whole journal, in order.
        alive: whether the process of the rollout lives.
    """
    request = next((event.request for event in events if event.request is not None), None)
    if request is None:
        return None
    rollout = advance(begun(request), events)
    return rollout if rollout.ended or alive else rollout.model_copy(update={"status": RolloutStatus.LOST})


def advance(rollout: Rollout, events: Iterable[RolloutEvent]) -> Rollout:
    """The rollout after these further events of its journal."""
    members = {member.slug: member for member in rollout.members}
    told = {name: getattr(rollout, name) for name in _TOLD}
    for event in events:
        match event.kind:
            case RolloutEventKind.BEGUN:
                told |= {"pid": event.pid, "legs": told["legs"] + 1}
            case RolloutEventKind.MEMBER if event.member is not None:
                members[event.member.slug] = event.member
            case RolloutEventKind.WAVE if event.wave is not None:
                told["opened"] = (*told["opened"], event.wave)
            case RolloutEventKind.TROUBLE:
                told["trouble"] = event.trouble
            case RolloutEventKind.TOLD:
                told["told"] += 1
            case RolloutEventKind.STATUS | RolloutEventKind.FINISHED if event.status is not None:
                told |= {"status": event.status, "cause": event.text, "interrupting": event.now}
                told["finished_at"] = event.at if event.status in ENDED else None
            case RolloutEventKind.RESUMED:
                so_far = rollout.model_copy(update=told | {"members": tuple(members.values())})
                again = _again(so_far, event)
                members = {member.slug: member for member in again.members}
                told = {name: getattr(again, name) for name in _TOLD}
            case _:
                pass
    return rollout.model_copy(update=told | {"members": tuple(members.values())})


_TOLD = ("status", "opened", "only", "cause", "trouble", "interrupting", "told", "legs", "pid", "finished_at")


def _again(rollout: Rollout, event: RolloutEvent) -> Rollout:
    """The rollout once it is resumed: waves after one that is tried again have to wait for it once more."""
    members = [_member_again(member, event) for member in rollout.members]
    again = rollout.model_copy(
        update={
            "members": tuple(members),
            "status": RolloutStatus.RUNNING,
            "only": event.slugs if event.alone else (),
            "cause": "",
            "trouble": None,
            "interrupting": False,
            "told": max(rollout.told, event.told),
            "finished_at": None,
        }
    )
    waves = [member.wave for member in members if member.slug in event.slugs]
    first = min(waves, key=WAVES.index, default=None)
    return again if first is None else again.model_copy(update={"opened": up_to(again, first)})


def _member_again(member: Member, event: RolloutEvent) -> Member:
    if member.slug in event.slugs:
        return moved(member, MemberStatus.TO_DO, event.at, attempts=0)
    if member.status is MemberStatus.APPLIED:
        # Whoever resumes has seen what its stream is like; only what gets worse from there counts.
        return member.model_copy(update={"before": None})
    return member.model_copy(update={"attempts": 0, "again_at": None})


def to_resume(rollout: Rollout, slugs: Collection[str] = ()) -> tuple[str, ...]:
    """The creators that are tried again: the failed and the unstarted, or of all that are not done these.

    Args:
        rollout: one that has ended.
        slugs: exactly these, be they failed, unstarted, cancelled or approved anew; all that failed or were
            not started without it. Cancelled is not failed: a creator whose run somebody stopped is tried
            again only by name.

    Raises:
        FleetError: a creator is not in the rollout, is done, or has to be asked again first.
    """
    if not slugs:
        wanted = UNSTARTED | {MemberStatus.FAILED}
        return tuple(member.slug for member in rollout.members if member.status in wanted)
    for slug in slugs:
        member = rollout.member(slug)
        if member is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND, f"{slug} is not in the rollout", where=rollout.id, hint=_SHOW
            )
        if member.status is MemberStatus.APPLIED:
            raise FleetError.of(ProblemKind.CONFLICT, f"{slug} is applied already", where=rollout.id)
        if member.status is MemberStatus.TO_ASK:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"the new plan for {slug} is another one than was approved",
                where=rollout.id,
                hint=f"fleet rollout approve {rollout.id} {slug}, after reading it",
            )
    return tuple(member.slug for member in rollout.members if member.slug in slugs)


_SHOW = "fleet rollout show lists its creators"

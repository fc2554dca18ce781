"""What a run that has ended means to its creator's place in a rollout. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from fleet_tui.operations.fingerprints import does_no_more
from fleet_tui.operations.model import PlanSummary, Run, RunStatus
from fleet_tui.problems import TRANSIENT, Problem, ProblemKind
from fleet_tui.rollouts.model import Member, MemberStatus, Trouble

OURS = frozenset({ProblemKind.NETWORK, ProblemKind.CREDENTIALS, ProblemKind.MACHINE})
"""Kinds of problems of this machine or this operator: every other creator would have them, too."""

PASSING = TRANSIENT | OURS | {ProblemKind.STALE, ProblemKind.BUSY}
"""Kinds of problems that may be over a little later; whoever had one has not failed."""

MOST_ATTEMPTS = 3
"""What keeps being in the way of one creator alone for so long is a failure after all; our own rule."""

MOST_TROUBLES = 5
"""After so many in a row the rollout pauses, and a person is asked for; our own rule."""

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(minutes=8)


def pause_after(count: int) -> timedelta:
    """How long to wait after something was in the way `count` times in a row: 1, 2, 4, 8, 8 … minutes."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(count - 1, 10)))


def moved(member: Member, status: MemberStatus, now: datetime, **fields: object) -> Member:
    """The creator with another status since now; what it waited for before is forgotten."""
    told = {"status": status, "since": now, "cause": "", "problem": None, "again_at": None} | fields
    return member.model_copy(update=told)


def concluded(member: Member, run: Run | None, approved: PlanSummary | None, now: datetime) -> Member | None:
    """The creator once its run has ended; None while it goes on.

    Args:
        member: a creator at which something is going on.
        run: its run; None where it was never begun, so that nothing has happened.
        approved: what the approved plan would do; None where that is no longer known.
        now: the current time.
    """
    if run is None or (run.status is RunStatus.LOST and run.started_at is None):
        return _once_more(member, "its run was never begun", None, now)
    if not run.finished:
        return None
    ended = member.model_copy(update={"ended_at": run.finished_at or now, "interrupted": False})
    if run.status is RunStatus.CANCELLED:
        return moved(ended, MemberStatus.CANCELLED, now, cause="cancelled")
    if run.status is RunStatus.SUCCEEDED:
        if member.status is MemberStatus.APPLYING:
            return moved(ended, MemberStatus.APPLIED, now, attempts=0)
        return _planned(ended, run, approved, now)
    problem = run.problem or Problem(
        kind=ProblemKind.UNEXPECTED,
        what=f"the run is {run.status.value}: its process is gone and it never said how it ended",
        where=member.slug,
        hint=f"fleet runs show {run.id} has what it said until then",
    )
    return judged(ended, problem, now)


def judged(member: Member, problem: Problem, now: datetime) -> Member:
    """The creator after this problem: failed, or to be tried again where it may pass."""
    if problem.kind in OURS:
        again_at = now + _FIRST_PAUSE
        return moved(member, MemberStatus.TO_DO, now, cause=problem.what, problem=problem, again_at=again_at)
    if problem.kind in PASSING:
        return _once_more(member, problem.what, problem, now)
    return moved(member, MemberStatus.FAILED, now, cause=problem.what, problem=problem)


def _once_more(member: Member, cause: str, problem: Problem | None, now: datetime) -> Member:
    attempts = member.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return moved(member, MemberStatus.FAILED, now, cause=cause, problem=problem, attempts=attempts)
    again_at = now + pause_after(attempts)
    return moved(
        member, MemberStatus.TO_DO, now, cause=cause, problem=problem, attempts=attempts, again_at=again_at
    )


def _planned(member: Member, run: Run, approved: PlanSummary | None, now: datetime) -> Member:
    """The creator once it was planned anew."""
    fresh = run.plan
    if fresh is not None and fresh.empty:
        return moved(member, MemberStatus.APPLIED, now, cause="nothing is left to change")
    planned = member.model_copy(update={"plan_id": run.id})
    if fresh is not None and approved is not None and still_approved(approved, fresh):
        return moved(planned, MemberStatus.TO_DO, now, cause="the new plan does what was approved")
    cause = "the new plan is another one than was approved"
    return moved(planned, MemberStatus.TO_ASK, now, cause=cause)


def still_approved(approved: PlanSummary, fresh: PlanSummary) -> bool:
    """Whether a new plan may be applied on the approval of an older one.

    It may where it does the same to the letter, or only what an apply that broke off has left of it.

    Args:
        approved: what somebody said yes to.
        fresh: what would be done now.
    """
    same = (fresh.fingerprint, fresh.digest) == (approved.fingerprint, approved.digest)
    return bool(fresh.digest) and (same or does_no_more(approved, fresh))


def troubled(before: Trouble | None, problem: Problem, now: datetime) -> Trouble:
    """The trouble after one more problem of ours."""
    count = before.count + 1 if before is not None else 1
    return Trouble(
        cause=problem.sentence,
        since=before.since if before is not None else now,
        count=count,
        again_at=now + pause_after(count),
    )

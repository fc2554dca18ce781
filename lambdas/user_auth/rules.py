"""Who may do what to an account, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.problems import ProblemError
from user_auth.model import Group

MAX_SIGN_IN_AGE = timedelta(minutes=10)
"""What cannot be undone needs somebody who has just proved who they are."""

_CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who manages members.

    Args:
        admin: id of the creator's admin; None for an operator.
    """

    admin: str | None


@dataclass(frozen=True, slots=True)
class Moves:
    """Groups that a person joins and leaves."""

    joins: frozenset[Group]
    leaves: frozenset[Group]


def check_fresh_sign_in(auth_time: object, now: datetime) -> None:
    """Make sure that a person has signed in a moment ago, and not merely refreshed their tokens.

    Args:
        auth_time: the claim of that name: seconds since 1970, as a number or as text.
        now: when the request came in.

    Raises:
        ProblemError: 401, as RFC 9470 says it.
    """
    try:
        age = now.timestamp() - int(str(auth_time))
    except ValueError:
        age = float("inf")
    if not -_CLOCK_SKEW.total_seconds() <= age <= MAX_SIGN_IN_AGE.total_seconds():
        raise _sign_in_again()


def regroup(actor: Actor, person: str, current: frozenset[Group], wanted: frozenset[Group]) -> Moves:
    """What to do so that a person is in the groups that are wanted, and in `member` as everybody is.

    Args:
        actor: who asks.
        person: id of whom it is about.
        current: the groups that they are in.
        wanted: the groups that they are to be in.

    Raises:
        ProblemError: 403, it is not for this actor to decide.
    """
    _not_oneself(actor, person)
    wanted |= {Group.MEMBER}
    if actor.admin is not None and (Group.ADMIN in current) != (Group.ADMIN in wanted):
        raise _operators_only()
    return Moves(joins=wanted - current, leaves=current - wanted)


def check_may_disable(actor: Actor, person: str, groups: frozenset[Group]) -> None:
    """Make sure that an actor may keep a person out, or let them in again.

    Args:
        actor: who asks.
        person: id of whom it is about.
        groups: that the person is in.

    Raises:
        ProblemError: 403, it is not for this actor to decide.
    """
    _not_oneself(actor, person)
    if actor.admin is not None and Group.ADMIN in groups:
        raise _operators_only()


def check_may_invite(actor: Actor, groups: frozenset[Group]) -> None:
    """Make sure that an actor may invite somebody into these groups.

    Raises:
        ProblemError: 403, it is not for this actor to decide.
    """
    if actor.admin is not None and Group.ADMIN in groups:
        raise _operators_only()


def _not_oneself(actor: Actor, person: str) -> None:
    if actor.admin == person:
        raise ProblemError(
            403,
            "not-oneself",
            "Not for yourself",
            "Nobody changes their own rights here, so that a site does not lose its admin by mistake.",
        )


def _operators_only() -> ProblemError:
    return ProblemError(
        403, "operators-decide", "Operators decide", "Who is an admin is decided by the platform's operators."
    )


def _sign_in_again() -> ProblemError:
    seconds = int(MAX_SIGN_IN_AGE.total_seconds())
    return ProblemError(
        401,
        "sign-in-again",
        "Sign in again",
        f"Sign in with your password, and send the request within {seconds // 60} minutes.",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_user_authentication", max_age={seconds}'},
    )

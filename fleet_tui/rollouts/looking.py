"""Looks that a rollout takes, many at once, without waiting for any of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime
from typing import Generic, TypeVar

from fleet_tui.operations.model import Operation
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.rollouts.model import Check, Look, Member
from fleet_tui.rollouts.service import RolloutFleet
from fleet_tui.rollouts.streams import look_of, unknown

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Looking(Generic[T]):
    """Looks of one sort, at most one of each creator at a time.

    Args:
        pool: the threads that take them.
    """

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._under_way: dict[str, Future[T]] = {}

    def begin(self, slug: str, look: Callable[[], T]) -> None:
        """Begin a look at a creator, unless one is being taken."""
        if slug not in self._under_way:
            self._under_way[slug] = self._pool.submit(look)

    def taken(self) -> dict[str, T]:
        """The looks that have been taken since this was last asked."""
        done = {slug: future for slug, future in self._under_way.items() if future.done()}
        for slug in done:
            del self._under_way[slug]
        return {slug: future.result() for slug, future in done.items()}

    def wait(self) -> None:
        """Until every look that was begun has been taken."""
        for future in list(self._under_way.values()):
            future.exception()


def look_at(fleet: RolloutFleet, slug: str, before: Look | None, clock: Callable[[], datetime]) -> Look:
    """Look at a creator's stream.

    Args:
        fleet: whose creator.
        slug: which.
        before: the look before this one.
        clock: the current time with its zone.
    """
    return _stream(fleet, slug, before, clock)[0]


def check_of(
    fleet: RolloutFleet, member: Member, before: Look | None, clock: Callable[[], datetime]
) -> Check:
    """Look at all that decides whether it is a creator's turn; only at the stream where that may be on.

    Args:
        fleet: whose creator.
        member: which.
        before: the look at the stream before this one.
        clock: the current time with its zone.
    """
    stream, problem = _stream(fleet, member.slug, before, clock)
    stale = busy = ""
    if problem is None and (member.overridden or not stream.may_be_live):
        try:
            going_on = fleet.going_on(member.slug)
            stale = fleet.stale(member.plan_id)
            busy = _in_words(going_on.operation) if going_on is not None else ""
        except FleetError as error:
            problem = error.problem
        except Exception as error:
            logger.exception("checking %s", member.slug)
            problem = _our_own(error, member.slug)
    return Check(at=stream.at, plan_id=member.plan_id, stream=stream, stale=stale, busy=busy, problem=problem)


def _in_words(operation: Operation) -> str:
    return f"a {operation.kind.value} by {operation.operator} is going on"


def _stream(
    fleet: RolloutFleet, slug: str, before: Look | None, clock: Callable[[], datetime]
) -> tuple[Look, Problem | None]:
    try:
        return look_of(fleet.stream_now(slug), clock(), before), None
    except FleetError as error:
        problem = error.problem
    except Exception as error:
        logger.exception("looking at the stream of %s", slug)
        problem = _our_own(error, slug)
    return unknown(f"nobody can say whether a stream is on: {problem.what}", clock(), before), problem


def _our_own(error: Exception, slug: str) -> Problem:
    return Problem(
        kind=ProblemKind.UNEXPECTED,
        what=f"looking failed on an error of our own ({type(error).__name__})",
        where=slug,
        hint="The rollout's runner.log has the details; please report it",
    )

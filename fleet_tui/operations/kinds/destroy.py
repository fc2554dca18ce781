"""Destroying everything of a creator, by exactly the plan that was saved for it."""

from __future__ import annotations

import asyncio

from fleet_tui.operations.context import RunContext
from fleet_tui.operations.kinds import apply
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.streams.model import StreamStatus
from fleet_tui.streams.observe import StreamObserver

_OFF_AIR = frozenset({StreamStatus.NO_CHANNEL, StreamStatus.OFFLINE})


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Apply the plan that the operation names; who is live, and data that is protected, stop it."""
    if problem := await asyncio.to_thread(live, run, creator):
        raise FleetError(problem)
    await apply.carry_out(run, creator)
    return "destroyed"


def live(run: RunContext, creator: Creator) -> Problem | None:
    """What keeps a creator from being destroyed who is on the air, or of whom nobody knows.

    Raises:
        FleetError: the stream could not be asked for.
    """
    if not run.buckets.outputs(creator).get("channel_arn"):
        return None  # nothing to send to was ever made
    status = StreamObserver(run.door, lambda _: False).look(creator).status
    if status in _OFF_AIR:
        return None
    return Problem(
        kind=ProblemKind.CONFLICT,
        what=f"{creator.name} is live right now ({status.value})",
        where=creator.slug,
        hint="Destroy when the stream has ended",
    )

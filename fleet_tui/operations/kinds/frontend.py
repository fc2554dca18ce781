"""Bringing a creator's site to its visitors, or going back to a release before."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from functools import partial

from pydantic import ValidationError

from fleet_tui.frontend.build import build
from fleet_tui.frontend.deploying import Circumstances, Deployment, StoppedError
from fleet_tui.frontend.model import Order
from fleet_tui.frontend.place import needed_place
from fleet_tui.operations.context import Cancelled, RunContext
from fleet_tui.operations.model import EventKind
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator


class _Journal:
    """Writes into the run's journal, which is the loop's thread's, from the thread that deploys."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._loop = asyncio.get_running_loop()

    def say(self, text: str, *, severity: str = "info") -> None:
        self._in_turn(EventKind.LOG, text, severity=severity)

    def progress(self, done: int, total: int, text: str) -> None:
        self._in_turn(EventKind.PROGRESS, text, done=done, total=total)

    def _in_turn(self, kind: EventKind, text: str, *, severity: str = "info", **counts: int) -> None:
        async def write() -> None:
            self._run.journal.write(
                kind, text, severity=severity, done=counts.get("done"), total=counts.get("total")
            )

        asyncio.run_coroutine_threadsafe(write(), self._loop).result()


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Deploy, or go back, as the operation's target says."""
    order = _order_of(run)
    outputs = await asyncio.to_thread(run.buckets.outputs, creator)
    stop = threading.Event()
    loop = asyncio.get_running_loop()

    def prove() -> None:
        if run.lease is not None:
            asyncio.run_coroutine_threadsafe(run.lease.prove(), loop).result()

    deployment = Deployment(
        Circumstances(
            door=run.door,
            creator=creator,
            place=needed_place(creator.slug, outputs),
            operator=run.operation.operator,
            run_id=run.operation.id,
            reason=run.operation.reason,
            teller=_Journal(run),
            now=lambda: datetime.now(UTC),
            prove=prove,
            wait=stop.wait,
            stopped=stop.is_set,
            emulated=run.settings.emulated,
        )
    )
    make = partial(build, run.settings.workspace, creator, outputs)
    work = asyncio.ensure_future(asyncio.to_thread(deployment.carry_out, order, make))
    while True:
        try:
            return await asyncio.shield(work)
        except StoppedError:
            raise Cancelled from None
        except asyncio.CancelledError:
            stop.set()  # what is in hand is done first: a site is switched or it is not


def _order_of(run: RunContext) -> Order:
    try:
        return Order.model_validate_json(run.operation.target)
    except ValidationError as error:
        raise FleetError.of(
            ProblemKind.UNEXPECTED,
            "the operation does not say what is to be deployed",
            where=run.operation.id,
            hint="Ask again by fleet frontend deploy",
        ) from error

"""The way of every run: find the creator, wait for a place, prove the account, then do what was asked for."""

from __future__ import annotations

import asyncio

from fleet_tui.operations.context import RunContext
from fleet_tui.operations.kinds import carry_out_of
from fleet_tui.operations.model import Operation
from fleet_tui.operations.slots import only_one, slot
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings


async def carry_out(run: RunContext) -> str:
    """Do what was asked for.

    Returns:
        One sentence for the journal's last line; empty where all is said.

    Raises:
        FleetError: it did not work; what was done up to then stands in the journal.
        Cancelled: the operator stopped it.
    """
    creator = creator_of(run.settings, run.operation)
    run.say("waiting for a free place among the runs of this machine")
    async with (
        only_one(run.work / f"{creator.slug}.lock"),
        slot(run.settings.state / "slots", run.settings.parallel_runs),
    ):
        await asyncio.to_thread(run.door.prove_account, creator)
        run.say(f"account {creator.account_id} proved")
        return await carry_out_of(run.operation.kind)(run, creator)


def creator_of(settings: Settings, operation: Operation) -> Creator:
    """The creator that the operation is for, as its file says now.

    Raises:
        FleetError: the file is gone or wrong, or the account is no longer the one that was asked for.
    """
    creator = load(settings.creators).get(operation.slug)
    if creator is None:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "creator.toml is missing or cannot be used",
            where=operation.slug,
            hint="fleet status says what is wrong with it",
        )
    if creator.account_id != operation.account_id:
        raise FleetError.of(
            ProblemKind.WRONG_ACCOUNT,
            f"creator.toml says account {creator.account_id}, asked for was {operation.account_id}",
            where=creator.slug,
            hint="Ask again",
        )
    return creator

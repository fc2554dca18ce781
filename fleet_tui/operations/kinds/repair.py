"""Taking what is half made as it is: Terraform's mark of it is removed, so that no plan replaces it."""

from __future__ import annotations

import asyncio

from fleet_tui.operations.context import RunContext
from fleet_tui.operations.mending import SEPARATOR
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Take the addresses that the operation names as they are."""
    asked = run.operation.target.split(SEPARATOR)
    marked = (await asyncio.to_thread(run.buckets.observe, creator)).tainted
    if unmarked := [address for address in asked if address not in marked]:
        raise FleetError.of(
            ProblemKind.CONFLICT,
            f"not marked as half made: {', '.join(unmarked)}",
            where=creator.slug,
            hint=f"fleet repair {creator.slug} lists what is",
        )
    folder = await run.prepare(creator)
    for address in asked:
        await run.terraform(creator, folder, "untaint", address, input=None)
        run.say(f"{address} is taken as it is")
    return f"{len(asked)} taken as they are; a plan shows whether anything in them differs"

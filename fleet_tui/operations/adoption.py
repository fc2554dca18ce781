"""Taking up runs whose process is gone: Terraform, which goes on without it, is followed to its end.

An apply that was approved is finished and not broken off: it saves its state, lets go of its lock, and the
journal tells how it ended, by Terraform's own last lines. Everything else changes nothing and is stopped.
"""

from __future__ import annotations

import asyncio
import contextlib

from fleet_tui.operations.context import Cancelled, RunContext, TerraformKilledError
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.outputs import outputs_of, verb_of
from fleet_tui.operations.reading import broken_off, killed
from fleet_tui.operations.sign import terraform_of
from fleet_tui.operations.workfolder import WorkFolder
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator

_LOOK_SECONDS = 0.2


async def take_up(run: RunContext, creator: Creator) -> str:
    """End a run that has nothing to finish: what its Terraform does is stopped, unless it applies.

    Raises:
        TerraformKilledError: always: the run has not done what was asked for.
    """
    outputs = outputs_of(run.folder)
    if outputs:
        verb = verb_of(outputs[-1])
        if verb != "apply":
            run.interrupt()
        # The state bucket is made in a folder of its own, with its state in there.
        name = "backend" if verb == "apply" else "creator"
        with contextlib.suppress(FleetError, Cancelled):  # it has not done what was asked for, either way
            await run.follow_terraform(creator, WorkFolder(run.work / creator.slug / name))
        raise TerraformKilledError(killed(creator.slug, run.operation.kind.value))
    raise TerraformKilledError(broken_off(creator.slug, run.operation.kind))


async def earlier_settled(run: RunContext, creator: Creator) -> None:
    """Wait until no earlier run of this creator has a Terraform at work, or an end that nobody has written.

    To be asked while holding the creator's work folder: a run that has begun Terraform, has not ended and
    does not hold the folder has lost its process.
    """
    journals = Journals(run.settings.state)
    executor = LocalExecutor(run.settings, journals)
    told = ""
    while waited := [
        other
        for other in journals.unsettled(creator.slug)
        if other.id != run.operation.id and outputs_of(journals.folder(other.id))
    ]:
        executor.adopt()
        if waited[0].id != told:
            told = waited[0].id
            run.say(
                f"waiting for {told}, whose process is gone, to be taken up and ended", severity="warning"
            )
        await asyncio.sleep(_LOOK_SECONDS)


async def stop_orphan(run: RunContext) -> None:
    """Stop the Terraform of a run that may no longer work, and wait until it is gone."""
    run.interrupt()
    while terraform_of(run.folder) is not None:
        await asyncio.sleep(_LOOK_SECONDS)

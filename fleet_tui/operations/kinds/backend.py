"""Making a creator's state bucket."""

from __future__ import annotations

import asyncio

from fleet_tui.deploy.terraform_cli import flag
from fleet_tui.deploy.variables import BACKEND_STATE_KEY, backend_config, backend_variables
from fleet_tui.operations.context import RunContext
from fleet_tui.operations.workfolder import WorkFolder
from fleet_tui.registry.model import Creator


async def make_backend(run: RunContext, creator: Creator) -> None:
    """Make the state bucket with the state in the work folder, then move that state into the bucket.

    Broken off anywhere, it is finished the next time: the state stays in the folder until it has moved.

    Raises:
        FleetError: it did not work.
        Cancelled: the operator stopped it.
    """
    if await asyncio.to_thread(run.buckets.ready, creator):
        run.say(f"state bucket {creator.state_bucket} is there already")
        return
    run.say(f"making the state bucket {creator.state_bucket}")
    folder = WorkFolder(run.work / creator.slug / "backend")
    variables = backend_variables(creator) | {"emulated": run.settings.emulated}
    folder.fill(run.sources, "backend", variables, None)
    await run.terraform(creator, folder, "init", reconfigure=flag())
    await run.terraform(creator, folder, "apply", auto_approve=flag(), json=flag())
    backend = backend_config(creator, BACKEND_STATE_KEY, emulated=run.settings.emulated)
    folder.fill(run.sources, "backend", variables, backend)
    await run.terraform(
        creator, folder, "init", migrate_state=flag(), force_copy=flag(), backend_config="backend.json"
    )
    for leftover in folder.root.glob("terraform.tfstate*"):
        leftover.unlink()  # the bucket has it now, and a second copy would only grow old

"""Pushing a state that could not be written back into the bucket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from fleet_tui.deploy.conditional import read_object
from fleet_tui.deploy.unsaved_state import refusal, same
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.operations.context import RunContext
from fleet_tui.operations.unsaved import set_aside, unsaved_states
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Push every state of the creator that is in no bucket, oldest first.

    A file goes only when what it says has been read back from the bucket.
    """
    set_aside(run.settings.state, creator.slug, run.work_folder(creator))
    waiting = unsaved_states(run.work, run.settings.state, creator.slug)
    if not waiting:
        raise FleetError.of(
            ProblemKind.NOT_FOUND,
            "there is no state on this machine that waits to be pushed",
            where=creator.slug,
            hint="It lies on the machine on which the run was: fleet runs there",
        )
    folder = await run.prepare(creator)
    for file in waiting:
        kept = _read(file, creator)
        there = await asyncio.to_thread(_in_bucket, run, creator)
        if not same(kept, there):
            if problem := refusal(creator.slug, str(file), kept, there):
                raise FleetError(problem)
            await run.terraform(creator, folder, "state push", str(file), input=None)
            there = await asyncio.to_thread(_in_bucket, run, creator)
        if not same(kept, there):
            raise FleetError.of(
                ProblemKind.SERVICE,
                f"the state was pushed, and what the bucket has now is not what is in {file}",
                where=f"{creator.slug}: s3://{creator.state_bucket}/{STATE_KEY}",
                hint="The file is kept; compare the two before anything else",
            )
        file.unlink()  # it holds secrets
        run.say(f"{file.name} (serial {kept['serial']}) is in the bucket; the file was removed")
    return "all is in the bucket; plan now: the plan shows what the broken run has left to do"


def _in_bucket(run: RunContext, creator: Creator) -> dict[str, Any] | None:
    with run.door.entered(creator) as account:
        found = read_object(account.client("s3"), creator.state_bucket, STATE_KEY)
    return json.loads(found.content) if found else None


def _read(file: Path, creator: Creator) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(file.read_bytes())
        # Before its first state was written there is no lineage yet.
        if kept["version"] == 4 and isinstance(kept["serial"], int) and isinstance(kept["lineage"], str):
            return kept
    except (ValueError, KeyError, TypeError):
        pass
    raise FleetError.of(
        ProblemKind.CONFIGURATION,
        f"{file} is not a state that Terraform has written",
        where=creator.slug,
        hint="Move it away if it was written in part; the next plan takes in what the run had made",
    )

"""Making an older version of the state the newest: never a plain copy, and nothing in the account changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fleet_tui.deploy.conditional import read_object, write_object
from fleet_tui.deploy.guards import still_known
from fleet_tui.deploy.memory import StateMemory
from fleet_tui.deploy.statediff import compare, not_restorable, restored
from fleet_tui.deploy.statelock import terraform_lock
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.deploy.versions import StateVersions
from fleet_tui.operations.context import RunContext
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

_NAMED = 20  # addresses that are told one by one


async def carry_out(run: RunContext, creator: Creator) -> str:
    """Write the version that the operation names as the newest state, with a serial that was never used.

    It is written while the lease and Terraform's lock are held, and on the condition that the state is still
    the one that was read.
    """
    version_id = run.operation.target
    old = await asyncio.to_thread(StateVersions(run.door).content, creator, version_id)
    # A lease that was lost meanwhile stops the run here, before anything is written.
    if run.lease is not None:
        await run.lease.prove()
    before, after = await asyncio.to_thread(_write, run, creator, old)
    run.say(
        f"version {version_id} (serial {old['serial']}) is the state again, as serial {after['serial']}; "
        + (f"before it was serial {before['serial']}" if before else "before there was none")
    )
    _tell(run, before or {}, after)
    await asyncio.to_thread(
        run.records.change, creator, lambda record: record.model_copy(update={"drift": None})
    )
    return f"restored serial {old['serial']} as serial {after['serial']}; plan, and read the plan carefully"


def _write(
    run: RunContext, creator: Creator, old: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The state as it was, and as it is now."""
    bucket, operator = creator.state_bucket, run.operation.operator
    known = still_known(run.records.read(creator), StateMemory(run.settings.state).get(creator.slug))
    now = datetime.now(UTC)
    with (
        terraform_lock(run.door, creator, operation="fleet state restore", who=operator, now=now),
        run.door.entered(creator) as account,
    ):
        s3 = account.client("s3")
        found = read_object(s3, bucket, STATE_KEY)
        before = _parsed(found.content) if found else None
        if problem := not_restorable(creator, old, before, known):
            raise FleetError(problem)
        after = restored(old, before, known)
        content = json.dumps(after, indent=2).encode()
        if write_object(s3, bucket, STATE_KEY, content, found.etag if found else None) is None:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                "somebody has written the state meanwhile; nothing was restored",
                where=creator.slug,
                hint="Look at the versions again",
            )
        again = read_object(s3, bucket, STATE_KEY)
        if again is None or again.content != content:
            raise FleetError.of(
                ProblemKind.SERVICE,
                "the state that was written could not be read back",
                where=f"{creator.slug}: s3://{bucket}/{STATE_KEY}",
                hint=f"Look at what is there (fleet state versions {creator.slug}) before anything else",
            )
    return before, after


def _parsed(content: bytes) -> dict[str, Any] | None:
    """A state; None for what is none, which is there to be replaced."""
    try:
        state = json.loads(content)
    except ValueError:
        return None
    return state if isinstance(state, dict) else None


def _tell(run: RunContext, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """What a plan will make of it: the account is as it was, and the state is not."""
    difference = compare(before, after)
    _name(
        run,
        difference.removed,
        "in the account as far as was known, and not in the state any more: a plan would make them again, or "
        "fail because they are there",
    )
    _name(run, difference.added, "in the state again, though they may be gone from the account")
    _name(run, [one.address for one in difference.changed], "different in the state from what it was before")


def _name(run: RunContext, addresses: Sequence[str], what: str) -> None:
    if not addresses:
        return
    run.say(f"{len(addresses)} {what}:", severity="warning")
    for address in addresses[:_NAMED]:
        run.say(f"  {address}", severity="warning")
    if len(addresses) > _NAMED:
        run.say(f"  and {len(addresses) - _NAMED} more (fleet state compare {run.operation.slug})")

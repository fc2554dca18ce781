"""Taking in what a broken run has made: the plan after it imports what exists and the state does not know."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from fleet_tui.deploy import orphans
from fleet_tui.deploy.import_ids import WRITTEN_OVER
from fleet_tui.deploy.model import LastRun
from fleet_tui.deploy.orphans import Orphan, Wanted
from fleet_tui.operations.context import RunContext
from fleet_tui.operations.model import Action, OperationKind
from fleet_tui.operations.outputs import lines_of, outputs_of
from fleet_tui.operations.planjson import PlannedChange
from fleet_tui.operations.unsaved import unsaved_states
from fleet_tui.operations.workfolder import WorkFolder
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

IMPORTS = "recovered.tf"

T = TypeVar("T")

# What hangs on something is found once that is taken in: an API, its integration, its route, the route's
# permission.
_ROUNDS = 6
_GONE = re.compile(r'existing object to "(?P<address>(?:[^"\\]|\\.)+)"')


def refuse_over_unsaved(run: RunContext, creator: Creator) -> None:
    """Refuse to go on where a state waits that is in no bucket: it knows what the bucket's does not.

    Raises:
        FleetError: there is one.
    """
    waiting = unsaved_states(run.work, run.settings.state, creator.slug)
    if waiting:
        raise FleetError.of(
            ProblemKind.CONFLICT,
            "an earlier run could not write its state into the bucket, and what it made is only known to "
            f"{waiting[0]}",
            where=creator.slug,
            hint=f"fleet push-state {creator.slug} brings it back; then plan again",
        )


async def refuse_to_leave_behind(
    run: RunContext,
    creator: Creator,
    folder: WorkFolder,
    plan: Callable[[], Awaitable[T]],
    changes_of: Callable[[T], Sequence[PlannedChange]],
) -> None:
    """Refuse to destroy everything where a broken run has made what the state does not know.

    Terraform takes nothing in while it destroys (measured with 1.11: it passes over import blocks), so that
    would stay in the account, and nobody would know of it any more.

    Args:
        run: the run that plans.
        creator: for whom.
        folder: where Terraform works; nothing is left in it.
        plan: makes a plan that does not destroy.
        changes_of: the changes of a plan, with their values.

    Raises:
        FleetError: there is something to take in first; or as `with_what_is_there`.
    """
    last = await asyncio.to_thread(_left_open, run, creator)
    if last is None:
        return
    run.say("an earlier run broke off: looking for what it has made and the state does not know")
    changes = changes_of(await with_what_is_there(run, creator, folder, plan, changes_of))
    (folder.root / IMPORTS).unlink(missing_ok=True)
    if left := [change.address for change in changes if change.imported]:
        raise FleetError.of(
            ProblemKind.CONFLICT,
            f"a broken run has made what the state does not know, and destroying would leave it behind: "
            f"{', '.join(left)}",
            where=creator.slug,
            hint=f"Plan and apply first, which takes it in (fleet plan {creator.slug}), then destroy",
        )
    unseen = [one.address for one in _wanted(changes, set()) if one.type in WRITTEN_OVER]
    if unseen and last.kind != OperationKind.DESTROY:
        run.say(
            "nobody can say whether the broken run has made these, which would stay behind; look for them "
            f"afterwards: {', '.join(unseen)}",
            severity="warning",
        )


async def with_what_is_there(
    run: RunContext,
    creator: Creator,
    folder: WorkFolder,
    plan: Callable[[], Awaitable[T]],
    changes_of: Callable[[T], Sequence[PlannedChange]],
) -> T:
    """The plan, made again with import blocks where it wants to make what a broken run has made already.

    Args:
        run: the run that plans.
        creator: for whom.
        folder: where Terraform works; the blocks are written into it, and go when it is filled the next time.
        plan: makes the plan.
        changes_of: the changes of a plan, with their values.

    Raises:
        FleetError: as `plan`; or the account could not be asked.
    """
    planned = await plan()
    if await asyncio.to_thread(_left_open, run, creator) is None:
        return planned
    taken: dict[str, str] = {}
    refused: set[str] = set()
    for _ in range(_ROUNDS):
        wanted = _wanted(changes_of(planned), taken.keys() | refused)
        found = await asyncio.to_thread(_find, run, creator, wanted)
        foreign = _foreign(changes_of(planned), creator)
        if not found and not foreign:
            break
        refused |= foreign
        taken = {address: found_as for address, found_as in taken.items() if address not in foreign}
        taken |= {orphan.address: orphan.import_id for orphan in found}
        planned = await _plan_taking_in(run, folder, plan, taken, refused)
    for address, import_id in sorted(taken.items()):
        run.say(f"takes in {address}, which a broken run has made: {import_id}", severity="warning")
    for address in sorted(refused):
        run.say(f"{address} is in the account and is not ours to take in; look at it", severity="warning")
    for sentence in orphans.by_hand(_wanted(changes_of(planned), set())):
        run.say(sentence, severity="warning")
    return planned


async def _plan_taking_in(
    run: RunContext,
    folder: WorkFolder,
    plan: Callable[[], Awaitable[T]],
    taken: dict[str, str],
    refused: set[str],
) -> T:
    """Plan with these imports; those that turn out to be gone are left out."""
    while True:
        (folder.root / IMPORTS).write_text(import_blocks(taken), encoding="utf-8")
        try:
            return await plan()
        except FleetError as error:
            gone = _gone(run, taken)
            if not gone:
                raise error
            refused |= gone
            for address in gone:
                taken.pop(address)


def _left_open(run: RunContext, creator: Creator) -> LastRun | None:
    """The last run, where it did not succeed and nothing has finished its work since."""
    last = run.records.read(creator).last_run
    return last if last is not None and last.left_open else None


def _wanted(changes: Sequence[PlannedChange], without: set[str]) -> list[Wanted]:
    return [
        Wanted(change.address, change.type, change.after)
        for change in changes
        if change.action is Action.CREATE and change.after is not None and change.address not in without
    ]


def _find(run: RunContext, creator: Creator, wanted: Sequence[Wanted]) -> list[Orphan]:
    with run.door.entered(creator) as account:
        return orphans.find(account, creator, wanted)


def _foreign(changes: Sequence[PlannedChange], creator: Creator) -> set[str]:
    """Addresses of what would be taken in and carries another creator's name."""
    return {
        change.address
        for change in changes
        if change.imported
        and ((change.before or {}).get("tags_all") or {}).get("creator", creator.slug) != creator.slug
    }


def _gone(run: RunContext, taken: dict[str, str]) -> set[str]:
    """Addresses of imports of which Terraform said that nothing is there."""
    return {
        address
        for line in lines_of(outputs_of(run.folder)[-1])
        if line["type"] == "diagnostic"
        for match in _GONE.finditer(str(line["diagnostic"].get("detail") or ""))
        if (address := match.group("address").replace('\\"', '"')) in taken
    }


def import_blocks(taken: Mapping[str, str]) -> str:
    """One `import` block for each import id, by address; JSON's strings are HCL's, but for templates."""

    def text(import_id: str) -> str:
        return json.dumps(import_id).replace("${", "$${").replace("%{", "%%{")

    return "\n".join(
        f"import {{\n  to = {address}\n  id = {text(import_id)}\n}}\n"
        for address, import_id in sorted(taken.items())
    )

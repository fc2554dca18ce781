"""The guards before a run: whose state it is, and whether it is still the same one."""

from __future__ import annotations

from datetime import UTC, datetime

from fleet_tui.deploy.guards import guard, mark_of, still_known
from fleet_tui.deploy.memory import StateMemory
from fleet_tui.deploy.recording import adopted, seen
from fleet_tui.deploy.records import StateMark
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator


def prove_state(buckets: StateBuckets, memory: StateMemory, creator: Creator) -> None:
    """Make sure that the state in the bucket is this creator's, and not another or an older one.

    Raises:
        FleetError: it is not (WRONG_ACCOUNT, CONFLICT), or the bucket cannot be read.
    """
    state = buckets.state(creator)
    known = still_known(buckets.records.read(creator), memory.get(creator.slug))
    if problem := guard(creator, state, known):
        raise FleetError(problem)
    if state is not None:
        remember_here(memory, creator, mark_of(state, datetime.now(UTC)))


def remember_state(buckets: StateBuckets, memory: StateMemory, creator: Creator) -> None:
    """Remember the state as it is now, on this machine and beside it for everybody. Raises FleetError."""
    mark = buckets.mark(creator)
    remember_here(memory, creator, mark)
    known = buckets.records.read(creator).state
    if mark is not None and (known is None or (known.lineage, known.serial) != (mark.lineage, mark.serial)):
        buckets.records.change(creator, lambda record: seen(record, mark))


def adopt_state(buckets: StateBuckets, memory: StateMemory, creator: Creator) -> StateMark | None:
    """Take what is in the bucket for the creator's state, whatever was remembered before.

    Returns:
        The state that is now taken for the right one; None where there is none, and a new one may begin.

    Raises:
        FleetError: it is another creator's all the same, or the bucket cannot be read or written.
    """
    state = buckets.state(creator)
    if problem := guard(creator, state, ()):
        raise FleetError(problem)
    mark = mark_of(state, datetime.now(UTC)) if state is not None else None
    here = memory.get(creator.slug)
    known = (here.lineage,) if here is not None else ()
    if buckets.ready(creator):
        buckets.records.change(creator, lambda record: adopted(record, mark, known))
    memory.keep(creator.slug, mark)
    return mark


def remember_here(memory: StateMemory, creator: Creator, mark: StateMark | None) -> None:
    """Remember this mark on this machine, where it is news."""
    known = memory.get(creator.slug)
    if mark is not None and (known is None or (known.lineage, known.serial) != (mark.lineage, mark.serial)):
        memory.keep(creator.slug, mark)

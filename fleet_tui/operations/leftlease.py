"""A lease that a run of this machine has left behind: it ended while nobody could let go of the lease."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fleet_tui.deploy.lease import SeenLease, is_held_by
from fleet_tui.deploy.leases import HeldLease, Leases
from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.recordbook import RecordBook
from fleet_tui.deploy.recording import ended
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.recorded import told_here
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor


def let_go_of_left(door: AwsDoor, journals: Journals, creator: Creator, seen: SeenLease | None) -> bool:
    """Let go of the lease where its holder is a run of this machine that has ended, and record that end.

    A run whose end is not written is left to whoever takes it up again.

    Args:
        door: the way into the account.
        journals: of all runs on this machine.
        creator: whose lease.
        seen: the lease as it was seen; None where it is free.

    Returns:
        Whether it was let go of.

    Raises:
        FleetError: the bucket cannot be read or written, or somebody else was faster.
    """
    if seen is None or not _finished(journals, run_id := seen.lease.claim.run_id):
        return False
    leases = Leases(door)
    found = leases.look(creator)
    if found is None or not is_held_by(found.lease, run_id):
        return False

    def end(record: RunRecord) -> RunRecord:
        writing, now = record.writing, datetime.now(UTC)
        return ended(record, run_id, told_here(journals, writing, now)) if writing is not None else record

    RecordBook(door).change(creator, end)
    leases.release(creator, HeldLease(found.lease, found.etag))
    return True


def _finished(journals: Journals, run_id: str) -> bool:
    try:
        return journals.get(run_id).finished_at is not None and journals.ended(run_id)
    except FleetError:
        return False

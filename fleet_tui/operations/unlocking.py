"""Who holds a creator, and what of it may be broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet_tui.deploy.lease import Lease, LeaseStatus, status_of
from fleet_tui.deploy.model import Lock
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.operations.runs import Runs
from fleet_tui.registry.model import Creator
from fleet_tui.values import Value

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor


class Holders(Value):
    """Who holds a creator.

    Args:
        lease: as it was read; None where there never was one.
        status: what it is like.
        age: how long ago it was written, in seconds, by S3's clock.
        lock: Terraform's, None where the state is free.
    """

    lease: Lease | None = None
    status: LeaseStatus = LeaseStatus.FREE
    age: float = 0.0
    lock: Lock | None = None

    @property
    def held(self) -> bool:
        """Whether there is anything that can be broken."""
        return self.status is not LeaseStatus.FREE or self.lock is not None


class Shown(Value):
    """What an operator was shown and wants broken; nothing else is.

    Args:
        lease: number of the lease.
        lock: id of Terraform's lock.
    """

    lease: int | None = None
    lock: str | None = None


def to_break(holders: Holders) -> Shown:
    """What is broken of what is held.

    Of a run that gives signs of life only the lease: it then stops in order, and its Terraform saves the
    state and lets go of the lock. To take that away under a Terraform at work would let a second one begin.
    """
    if holders.status is LeaseStatus.HELD and holders.lease is not None:
        return Shown(lease=holders.lease.number)
    lease = holders.lease.number if holders.status is LeaseStatus.DEAD and holders.lease else None
    return Shown(lease=lease, lock=holders.lock.id if holders.lock else None)


def look(door: AwsDoor, creator: Creator) -> Holders:
    """Who holds this creator now. Raises FleetError."""
    from fleet_tui.deploy.leases import Leases
    from fleet_tui.deploy.statelock import StateLocks

    door.prove_account(creator)
    found = Leases(door).look(creator)
    lock = StateLocks(door).look(creator)
    if found is None:
        return Holders(lock=lock)
    return Holders(
        lease=found.lease,
        status=status_of(found.lease, found.age),
        age=found.age.total_seconds(),
        lock=lock,
    )


class Locks:
    """Who holds the creators, and breaking it.

    Args:
        creator: by slug; raises FleetError.
        door: the way into the accounts, made when it is first needed.
        runs: of this machine.
    """

    def __init__(self, creator: Callable[[str], Creator], door: Callable[[], AwsDoor], runs: Runs) -> None:
        self._creator = creator
        self._door = door
        self._runs = runs

    def look(self, slug: str) -> Holders:
        """Who holds this creator now. Raises FleetError."""
        return look(self._door(), self._creator(slug))

    def break_off(self, slug: str, shown: Shown, *, reason: str) -> Run:
        """Start to break what the operator was shown, and nothing else. Raises FleetError."""
        creator = self._creator(slug)
        return self._runs.start(OperationKind.UNLOCK, creator, reason=reason, target=shown.model_dump_json())

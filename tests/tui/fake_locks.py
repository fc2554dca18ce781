"""Who holds the creators, without AWS."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fleet_tui.deploy.lease import Claim, Lease, LeaseStatus, SeenLease
from fleet_tui.deploy.model import Lock
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.operations.unlocking import Holders, Shown
from tests.tui.sample import NOW

if TYPE_CHECKING:
    from tests.tui.fake import FakeService

LEASE = Lease(
    number=7,
    claim=Claim(
        run_id="20261122T135107.000-apply-kasper-9f3a",
        kind="apply",
        operator="ben@ops",
        host="bens-desk",
        reason="new prices for the spring",
        expected_end=NOW + timedelta(minutes=9),
    ),
    taken_at=NOW - timedelta(minutes=12),
)
LOCK = Lock(
    id="6a1c6f0e-5a0b-4a6f-9f0a-0f2d9c1b7e11",
    operation="OperationTypeApply",
    who="ben@bens-desk",
    created=NOW - timedelta(minutes=11),
)
HELD = Holders(lease=LEASE, status=LeaseStatus.HELD, age=4, lock=LOCK)
DEAD = Holders(lease=LEASE, status=LeaseStatus.DEAD, age=340, lock=LOCK)


def seen(status: LeaseStatus, seconds: float) -> SeenLease:
    """The lease as it stands in the deploy state."""
    return SeenLease(lease=LEASE, renewed_at=NOW - timedelta(seconds=seconds), status=status)


class FakeLocks:
    """Answers with `holders`; what is broken lands in the service's `done`."""

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self.holders = Holders()

    def look(self, slug: str) -> Holders:
        return self.holders

    def break_off(self, slug: str, shown: Shown, *, reason: str) -> Run:
        self._service._refuse()
        self._service.done.append(("break", slug, shown.lease, shown.lock))
        return self._service.begin(OperationKind.UNLOCK, slug, target=shown.model_dump_json())

"""Which of a creator's two regions takes writes: shown, and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet_tui.operations.at_once import AtOnce
from fleet_tui.operations.model import OperationKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.deploy.failover import Failover, WritingRegion


class FleetFailover:
    """Shows and names the region that takes writes.

    Args:
        creator: by slug; raises FleetError.
        failover: in the creators' accounts.
        at_once: names, with a journal.
    """

    def __init__(self, creator: Callable[[str], Creator], failover: Failover, at_once: AtOnce) -> None:
        self._creator = creator
        self._failover = failover
        self._at_once = at_once

    def look(self, slug: str) -> WritingRegion:
        """Which of the creator's two regions takes writes. Raises FleetError."""
        return self._failover.look(self._creator(slug))

    def name(self, slug: str, region: str, shown: WritingRegion, *, reason: str = "") -> WritingRegion:
        """Have another region take the writes, if it is still as it was shown. Raises FleetError."""
        creator = self._creator(slug)
        return self._at_once(
            OperationKind.FAILOVER,
            creator,
            lambda: self._failover.name(creator, region, shown),
            lambda named: f"{named.writes} takes writes",
            reason=reason,
            target=region,
        )

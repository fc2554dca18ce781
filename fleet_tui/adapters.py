"""What talks to AWS and to the creators' APIs; nothing of it is loaded before it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor
    from fleet_tui.bookings.client import BookingClient
    from fleet_tui.costs.observe import CostObserver
    from fleet_tui.deploy.failover import Failover
    from fleet_tui.deploy.secrets import Secrets
    from fleet_tui.deploy.statebucket import StateBuckets
    from fleet_tui.privacy.people import People
    from fleet_tui.streams.observe import StreamObserver


@dataclass(frozen=True, slots=True)
class Adapters:
    """What talks to AWS and to the creators' APIs, one of each for the whole fleet."""

    door: AwsDoor
    buckets: StateBuckets
    streams: StreamObserver
    bookings: BookingClient
    costs: CostObserver
    secrets: Secrets
    people: People
    failover: Failover

    @classmethod
    def make(cls, settings: Settings, is_close: Callable[[str], bool]) -> Adapters:
        """All of them.

        Args:
            settings: the console's.
            is_close: whether a creator, by slug, is on the screen.
        """
        from fleet_tui.aws import AwsDoor
        from fleet_tui.bookings.client import BookingClient
        from fleet_tui.costs.observe import CostObserver
        from fleet_tui.deploy.digest import ConfigurationDigest
        from fleet_tui.deploy.failover import Failover
        from fleet_tui.deploy.secrets import Secrets
        from fleet_tui.deploy.statebucket import StateBuckets
        from fleet_tui.privacy.people import People
        from fleet_tui.streams.observe import StreamObserver

        door = AwsDoor(operator=settings.operator)
        buckets = StateBuckets(door, ConfigurationDigest(settings.workspace))

        def endpoint_of(creator: Creator) -> str | None:
            endpoint = buckets.outputs(creator).get("api_endpoint")
            return endpoint if isinstance(endpoint, str) else None

        return cls(
            door=door,
            buckets=buckets,
            streams=StreamObserver(door, is_close),
            bookings=BookingClient(door, endpoint_of),
            costs=CostObserver(
                door, settings.payer, kept_for=timedelta(minutes=settings.cost_refresh_minutes)
            ),
            secrets=Secrets(door),
            people=People(door),
            failover=Failover(door),
        )

    def close(self) -> None:
        """Close every connection."""
        self.bookings.close()
        self.door.close()

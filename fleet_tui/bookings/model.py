"""What is known about a creator's sponsor bookings."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from fleet_tui.values import Moment, Value


class BookingStatus(StrEnum):
    """Where a booking is on its way. `active` and `completed` follow from approval and the calendar."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PriceLine(Value):
    """One line of a price; amount in minor units, negative for a discount."""

    label: str
    amount: int


class Price(Value):
    """A price in minor units of its currency, with the lines that add up to it."""

    currency: str
    total: int
    lines: tuple[PriceLine, ...] = ()


class Booking(Value):
    """One sponsor's booking of one placement. Both days are included.

    Args:
        version: counts changes; sent back with a decision, so that a second one is refused.
    """

    id: str
    sponsor: str
    contact: str = ""
    placement: str
    start_day: date
    end_day: date
    status: BookingStatus
    version: int
    price: Price
    title: str = ""
    target_url: str = ""
    asset_url: str = ""
    created_at: Moment
    decided_at: Moment | None = None
    decided_by: str | None = None
    reason: str | None = None


class BookingQueue(Value):
    """The bookings of one creator that an operator cares about.

    Args:
        pending: oldest first.
        upcoming: approved and active ones, by start day.
        conflicts: booking id → ids of other bookings that want the same placement on a shared day.
        available: False when the sponsor module is off or was never deployed.
    """

    available: bool = True
    pending: tuple[Booking, ...] = ()
    upcoming: tuple[Booking, ...] = ()
    conflicts: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def oldest(self) -> Moment | None:
        """When the oldest pending booking came in."""
        return self.pending[0].created_at if self.pending else None

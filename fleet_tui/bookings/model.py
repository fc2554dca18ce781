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
    REFUNDED = "refunded"


class CreativeState(StrEnum):
    """Where a booking's picture is on its way."""

    MISSING = "missing"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"


class PriceLine(Value):
    """One line of a price; amount in minor units, negative for a discount."""

    label: str
    amount: int


class Price(Value):
    """A price in minor units of its currency, with the lines that add up to it."""

    currency: str
    total: int
    lines: tuple[PriceLine, ...] = ()


class Creative(Value):
    """A booking's picture.

    Args:
        refusal: why the last upload was refused.
        type: media type, once it is ready.
        width: pixels, as is the height.
    """

    state: CreativeState = CreativeState.MISSING
    refusal: str | None = None
    type: str | None = None
    width: int | None = None
    height: int | None = None


class Refund(Value):
    """Money that was given back, in minor units of the price's currency."""

    amount: int
    reference: str
    at: Moment
    by: str


class Change(Value):
    """One step on a booking's way: what it became, when, and by whom (an operator, `sponsor` or `system`)."""

    status: BookingStatus
    at: Moment
    by: str
    reason: str | None = None


class Booking(Value):
    """One sponsor's booking of one placement. Both days are included.

    Args:
        version: counts changes; sent back with a decision, so that a second one is refused.
        asset_url: path of the picture on the creator's site, once it is approved.
        creative_url: where the picture can be looked at for some minutes.
        held_until: until when nobody else can book its days while it is pending.
        decided_at: when it became what it is, as are by whom and why.
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
    creative: Creative = Creative()
    asset_url: str | None = None
    creative_url: str | None = None
    created_at: Moment
    held_until: Moment | None = None
    decided_at: Moment | None = None
    decided_by: str | None = None
    reason: str | None = None
    refund: Refund | None = None
    history: tuple[Change, ...] = ()


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

"""A booking: as it is asked for, as it is kept, and as it is shown to whom."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.fields import Day, EmailAddress, HttpsUrl, PlainText

BookingId = Annotated[str, StringConstraints(pattern=r"^[0-9a-hjkmnp-tv-z]{13}$")]
"""65 random bits in Crockford's base 32, lower case: short enough to be read out, too long to be guessed."""


class Placement(StrEnum):
    """Where on a creator's site a sponsor can be."""

    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"
    CREATOR = "creator"


class Status(StrEnum):
    """Where a booking is on its way. `active` and `completed` are never stored: the calendar makes them."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PriceLine(_Value):
    """One line of a price; amount in minor units, negative for a discount."""

    label: str
    amount: int


class Price(_Value):
    """A price in minor units of its currency, with the lines that add up to it."""

    currency: str
    total: int
    lines: tuple[PriceLine, ...]


class Submission(_Value):
    """What a sponsor sends to ask for a placement. Both days are included."""

    sponsor: PlainText = Field(max_length=80)
    contact: EmailAddress
    placement: Placement
    start_day: Day
    end_day: Day
    title: PlainText = Field(max_length=120)
    target_url: HttpsUrl
    asset_url: HttpsUrl


class Approval(_Value):
    """An operator's yes to the booking that they saw."""

    version: int = Field(ge=1, le=1_000_000)


class Rejection(_Value):
    """An operator's no, with the reason that the sponsor is told."""

    version: int = Field(ge=1, le=1_000_000)
    reason: PlainText = Field(max_length=500)


class Booking(_Value):
    """A booking as it is stored.

    Args:
        status: never `active` or `completed`.
        version: counts changes, from 1.
        created_at: UTC, as are all moments.
        decided_by: the operator's name from the signature.
    """

    id: BookingId
    sponsor: str
    contact: str
    placement: Placement
    start_day: date
    end_day: date
    status: Status
    version: int
    price: Price
    title: str
    target_url: str
    asset_url: str
    created_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None


class Receipt(_Value):
    """What the public learns of a booking that was sent in."""

    id: str
    status: Status
    placement: Placement
    start_day: date
    end_day: date
    price: Price


class ActiveSponsor(_Value):
    """What a site needs to show a sponsor."""

    id: str
    sponsor: str
    title: str
    placement: Placement
    target_url: str
    asset_url: str


def receipt_of(booking: Booking, shown: Status) -> Receipt:
    """The public's view of a booking, with its status of the day."""
    return Receipt(
        id=booking.id,
        status=shown,
        placement=booking.placement,
        start_day=booking.start_day,
        end_day=booking.end_day,
        price=booking.price,
    )


def active_sponsor_of(booking: Booking) -> ActiveSponsor:
    """A site's view of a booking."""
    return ActiveSponsor(
        id=booking.id,
        sponsor=booking.sponsor,
        title=booking.title,
        placement=booking.placement,
        target_url=booking.target_url,
        asset_url=booking.asset_url,
    )

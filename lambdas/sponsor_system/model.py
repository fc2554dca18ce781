"""A booking: as it is asked for, and as it is kept."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.fields import Day, EmailAddress, HttpsUrl, PlainText
from shared.images import ImageType, Refusal

BookingId = Annotated[str, StringConstraints(pattern=r"^[0-9a-hjkmnp-tv-z]{13}$")]
"""65 random bits in Crockford's base 32, lower case: short enough to be read out, too long to be guessed."""

Version = Annotated[int, Field(ge=1, le=1_000_000)]
"""The version of a booking that somebody saw."""

Minor = Annotated[int, Field(ge=1, le=100_000_000_000)]
"""An amount of money in minor units."""


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
    REFUNDED = "refunded"


class CreativeState(StrEnum):
    """Where a booking's picture is on its way."""

    MISSING = "missing"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"


class Value(BaseModel):
    """What is passed along and kept: it never changes, and knows all its members."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PriceLine(Value):
    """One line of a price; amount in minor units, negative for a discount."""

    label: str
    amount: int


class Price(Value):
    """A price in minor units of its currency, with the lines that add up to it."""

    currency: str
    total: int
    lines: tuple[PriceLine, ...]


class Submission(Value):
    """What a sponsor sends to ask for a placement. Both days are included.

    Args:
        creative_type: of the picture that will be uploaded.
    """

    sponsor: PlainText = Field(max_length=80)
    contact: EmailAddress
    placement: Placement
    start_day: Day
    end_day: Day
    title: PlainText = Field(max_length=120)
    target_url: HttpsUrl
    creative_type: ImageType


class CreativeRequest(Value):
    """A sponsor's wish to send a picture, the first or another one."""

    creative_type: ImageType


class Approval(Value):
    """An operator's yes to the booking that they saw."""

    version: Version


class Rejection(Value):
    """An operator's no, with the reason that the sponsor is told."""

    version: Version
    reason: PlainText = Field(max_length=500)


class Cancellation(Value):
    """The end of a booking before its time, with the reason that both sides are told."""

    version: Version
    reason: PlainText = Field(max_length=500)


class Withdrawal(Value):
    """A sponsor's own cancellation; nobody has to say why."""

    version: Version
    reason: PlainText | None = Field(default=None, max_length=500)


class RefundNote(Value):
    """Money that an operator has given back, by whatever way it came.

    Args:
        amount: minor units of the booking's currency, at most its price.
        reference: by which it is found in the books, such as a bank's or a payment provider's.
    """

    version: Version
    amount: Minor
    reference: PlainText = Field(max_length=100)


class Creative(Value):
    """What is known of a booking's picture.

    Args:
        refusal: why the last upload was refused.
        key: of the checked picture in the bucket, as are its type and sides in pixels.
    """

    state: CreativeState = CreativeState.MISSING
    refusal: Refusal | None = None
    key: str | None = None
    type: ImageType | None = None
    width: int | None = None
    height: int | None = None


class Refund(Value):
    """Money that was given back."""

    amount: int
    reference: str
    at: datetime
    by: str


class Change(Value):
    """One step on a booking's way: what it became, when, and by whom (an operator, `sponsor` or `system`)."""

    status: Status
    at: datetime
    by: str
    reason: str | None = None


class Booking(Value):
    """A booking as it is stored.

    Args:
        status: never `active` or `completed`.
        version: counts changes, from 1.
        created_at: UTC, as are all moments.
        held_until: until when its days are held for it while it is pending.
        history: its changes of status, oldest first.
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
    creative: Creative = Creative()
    created_at: datetime
    held_until: datetime
    refund: Refund | None = None
    history: tuple[Change, ...] = ()

    @property
    def last(self) -> Change | None:
        """The latest change of status."""
        return self.history[-1] if self.history else None

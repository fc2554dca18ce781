"""A booking as it is shown: to its sponsor, to operators, and to the site."""

from __future__ import annotations

from datetime import date, datetime

from shared.images import ImageType, Refusal
from shared.uploads import UploadForm
from sponsor_system.creatives import asset_path
from sponsor_system.lifecycle import status_on
from sponsor_system.model import (
    Booking,
    Change,
    Creative,
    CreativeState,
    Placement,
    Price,
    Refund,
    Status,
    Value,
)
from sponsor_system.report import Report


class CreativeView(Value):
    """What is told of a picture: its state, why the last one was refused, type, and sides in pixels."""

    state: CreativeState
    refusal: Refusal | None
    type: ImageType | None
    width: int | None
    height: int | None


class RefundView(Value):
    """What a sponsor is told of money that was given back."""

    amount: int
    reference: str
    at: datetime


class Receipt(Value):
    """The answer to a booking that was sent in.

    Args:
        held_until: until when nobody else can have the days, while it waits.
        token: the secret for the header `Booking-Token`, with which the sponsor comes back.
        upload: the form for the picture; another one can be asked for.
    """

    id: str
    status: Status
    version: int
    placement: Placement
    start_day: date
    end_day: date
    price: Price
    held_until: datetime
    token: str
    upload: UploadForm


class OwnBooking(Value):
    """A booking as its sponsor sees it.

    Args:
        reason: why it was rejected or cancelled.
        asset_url: path of the picture on the creator's site, once the booking is approved.
    """

    id: str
    sponsor: str
    title: str
    target_url: str
    placement: Placement
    start_day: date
    end_day: date
    status: Status
    version: int
    price: Price
    creative: CreativeView
    asset_url: str | None
    created_at: datetime
    held_until: datetime
    reason: str | None
    refund: RefundView | None
    report: Report


class BookingView(Value):
    """A booking as operators see it.

    Args:
        decided_at: when it became what it is, as are by whom and why; empty while it is pending.
        asset_url: path of the picture on the creator's site, once the booking is approved.
        creative_url: where the checked picture can be looked at for some minutes.
    """

    id: str
    sponsor: str
    contact: str
    title: str
    target_url: str
    placement: Placement
    start_day: date
    end_day: date
    status: Status
    version: int
    price: Price
    creative: CreativeView
    asset_url: str | None
    creative_url: str | None
    created_at: datetime
    held_until: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    refund: Refund | None
    history: tuple[Change, ...]


class BookingPage(Value):
    """A page of bookings; the last one has no cursor."""

    bookings: tuple[BookingView, ...]
    next_cursor: str | None


class ActiveSponsor(Value):
    """What a site needs to show a sponsor; the picture's URL is a path on the site itself."""

    id: str
    sponsor: str
    title: str
    placement: Placement
    target_url: str
    asset_url: str


class ActiveSponsors(Value):
    """Whom a site shows on a day."""

    day: date
    sponsors: dict[Placement, ActiveSponsor]


def receipt_of(booking: Booking, token: str, upload: UploadForm, today: date) -> Receipt:
    """The answer to a booking that was sent in."""
    return Receipt(
        id=booking.id,
        status=status_on(booking, today),
        version=booking.version,
        placement=booking.placement,
        start_day=booking.start_day,
        end_day=booking.end_day,
        price=booking.price,
        held_until=booking.held_until,
        token=token,
        upload=upload,
    )


def own_booking_of(booking: Booking, report: Report, today: date) -> OwnBooking:
    """The sponsor's view of a booking, with its status of the day."""
    refund = booking.refund
    return OwnBooking(
        id=booking.id,
        sponsor=booking.sponsor,
        title=booking.title,
        target_url=booking.target_url,
        placement=booking.placement,
        start_day=booking.start_day,
        end_day=booking.end_day,
        status=status_on(booking, today),
        version=booking.version,
        price=booking.price,
        creative=_creative(booking.creative),
        asset_url=asset_path(booking),
        created_at=booking.created_at,
        held_until=booking.held_until,
        reason=_reason(booking),
        refund=RefundView(amount=refund.amount, reference=refund.reference, at=refund.at) if refund else None,
        report=report,
    )


def booking_view_of(booking: Booking, today: date, creative_url: str | None = None) -> BookingView:
    """The operators' view of a booking, with its status of the day."""
    last = booking.last
    return BookingView(
        id=booking.id,
        sponsor=booking.sponsor,
        contact=booking.contact,
        title=booking.title,
        target_url=booking.target_url,
        placement=booking.placement,
        start_day=booking.start_day,
        end_day=booking.end_day,
        status=status_on(booking, today),
        version=booking.version,
        price=booking.price,
        creative=_creative(booking.creative),
        asset_url=asset_path(booking),
        creative_url=creative_url,
        created_at=booking.created_at,
        held_until=booking.held_until,
        decided_at=last.at if last else None,
        decided_by=last.by if last else None,
        reason=_reason(booking),
        refund=booking.refund,
        history=booking.history,
    )


def active_sponsor_of(booking: Booking) -> ActiveSponsor:
    """A site's view of an approved booking."""
    return ActiveSponsor(
        id=booking.id,
        sponsor=booking.sponsor,
        title=booking.title,
        placement=booking.placement,
        target_url=booking.target_url,
        asset_url=asset_path(booking) or "",
    )


def _creative(creative: Creative) -> CreativeView:
    return CreativeView(
        state=creative.state,
        refusal=creative.refusal,
        type=creative.type,
        width=creative.width,
        height=creative.height,
    )


def _reason(booking: Booking) -> str | None:
    """The latest reason that was given: a refund keeps that of what it follows."""
    return next((change.reason for change in reversed(booking.history) if change.reason), None)

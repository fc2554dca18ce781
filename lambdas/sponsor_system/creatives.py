"""A booking's picture: what each placement can show, where it lies, and what becomes of an upload."""

from __future__ import annotations

import secrets

from shared.images import CheckedImage, ImageLimits, Refusal
from shared.problems import ProblemError
from shared.uploads import INCOMING, MEDIA
from sponsor_system.model import Booking, Creative, CreativeState, Placement, Status

MAX_BYTES = 2 * 1024 * 1024
"""Of an upload. A banner of the largest sides is a tenth of it when it is made well."""

_WIDE = ImageLimits(max_bytes=MAX_BYTES, min_width=600, min_height=75, max_width=2400, max_height=600)
_TALL = ImageLimits(max_bytes=MAX_BYTES, min_width=120, min_height=300, max_width=800, max_height=2400)
_SQUARE = ImageLimits(max_bytes=MAX_BYTES, min_width=200, min_height=200, max_width=1600, max_height=1600)

LIMITS = {
    Placement.TOP: _WIDE,
    Placement.BOTTOM: _WIDE,
    Placement.LEFT: _TALL,
    Placement.RIGHT: _TALL,
    Placement.CREATOR: _SQUARE,
}
"""Sides in pixels: the smaller ones let common banners in (IAB's leaderboard is 728 × 90, its skyscrapers are
120 × 600 and 160 × 600), the larger ones are what a page shows on the densest screens."""

_MEDIA = f"{MEDIA}creatives/"
_RANDOM_BYTES = 16


def upload_key(booking_id: str) -> str:
    """Where the next upload for a booking goes."""
    return f"{INCOMING}{booking_id}/{secrets.token_hex(_RANDOM_BYTES)}"


def booking_of(key: str) -> str | None:
    """The booking that an upload is for, or None for a key of another shape."""
    if not key.startswith(INCOMING):
        return None
    booking_id, slash, _ = key.removeprefix(INCOMING).partition("/")
    return booking_id if slash else None


def media_key(booking_id: str, image: CheckedImage) -> str:
    """Where a checked picture goes, from where the site can show it.

    The name cannot be guessed and is told to operators only until the booking is approved, so that nobody
    uses the creator's domain to show what no operator has seen.
    """
    return f"{_MEDIA}{booking_id}-{secrets.token_hex(_RANDOM_BYTES)}.{image.extension}"


def asset_path(booking: Booking) -> str | None:
    """Path of the picture on the creator's site, once it may be shown."""
    key = booking.creative.key
    return f"/{key}" if key and booking.status is Status.APPROVED else None


def takes_creative(booking: Booking) -> bool:
    """Whether a picture may come: what was approved is not exchanged any more."""
    return booking.status is Status.PENDING


def expect_takes_creative(booking: Booking) -> None:
    """Raises 409 `already-decided` when no picture may come any more."""
    if not takes_creative(booking):
        last = booking.last
        raise ProblemError(
            409,
            "already-decided",
            "The booking takes no picture any more",
            f"It is {booking.status}; a picture can be sent while it is pending.",
            booking_status=booking.status.value,
            decided_at=last.at.isoformat() if last else None,
            version=booking.version,
        )


def being_checked(booking: Booking) -> Booking:
    """The booking whose upload has arrived."""
    return _with(booking, Creative(state=CreativeState.CHECKING))


def with_result(booking: Booking, result: CheckedImage | Refusal, key: str | None) -> Booking:
    """The booking after its upload was checked.

    Args:
        booking: as it is.
        result: of the check.
        key: where the picture was written, if it was taken.
    """
    if isinstance(result, Refusal):
        return _with(booking, Creative(state=CreativeState.REFUSED, refusal=result))
    return _with(
        booking,
        Creative(
            state=CreativeState.READY, key=key, type=result.type, width=result.width, height=result.height
        ),
    )


def without_picture(booking: Booking) -> Booking:
    """The booking as if no picture had come: nobody can approve it."""
    return _with(booking, Creative())


def obsolete_key(before: Booking | None, after: Booking) -> str | None:
    """The picture that nobody needs after a change, or None."""
    key = before.creative.key if before else None
    gone = key != after.creative.key or after.status in (Status.REJECTED, Status.CANCELLED)
    return key if gone else None


def _with(booking: Booking, creative: Creative) -> Booking:
    return booking.model_copy(update={"creative": creative, "version": booking.version + 1})

"""Decisions on the sponsor bookings of all creators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet_tui.bookings.model import Booking
from fleet_tui.operations.at_once import AtOnce
from fleet_tui.operations.model import OperationKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.bookings.client import BookingClient


class FleetBookings:
    """Decides on bookings.

    Args:
        creator: by slug; raises FleetError.
        client: of the creators' booking APIs.
        at_once: does it, with a journal.
    """

    def __init__(self, creator: Callable[[str], Creator], client: BookingClient, at_once: AtOnce) -> None:
        self._creator = creator
        self._client = client
        self._at_once = at_once

    def approve(self, slug: str, booking: Booking) -> Booking:
        """Approve a pending booking. Raises FleetError, kind CONFLICT where somebody was first."""
        creator = self._creator(slug)
        return self._at_once(
            OperationKind.APPROVE,
            creator,
            lambda: self._client.approve(creator, booking),
            _told,
            target=booking.id,
        )

    def reject(self, slug: str, booking: Booking, reason: str) -> Booking:
        """Reject a pending booking with a reason for the sponsor. Raises FleetError as `approve`."""
        creator = self._creator(slug)
        return self._at_once(
            OperationKind.REJECT,
            creator,
            lambda: self._client.reject(creator, booking, reason),
            _told,
            reason=reason,
            target=booking.id,
        )


def _told(booking: Booking) -> str:
    return (
        f"{booking.sponsor}, {booking.placement}, {booking.start_day} to {booking.end_day}: "
        f"{booking.status.value}"
    )

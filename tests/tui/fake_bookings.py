"""Decisions on bookings, without an API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleet_tui.bookings.model import Booking, BookingStatus

if TYPE_CHECKING:
    from tests.tui.fake import FakeService


class FakeBookings:
    """Every decision is taken, and lands in the service's `done`."""

    def __init__(self, service: FakeService) -> None:
        self._service = service

    def approve(self, slug: str, booking: Booking) -> Booking:
        self._service._refuse()
        self._service.done.append(("approve", slug, booking.id))
        return booking.model_copy(update={"status": BookingStatus.APPROVED, "version": booking.version + 1})

    def reject(self, slug: str, booking: Booking, reason: str) -> Booking:
        self._service._refuse()
        self._service.done.append(("reject", slug, booking.id, reason))
        return booking.model_copy(
            update={"status": BookingStatus.REJECTED, "version": booking.version + 1, "reason": reason}
        )

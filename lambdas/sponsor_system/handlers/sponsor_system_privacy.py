"""What the sponsor system keeps of a booking's contact: handed out, or erased as far as it may be."""

from __future__ import annotations

from datetime import datetime

from shared.privacy import Erased, Exported, Person, privacy
from shared.telemetry import logger
from shared.uploads import discard
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.creatives import without_picture
from sponsor_system.erasure import document_of, kept_of, why_kept
from sponsor_system.model import Booking
from sponsor_system.settings import settings

bookings = BookingsTable(settings().sponsors_table)


def export(person: Person) -> Exported:
    """The bookings whose contact has the person's address."""
    found = _found(person)
    return Exported(documents={"bookings": [document_of(booking) for booking in found]} if found else {})


def erase(person: Person, now: datetime) -> Erased:
    """Delete the bookings that nothing speaks for keeping, with their pictures; their days are free again."""
    found = _found(person)
    gone = sum(_forget(booking, now) for booking in found if why_kept(booking, now) is None)
    logger.info("sponsor erased", bookings=gone)
    return Erased(erased=gone, kept=kept_of(found, now))


def _found(person: Person) -> list[Booking]:
    """Bookings know nothing of members: the contact's address is all that they are found by."""
    return bookings.of_person(person.email) if person.email else []


def _forget(booking: Booking, now: datetime) -> bool:
    """Take the picture away first: without one nobody can approve the booking meanwhile."""
    if booking.creative.key:

        def strip(seen: Booking) -> Booking:
            return without_picture(seen) if seen.version == booking.version else seen

        if bookings.change(booking.id, strip, now).creative.key is None:
            discard(settings().assets_bucket, booking.creative.key)
    return bookings.forget(booking.id, lambda seen: why_kept(seen, now) is None)


handler = privacy(export, erase)

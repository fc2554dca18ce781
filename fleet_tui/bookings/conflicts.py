"""Which bookings want the same place on the same day.

A new booking holds its days for a while, in which nobody else can ask for them. What is not decided by then
loses the hold but still waits: from then on another one can be in conflict with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from fleet_tui.bookings.model import Booking, BookingStatus

# The others hold no day any more, or never will.
_CLAIMING = frozenset({BookingStatus.PENDING, BookingStatus.APPROVED, BookingStatus.ACTIVE})


def conflicts(bookings: Iterable[Booking]) -> dict[str, tuple[str, ...]]:
    """For each booking in conflict, the ids of the bookings that it is in conflict with, sorted.

    Two bookings are in conflict when both are pending, approved or active, want the same placement, and share
    at least one day. Both the start and the end day belong to a booking.

    Args:
        bookings: of one creator; each id once.

    Returns:
        Only bookings that are in conflict, sorted by id.
    """
    claiming = sorted(
        (booking for booking in bookings if booking.status in _CLAIMING),
        key=lambda booking: (booking.placement, booking.start_day),
    )
    found: dict[str, set[str]] = {}
    for _, group in groupby(claiming, key=lambda booking: booking.placement):
        open_ones: list[Booking] = []
        for booking in group:
            open_ones = [earlier for earlier in open_ones if earlier.end_day >= booking.start_day]
            for earlier in open_ones:
                found.setdefault(earlier.id, set()).add(booking.id)
                found.setdefault(booking.id, set()).add(earlier.id)
            open_ones.append(booking)
    return {id_: tuple(sorted(found[id_])) for id_ in sorted(found)}

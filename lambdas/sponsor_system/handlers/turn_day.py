"""In the background, shortly after midnight UTC: what the day begins and ends, and what waits for nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.background import background
from shared.problems import ProblemError
from shared.telemetry import count, logger
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.letters import send_once
from sponsor_system.lifecycle import give_up, given_up
from sponsor_system.model import Booking
from sponsor_system.occasions import LATE_DAYS, Occasion, occasions_on
from sponsor_system.report import report_of
from sponsor_system.settings import settings
from sponsor_system.stats_table import StatsTable
from sponsor_system.texts import letter_of

bookings = BookingsTable(settings().sponsors_table)
stats = StatsTable(settings().stats_table)


def work(event: dict[str, Any], now: datetime) -> None:
    """Write to those whose booking has begun or ended, and cancel what nobody cares for any more."""
    for booking in bookings.pending():
        if given_up(booking, now):
            _give_up(booking, now)
    today = now.date()
    for booking in bookings.running_lately(today, LATE_DAYS):
        for occasion in occasions_on(booking, today):
            _write(booking, occasion)


def _give_up(booking: Booking, now: datetime) -> None:
    try:
        bookings.change(booking.id, lambda seen: give_up(seen, booking.version, now), now)
    except ProblemError as problem:  # decided or supplied meanwhile
        if problem.status != 409:
            raise
        return
    logger.info("booking given up", booking=booking.id)
    count("BookingsCancelled")


def _write(booking: Booking, occasion: Occasion) -> None:
    def letter() -> tuple[str, str]:
        report = report_of(booking.id, stats.days(booking.id)) if occasion is Occasion.ENDED else None
        return letter_of(occasion, booking, settings(), report=report)

    if send_once(settings().sponsors_table, booking, occasion, letter):
        logger.info("letter sent", booking=booking.id, occasion=occasion)


handler = background(work)

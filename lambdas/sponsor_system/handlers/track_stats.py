"""`POST /sponsors/{id}/track/view` and `…/track/click`: a visitor saw or followed a sponsor. Public.

The answer is always 204, so that nobody learns from it which bookings exist, what was counted, or how
bots are told apart. A body is neither needed nor read.
"""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from shared.api import Event, entry, moment_of, new_api, no_content
from shared.telemetry import count, logger
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.bots import is_bot
from sponsor_system.lifecycle import status_on
from sponsor_system.model import Status
from sponsor_system.settings import settings
from sponsor_system.stats_table import Drop, Kind, StatsTable
from sponsor_system.visitors import visitor_of

app = new_api()
bookings = BookingsTable(settings().sponsors_table)
stats = StatsTable(settings().stats_table)


@app.post("/sponsors/<booking_id>/track/view")
def track_view(booking_id: str) -> Response[str]:
    """A sponsor was shown."""
    return _track(booking_id, Kind.VIEW)


@app.post("/sponsors/<booking_id>/track/click")
def track_click(booking_id: str) -> Response[str]:
    """A sponsor was followed."""
    return _track(booking_id, Kind.CLICK)


def _track(booking_id: str, kind: Kind) -> Response[str]:
    event = app.current_event.raw_event
    drop = _count(event, booking_id, kind)
    count(f"{kind.capitalize()}sCounted" if drop is None else f"Dropped{drop.capitalize()}")
    logger.debug("tracked", kind=kind, dropped=drop)
    return no_content()


def _count(event: Event, booking_id: str, kind: Kind) -> Drop | None:
    """Count the event, or count why not."""
    now = moment_of(event)
    today = now.date()
    booking = bookings.get(booking_id)
    if booking is None or status_on(booking, today) is not Status.ACTIVE:
        stats.drop(Drop.UNKNOWN, None, today)
        return Drop.UNKNOWN
    caller = event["requestContext"]["http"]
    user_agent = str(caller.get("userAgent") or "")
    if is_bot(user_agent):
        stats.drop(Drop.BOT, booking_id, today)
        return Drop.BOT
    visitor = visitor_of(str(caller.get("sourceIp") or ""), user_agent, stats.salt_of(today))
    if stats.over_rate(visitor, now):
        stats.drop(Drop.RATE, booking_id, today)
        return Drop.RATE
    if not stats.count(booking_id, kind, visitor, today):
        stats.drop(Drop.REPEATED, booking_id, today)
        return Drop.REPEATED
    return None


handler = entry(app)

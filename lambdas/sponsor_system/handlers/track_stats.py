"""`POST /sponsors/{id}/track/view` and `…/track/click`: a visitor saw or followed a sponsor.

The answer is always 204, so that nobody learns from it which bookings exist, what was counted, or how
bots are told apart. A body is neither needed nor read.
"""

from __future__ import annotations

from shared.api import Api, Call
from shared.bots import is_bot
from shared.telemetry import count, logger
from shared.visits import Visits
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.lifecycle import status_on
from sponsor_system.model import Status
from sponsor_system.settings import settings
from sponsor_system.stats_table import Drop, Kind, StatsTable

EVENTS_PER_MINUTE = 60
"""What one visitor may send. A page shows at most five sponsors, so this is a reload every five seconds."""

api = Api()
bookings = BookingsTable(settings().sponsors_table)
stats = StatsTable(settings().stats_table)
visits = Visits(settings().stats_table)


@api.post("/sponsors/{id}/track/view", refusals={503: "The counter is contended; nothing was counted."})
def track_view(call: Call) -> None:
    """A sponsor was shown."""
    _track(call, Kind.VIEW)


@api.post("/sponsors/{id}/track/click", refusals={503: "The counter is contended; nothing was counted."})
def track_click(call: Call) -> None:
    """A sponsor was followed."""
    _track(call, Kind.CLICK)


def _track(call: Call, kind: Kind) -> None:
    drop = _count(call, kind)
    count(f"{kind.capitalize()}sCounted" if drop is None else f"Dropped{drop.capitalize()}")
    logger.debug("tracked", kind=kind, dropped=drop)


def _count(call: Call, kind: Kind) -> Drop | None:
    """Count the event, or count why not."""
    booking_id, today = call.path["id"], call.now.date()
    booking = bookings.get(booking_id)
    if booking is None or status_on(booking, today) is not Status.ACTIVE:
        stats.drop(Drop.UNKNOWN, None, today)
        return Drop.UNKNOWN
    if is_bot(call.user_agent):
        stats.drop(Drop.BOT, booking_id, today)
        return Drop.BOT
    visitor = visits.visitor_of(call)
    if visits.over_rate(visitor, call.now, span="MINUTE#%H:%M", limit=EVENTS_PER_MINUTE):
        stats.drop(Drop.RATE, booking_id, today)
        return Drop.RATE
    if not stats.count(booking_id, kind, visitor, today):
        stats.drop(Drop.REPEATED, booking_id, today)
        return Drop.REPEATED
    return None


handler = api.handler

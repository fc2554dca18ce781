"""`GET /sponsors/active`: whom the site shows today."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.api import Api, Call
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.settings import settings
from sponsor_system.views import ActiveSponsors, active_sponsor_of

MAX_AGE_S = 60

api = Api()
bookings = BookingsTable(settings().sponsors_table)


@api.get("/sponsors/active")
def get_active_sponsors(call: Call) -> ActiveSponsors:
    """Today's sponsors by placement; placements without one are left out."""
    today = call.now.date()
    call.headers["Cache-Control"] = f"public, max-age={_max_age(call.now)}"
    active = (active_sponsor_of(booking) for booking in bookings.active_on(today))
    return ActiveSponsors(day=today, sponsors={sponsor.placement: sponsor for sponsor in active})


def _max_age(now: datetime) -> int:
    """Seconds for which the answer holds: it changes at midnight UTC whatever happens."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(MAX_AGE_S, int((midnight - now).total_seconds()))


handler = api.handler

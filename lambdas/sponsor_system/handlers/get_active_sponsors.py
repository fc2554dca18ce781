"""`GET /sponsors/active`: whom the site shows today. Public."""

from __future__ import annotations

from datetime import datetime, timedelta

from aws_lambda_powertools.event_handler import Response

from shared.api import answer, entry, moment_of, new_api
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.model import active_sponsor_of
from sponsor_system.settings import settings

MAX_AGE_S = 60

app = new_api()
bookings = BookingsTable(settings().sponsors_table)


@app.get("/sponsors/active")
def get_active_sponsors() -> Response[str]:
    """Today's sponsors by placement; placements without one are left out."""
    now = moment_of(app.current_event.raw_event)
    sponsors = {
        booking.placement.value: active_sponsor_of(booking).model_dump(mode="json")
        for booking in bookings.active_on(now.date())
    }
    body = {"day": now.date().isoformat(), "sponsors": sponsors}
    return answer(200, body, {"Cache-Control": f"public, max-age={_max_age(now)}"})


def _max_age(now: datetime) -> int:
    """Seconds for which the answer holds: it changes at midnight UTC whatever happens."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(MAX_AGE_S, int((midnight - now).total_seconds()))


handler = entry(app)

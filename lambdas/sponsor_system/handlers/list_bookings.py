"""What operators look at: the bookings of one status, and what a booking has brought."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.api import Api, Call
from shared.callers import Caller
from shared.problems import not_found
from shared.uploads import look_url
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.model import Booking, Status
from sponsor_system.report import Report, report_of
from sponsor_system.settings import settings
from sponsor_system.stats_table import StatsTable
from sponsor_system.views import BookingPage, booking_view_of

MAX_LIMIT = 100


class Query(BaseModel):
    """The query string.

    Args:
        limit: most bookings on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    status: Status = Status.PENDING
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    cursor: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_=-]+$")] | None = None


api = Api()
bookings = BookingsTable(settings().sponsors_table)
stats = StatsTable(settings().stats_table)


@api.get("/bookings", by=Caller.OPERATOR, refusals={400: "The cursor is not one of this list."})
def list_bookings(call: Call, query: Query) -> BookingPage:
    """A page of whole bookings with their status of today; the last page has no `next_cursor`."""
    today = call.now.date()
    page, cursor = bookings.page(query.status, today=today, limit=query.limit, cursor=query.cursor)
    shown = tuple(booking_view_of(booking, today, _look_url(booking)) for booking in page)
    return BookingPage(bookings=shown, next_cursor=cursor)


@api.get("/bookings/{id}/report", by=Caller.OPERATOR, refusals={404: "There is no such booking."})
def get_report(call: Call) -> Report:
    """Views, clicks and what was not counted, day by day and altogether."""
    booking = bookings.get(call.path["id"])
    if booking is None:
        raise not_found("such booking")
    return report_of(booking.id, stats.days(booking.id))


def _look_url(booking: Booking) -> str | None:
    key = booking.creative.key
    return look_url(settings().assets_bucket, key) if key else None


handler = api.handler

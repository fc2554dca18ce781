"""`GET /bookings?status=&limit=&cursor=`: the bookings of one status. Operators only."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.api import answer, entry, moment_of, new_api, read_query
from shared.operators import operator_of
from sponsor_system.bookings_table import BookingsTable
from sponsor_system.lifecycle import status_on
from sponsor_system.model import Status
from sponsor_system.settings import settings

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


app = new_api()
bookings = BookingsTable(settings().sponsors_table)


@app.get("/bookings")
def list_bookings() -> Response[str]:
    """A page of whole bookings with their status of today; the last page has no `next_cursor`."""
    event = app.current_event.raw_event
    operator_of(event, settings().operator_account_id)
    query = read_query(event, Query)
    today = moment_of(event).date()
    page, cursor = bookings.page(query.status, today=today, limit=query.limit, cursor=query.cursor)
    shown = [
        {**booking.model_dump(mode="json"), "status": status_on(booking, today).value} for booking in page
    ]
    return answer(200, {"bookings": shown, "next_cursor": cursor})


handler = entry(app)

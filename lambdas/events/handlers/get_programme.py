"""`GET /events` and what hangs on it: the programme, for people and for calendar programs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from events.event import Event, Programme, ShownEvent, shown
from events.events_table import EventsTable
from events.ical import MEDIA_TYPE, calendar_of
from events.settings import settings
from shared.api import Api, Call
from shared.pages import Cursor, Limit

MAX_AGE_S = 30
FEED_MAX_AGE_S = 300

FEED_PAST = timedelta(days=30)
"""How long an event stays in the feed after it is over."""

FEED_EVENTS = 300
"""Most events of the feed: with the longest descriptions some 3 MB, under the 6 MB of an answer."""

_UNKNOWN = {404: "There is no such event."}


class Query(BaseModel):
    """The query string.

    Args:
        past: events that are over, the last one first, and not those to come.
        limit: most events on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    past: bool = False
    limit: Limit = 24
    cursor: Cursor | None = None


api = Api()
events = EventsTable(settings().events_table)


@api.get("/events", refusals={400: "The cursor is not one of this list."})
def get_programme(call: Call, query: Query) -> Programme:
    """A page of what is to come, the first to end first; the last page has no `next_cursor`."""
    call.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    found, cursor = events.page(call.now, past=query.past, limit=query.limit, cursor=query.cursor)
    return Programme(events=tuple(map(shown, found)), next_cursor=cursor)


@api.get("/events/{id}", refusals=_UNKNOWN)
def get_event(call: Call) -> ShownEvent:
    """One event."""
    call.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    return shown(events.expect(call.path["id"]))


@api.get("/events.ics", status=200)
def get_feed(call: Call) -> Response[str]:
    """The programme as iCalendar, to subscribe to: what is to come, and what was in the last month."""
    far = call.now + timedelta(days=366 * 5)
    return _calendar(islice(events.between(call.now - FEED_PAST, far), FEED_EVENTS), "events.ics")


@api.get("/events/{id}/calendar.ics", status=200, refusals=_UNKNOWN)
def get_calendar(call: Call) -> Response[str]:
    """One event as iCalendar."""
    event = events.expect(call.path["id"])
    return _calendar([event], f"{event.id}.ics")


def _calendar(found: Iterable[Event], name: str) -> Response[str]:
    text = calendar_of(found, name=os.environ["CREATOR_NAME"], domain=os.environ["CREATOR_DOMAIN"])
    return Response(
        status_code=200,
        content_type=MEDIA_TYPE,
        headers={
            "Cache-Control": f"public, max-age={FEED_MAX_AGE_S}",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'inline; filename="{name}"',
        },
        body=text,
    )


handler = api.handler

"""What editors do with events, and operators with those who come.

Editing is there twice and does the same: below `/admin/events` for admins, by their token, and below
`/events` for operators, by their signature, so that events work without members, too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from events.event import Cancellation, Edit, NewEvent, ShownEvent, announce, cancel, edit, shown
from events.events_table import EventsTable
from events.export import csv_of
from events.ids import is_sign_up_id, new_event_id
from events.problems import no_such_sign_up
from events.settings import settings
from events.sign_up import SignUpPage, State, listed
from events.sign_ups_table import SignUpsTable
from events.tokens import Keys
from shared.api import Api, Call, Handler
from shared.callers import Caller
from shared.idempotency import idempotency_of
from shared.pages import Cursor, Limit
from shared.problems import ProblemError
from shared.spreadsheets import csv_file
from shared.table_secret import TableSecret
from shared.telemetry import count, logger

_CONTENDED = "Contended; nothing was changed."
_CHANGES = {
    404: "There is no such event.",
    409: "It has changed since it was read, is cancelled, or is over.",
    503: _CONTENDED,
}


class Query(BaseModel):
    """The query string.

    Args:
        state: only sign-ups of it.
        limit: most sign-ups on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    state: State | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class Wanted(BaseModel):
    """The query string.

    Args:
        state: only sign-ups of it.
    """

    model_config = ConfigDict(extra="forbid")

    state: State | None = None


api = Api()
events = EventsTable(settings().events_table)
secret = TableSecret(settings().events_table)
sign_ups = SignUpsTable(settings().events_table, events, Keys(secret))


def for_editors(method: str, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
    """Declare a route for admins and the same for operators; see `Api.route`."""

    def declare(function: Handler) -> Handler:
        api.route(method, f"/admin/events{path}", by=Caller.ADMIN, **options)(function)
        return api.route(method, f"/events{path}", by=Caller.OPERATOR, **options)(function)

    return declare


@for_editors("POST", status=201, refusals={400: "The Idempotency-Key is not valid.", 503: _CONTENDED})
def announce_event(call: Call, body: NewEvent) -> ShownEvent:
    """A new event, in the programme at once."""
    event = announce(body, event_id=new_event_id(), now=call.now)
    stored = events.add(event, idempotency_of(call, body), call.now)
    logger.info("event announced", event_id=stored.id)
    return shown(stored)


@for_editors("PUT", "/{id}", refusals=_CHANGES)
def edit_event(call: Call, body: Edit) -> ShownEvent:
    """New content; guests hear of a new time or place, and who waits moves up where there are more seats."""
    event = events.change(call.path["id"], lambda seen: edit(seen, body, now=call.now), call.now)
    with suppress(ProblemError):  # where it is contended, the schedule comes for whoever waits
        sign_ups.move_up(event.id, call.now)
    logger.info("event edited", event_id=event.id, version=event.version)
    return shown(events.expect(event.id))


@for_editors("PUT", "/{id}/cancelled", refusals=_CHANGES)
def cancel_event(call: Call, body: Cancellation) -> ShownEvent:
    """It does not take place; everybody who is signed up hears of it."""
    event = events.change(call.path["id"], lambda seen: cancel(seen, body, now=call.now), call.now)
    logger.info("event cancelled", event_id=event.id)
    return shown(event)


@api.get(
    "/events/{id}/sign-ups",
    by=Caller.OPERATOR,
    refusals={400: "The cursor is not one of this list.", 404: "There is no such event."},
)
def list_sign_ups(call: Call, query: Query) -> SignUpPage:
    """A page of an event's sign-ups, by state and number; the last page has no `next_cursor`."""
    event = events.expect(call.path["id"])
    found, cursor = sign_ups.page(event.id, query.state, limit=query.limit, cursor=query.cursor)
    return SignUpPage(sign_ups=tuple(map(listed, found)), next_cursor=cursor)


@api.get(
    "/events/{id}/sign-ups/export",
    by=Caller.OPERATOR,
    status=200,
    refusals={404: "There is no such event."},
)
def export_sign_ups(call: Call, query: Wanted) -> Response[str]:
    """An event's sign-ups as CSV."""
    event = events.expect(call.path["id"])
    text = csv_of(
        found for found in sign_ups.all_of(event.id) if query.state is None or found.state is query.state
    )
    return csv_file(f"sign-ups-{event.id}.csv", text)


@api.delete(
    "/events/{id}/sign-ups/{guest}",
    by=Caller.OPERATOR,
    refusals={404: "There is no such event or sign-up.", 503: _CONTENDED},
)
def remove_guest(call: Call) -> None:
    """Take a guest off the list, without a letter; the first who waits moves up."""
    event = events.expect(call.path["id"])
    guest = call.path["guest"]
    sign_up = sign_ups.get(event.id, guest) if is_sign_up_id(guest) else None
    if sign_up is None or not sign_ups.leave(sign_up, call.now):
        raise no_such_sign_up()
    logger.info("guest removed", event_id=event.id, sign_up=sign_up.id)
    count("GuestsRemoved")


handler = api.handler

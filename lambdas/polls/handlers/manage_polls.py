"""What is done with polls: by the creator's admins, and by operators.

Every route is there twice and does the same: below `/admin/polls` for admins, by their token, and below
`/operator/polls` for operators, by their signature, so that polls work without members, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from polls.closing import close
from polls.poll import Change, NewPoll, Poll, Wording, change, new_poll_id, open_poll, reword
from polls.polls_table import PollsTable
from polls.settings import settings
from polls.views import ManagedPage, ManagedPoll, managed_of
from polls.votes_table import VotesTable
from shared.api import Api, Call, Handler
from shared.callers import Caller
from shared.idempotency import idempotency_of
from shared.pages import Cursor
from shared.problems import not_found
from shared.telemetry import logger

MAX_LIMIT = 20

_UNKNOWN = {404: "There is no such poll.", 503: "Contended; nothing was changed."}
_CHANGES = {**_UNKNOWN, 409: "It has changed since it was read, is closed, or somebody has voted."}


class Query(BaseModel):
    """The query string.

    Args:
        limit: most polls on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 10
    cursor: Cursor | None = None


api = Api()
votes = VotesTable(settings().polls_table)
polls = PollsTable(settings().polls_table, votes)


def for_managers(method: str, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
    """Declare a route for admins and the same for operators; see `Api.route`."""

    def declare(function: Handler) -> Handler:
        api.route(method, f"/admin/polls{path}", by=Caller.ADMIN, **options)(function)
        return api.route(method, f"/operator/polls{path}", by=Caller.OPERATOR, **options)(function)

    return declare


@for_managers("GET", refusals={400: "The cursor is not one of this list."})
def list_polls(call: Call, query: Query) -> ManagedPage:
    """A page of polls with how they stand; the last page has no `next_cursor`."""
    found, cursor = polls.page(query.limit, query.cursor)
    return ManagedPage(polls=tuple(_shown(poll, call) for poll in found), next_cursor=cursor)


@for_managers("POST", status=201, refusals={400: "The Idempotency-Key is not valid.", 503: "Contended."})
def create_poll(call: Call, body: NewPoll) -> ManagedPoll:
    """A new poll, open at once."""
    made = open_poll(body, poll_id=new_poll_id(), now=call.now)
    stored = polls.add(made, idempotency_of(call, body), call.now)
    logger.info("poll opened", poll=stored.id)
    return _shown(stored, call)


@for_managers("GET", "/{id}", refusals={404: "There is no such poll."})
def read_poll(call: Call) -> ManagedPoll:
    """One poll with how it stands."""
    poll = polls.get(call.path["id"])
    if poll is None:
        raise not_found("such poll")
    return _shown(poll, call)


@for_managers("PUT", "/{id}", refusals=_CHANGES)
def change_poll(call: Call, body: Change) -> ManagedPoll:
    """New content, as long as nobody has voted."""
    made = polls.replace(call.path["id"], body.version, lambda seen: change(seen, body, call.now))
    return _shown(made, call)


@for_managers("PUT", "/{id}/wording", refusals=_CHANGES)
def reword_poll(call: Call, body: Wording) -> ManagedPoll:
    """Corrected texts; everybody sees that and when they were corrected."""
    made = polls.rewrite(call.path["id"], body.version, lambda seen: reword(seen, body, call.now))
    logger.info("poll reworded", poll=made.id)
    return _shown(made, call)


@for_managers("POST", "/{id}/close", refusals=_UNKNOWN)
def close_poll(call: Call) -> ManagedPoll:
    """Close it now and count it for good."""
    return _shown(close(polls, votes, call.path["id"], call.now), call)


@for_managers("DELETE", "/{id}", refusals=_UNKNOWN)
def delete_poll(call: Call) -> None:
    """Delete it with its results; its votes go within the hour."""
    polls.remove(call.path["id"], call.now)
    logger.info("poll deleted", poll=call.path["id"])


def _shown(poll: Poll, call: Call) -> ManagedPoll:
    tally = poll.tally or votes.tally(poll.id)
    return managed_of(poll, tally, call.now, guests=settings().has_guests)


handler = api.handler

"""What operators do with lists: export subscribers, and look after the block list."""

from __future__ import annotations

import re

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from newsletter.export import MAX_ROWS, csv_of
from newsletter.model import Blocked, BlockedPage, Search, SubscriberId
from newsletter.secret import keys
from newsletter.settings import settings
from newsletter.subscribers_table import SubscribersTable
from shared.api import Api, Call
from shared.callers import Caller
from shared.pages import Cursor, Limit
from shared.problems import not_found
from shared.spreadsheets import csv_file
from shared.telemetry import logger

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Query(BaseModel):
    """The query string.

    Args:
        limit: most entries on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50
    cursor: Cursor | None = None


class ExportQuery(BaseModel):
    """The query string.

    Args:
        after: the header `Next-After` of the part before.
    """

    model_config = ConfigDict(extra="forbid")

    after: SubscriberId | None = None


api = Api()
subscribers = SubscribersTable(settings().newsletter_table)


@api.get("/newsletter/subscribers/export", by=Caller.OPERATOR, status=200)
def export_subscribers(call: Call, query: ExportQuery) -> Response[str]:
    """Who gets letters, as CSV; up to 5,000 rows, and `Next-After` where there are more."""
    found, following = subscribers.page(query.after, MAX_ROWS)
    while following and len(found) < MAX_ROWS:
        more, following = subscribers.page(following, MAX_ROWS - len(found))
        found += more
    logger.info("subscribers exported", rows=len(found))
    more_to_come = {"Next-After": following} if following else {}
    return csv_file(f"subscribers-{call.now.date()}.csv", csv_of(found), more_to_come)


@api.get("/newsletter/blocked", by=Caller.OPERATOR, refusals={400: "The cursor is not one of this list."})
def list_blocked(call: Call, query: Query) -> BlockedPage:
    """A page of the block list; the last page has no `next_cursor`."""
    found, cursor = subscribers.blocked_page(query.limit, query.cursor)
    return BlockedPage(blocked=tuple(found), next_cursor=cursor)


@api.post("/newsletter/blocked/search", by=Caller.OPERATOR, refusals={404: "The address is not blocked."})
def find_blocked(call: Call, body: Search) -> Blocked:
    """The entry of an address, also of one that is kept as a keyed hash alone."""
    entry = subscribers.blocked(keys().id_of(body.email))
    if entry is None:
        raise not_found("entry for this address")
    return entry


@api.delete("/newsletter/blocked/{id}", by=Caller.OPERATOR)
def unblock(call: Call) -> None:
    """Take an address off the block list: it may subscribe again."""
    if not _ID.fullmatch(call.path["id"]) or not subscribers.unblock(call.path["id"]):
        raise not_found("such entry")
    logger.info("address unblocked")


handler = api.handler

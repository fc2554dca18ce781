"""`POST /analytics/collect`: a page was seen.

The answer is 204 whether it was counted or not, so that nobody learns from it how bots and repetitions are
told apart. `navigator.sendBeacon` sends text as text/plain, for which a browser need not ask first.
"""

from __future__ import annotations

import secrets

from analytics.cleaning import campaign_of, language_of, page_of, referrer_of
from analytics.counters import CountersTable
from analytics.model import Event, Kind, PageView
from analytics.raw_events import send
from analytics.settings import settings
from analytics.visits_table import VisitsTable
from shared.api import JSON, Api, Call
from shared.bots import is_bot
from shared.visits import Visits

MAX_BYTES = 4 * 1024
"""Of a body: two addresses that are longer than most."""

VIEWS_PER_MINUTE = 60
"""Of one visitor."""

api = Api()
counters = CountersTable(settings().analytics_table)
views = VisitsTable(settings().visits_table)
visits = Visits(settings().visits_table)


@api.post(
    "/analytics/collect",
    media_types=(JSON, "text/plain"),
    body_limit=MAX_BYTES,
    refusals={503: "The counter is contended; the view is counted all the same."},
)
def collect_view(call: Call, body: PageView) -> None:
    """A page was seen."""
    if is_bot(call.user_agent):
        _send(call, Kind.BOT)
        return
    page = page_of(body.page)
    visitor = None if _asks_not_to_be_tracked(call) else visits.visitor_of(call)
    if visitor is not None and (
        visits.over_rate(visitor, call.now, span="MINUTE#%H:%M", limit=VIEWS_PER_MINUTE)
        or not views.is_view(visitor, page, call.now)
    ):
        return
    _send(
        call,
        Kind.VIEW,
        page=page,
        referrer=referrer_of(body.referrer, settings().creator_domain),
        screen=body.screen,
        language=language_of(body.language),
        visitor=visitor,
        **campaign_of(body.page),
    )
    if settings().public_counters:
        counters.count(page, call.now)


def _send(call: Call, kind: Kind, **values: str | None) -> None:
    event = Event.model_validate({"id": secrets.token_hex(8), "at": call.now, "kind": kind, **values})
    send(settings().events_stream, event)


def _asks_not_to_be_tracked(call: Call) -> bool:
    """Do Not Track, or Global Privacy Control (https://w3c.github.io/gpc/): no pseudonym is made then."""
    return call.header("dnt") == "1" or call.header("sec-gpc") == "1"


handler = api.handler

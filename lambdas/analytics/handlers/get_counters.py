"""`GET /analytics/counters`: how often a page was seen, for the page to show."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from analytics.counters import CountersTable
from analytics.model import Counters, Page
from analytics.settings import settings
from shared.api import Api, Call

api = Api()
counters = CountersTable(settings().analytics_table)


class Query(BaseModel):
    """The query string.

    Args:
        page: path of the page, as `location.pathname`.
    """

    model_config = ConfigDict(extra="forbid")

    page: Page


@api.get("/analytics/counters")
def get_counters(call: Call, query: Query) -> Counters:
    """Views of a page today (UTC) and in all, counted as they happen."""
    call.headers["Cache-Control"] = "public, max-age=30"
    return counters.counters(query.page, call.now.date())


handler = api.handler

"""What days came to.

Every route is there twice and does the same: below `/analytics` for admins, by their token, and below
`/operator/analytics` for operators, by their signature, so that the figures can be had without members, too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from analytics.days_table import DaysTable, Streams
from analytics.export import csv_of
from analytics.figures import DayFigures, Figures
from analytics.model import Value
from analytics.settings import settings
from shared.api import Api, Call, Handler
from shared.callers import Caller
from shared.fields import Day
from shared.problems import invalid, not_found
from shared.spreadsheets import csv_file

MAX_DAYS = 366

_DAY = TypeAdapter[date](Day)


class Span(BaseModel):
    """The query string: the first and the last day, UTC."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    def days(self) -> tuple[date, date]:
        """Both days. Raises ProblemError 422: the last is before the first, or too long after it."""
        if not 0 <= (self.last - self.first).days < MAX_DAYS:
            raise invalid([("/to", f"must be 0 to {MAX_DAYS - 1} days after from")])
        return self.first, self.last


class Days(Value):
    """Days, the first first; those that were not added up are left out."""

    days: tuple[Figures, ...]


api = Api()
table = DaysTable(settings().analytics_table)


def for_readers(path: str, **options: Any) -> Callable[[Handler], Handler]:
    """Declare a route for admins and the same for operators; see `Api.route`."""

    def declare(function: Handler) -> Handler:
        api.get(f"/analytics{path}", by=Caller.ADMIN, **options)(function)
        return api.get(f"/operator/analytics{path}", by=Caller.OPERATOR, **options)(function)

    return declare


@for_readers("/days")
def list_days(call: Call, query: Span) -> Days:
    """Views, visitors and bots of each day."""
    members = set(Figures.model_fields)
    return Days(days=tuple(Figures(**day.model_dump(include=members)) for day in table.days(*query.days())))


@for_readers("/days/{day}")
def get_day(call: Call) -> DayFigures:
    """One day, with its views by page, referrer, campaign, screen and language."""
    try:
        figures = table.day(_DAY.validate_python(call.path["day"]))
    except ValidationError:
        figures = None
    if figures is None:
        raise not_found("figure of this day")
    return figures


@for_readers("/export", status=200)
def export_days(call: Call, query: Span) -> Response[str]:
    """Views, visitors and bots of each day, as CSV."""
    first, last = query.days()
    return csv_file(f"days-{first}-{last}.csv", csv_of(table.days(first, last)))


@for_readers("/streams")
def list_streams(call: Call, query: Span) -> Streams:
    """The streams that began on these days, with their viewers minute by minute."""
    return Streams(streams=tuple(table.streams(*query.days())))


handler = api.handler

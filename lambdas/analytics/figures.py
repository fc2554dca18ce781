"""What the page views of a day come to: the same whatever their order, and however often one was delivered.

SQLite counts, in a file of its own that is gone afterwards: what does not fit into its small cache lies on
disk, so that memory is bounded and the figures are exact all the same. A day of 1.7 million events, which is
what the API's throttle lets in, takes some 200 of the 512 MB that Lambda gives.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from analytics.model import DIMENSIONS, Event, Kind, Value

TOP = 100
"""Most values of a dimension that are kept, those with most views first."""

LATE = timedelta(days=1)
"""How long after its day an event may still be delivered: Firehose tries for a day
(https://docs.aws.amazon.com/firehose/latest/dev/retry.html)."""

_COLUMNS = ("id", "kind", "visitor", *DIMENSIONS)
_CREATE = f"CREATE TABLE events ({', '.join(_COLUMNS)}, PRIMARY KEY (id)) WITHOUT ROWID"
_INSERT = f"INSERT OR IGNORE INTO events VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - constants
_TOTALS = """
    SELECT count(*) FILTER (WHERE kind = 'view'),
           count(DISTINCT visitor),
           count(*) FILTER (WHERE kind = 'view' AND visitor IS NULL),
           count(*) FILTER (WHERE kind = 'bot')
    FROM events
"""


class Figures(Value):
    """A UTC day.

    Args:
        views: of pages; what a visitor sees again within half an hour is one.
        visitors: as far as they can be told apart, and without those who ask not to be tracked.
        untracked: views, among `views`, by browsers that ask not to be tracked; each of them is counted.
        bots: requests by programs, which are no views.
        final: nothing of the day can come any more.
        counted_at: when it was added up.
    """

    day: date
    views: int
    visitors: int
    untracked: int
    bots: int
    final: bool
    counted_at: datetime


class Count(Value):
    """Views of one value, as of one page."""

    name: str
    views: int


class DayFigures(Figures):
    """A UTC day in detail: views by page, referrer, campaign, screen and language, at most `TOP` of each."""

    page: tuple[Count, ...]
    referrer: tuple[Count, ...]
    source: tuple[Count, ...]
    medium: tuple[Count, ...]
    campaign: tuple[Count, ...]
    screen: tuple[Count, ...]
    language: tuple[Count, ...]


def figures_of(day: date, events: Iterable[Event], now: datetime) -> DayFigures:
    """The figures of a day.

    Args:
        day: UTC.
        events: that happened on it.
        now: when they are added up.
    """
    database = sqlite3.connect("")  # a file without a name, which SQLite removes
    try:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute(_CREATE)
        database.executemany(_INSERT, map(_row, events))
        views, visitors, untracked, bots = database.execute(_TOTALS).fetchone()
        return DayFigures(
            day=day,
            views=views,
            visitors=visitors,
            untracked=untracked,
            bots=bots,
            final=now.astimezone(UTC).date() > day + LATE,
            counted_at=now,
            **{dimension: _top(database, dimension) for dimension in DIMENSIONS},
        )
    finally:
        database.close()


def _row(event: Event) -> tuple[bytes | str | None, ...]:
    if event.kind is Kind.BOT:
        return (bytes.fromhex(event.id), event.kind.value, *(None for _ in _COLUMNS[2:]))
    visitor = bytes.fromhex(event.visitor) if event.visitor else None
    values = (getattr(event, dimension) for dimension in DIMENSIONS)
    return (bytes.fromhex(event.id), event.kind.value, visitor, *values)


def _top(database: sqlite3.Connection, dimension: str) -> tuple[Count, ...]:
    found = database.execute(
        f"SELECT {dimension}, count(*) FROM events WHERE {dimension} IS NOT NULL"  # noqa: S608 - a constant
        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        (TOP,),
    )
    return tuple(Count(name=name, views=views) for name, views in found)

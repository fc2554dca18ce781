"""In the background, every night: what the last two days came to.

The day before yesterday is added up a second time, with what was delivered late. An operator may have another
day added up again by calling the function with `{"day": "2026-05-20"}`, as long as its raw events are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from analytics.days_table import DaysTable
from analytics.figures import LATE, figures_of
from analytics.ivs_metrics import KEPT, measured
from analytics.model import Event
from analytics.raw_events import events_of
from analytics.settings import settings
from analytics.viewers import LONGEST, streams_of
from shared.background import background
from shared.telemetry import logger
from shared.visits import Visits

DAY = timedelta(days=1)

table = DaysTable(settings().analytics_table)
visits = Visits(settings().visits_table)


class OutOfReachError(Exception):
    """The raw events of the day are removed, or it has not begun."""


def work(event: dict[str, Any], now: datetime) -> None:
    """Add up the last two days, or the one that is asked for, and forget the salts of both."""
    today = now.date()
    days = [date.fromisoformat(event["day"])] if "day" in event else [today - DAY - LATE, today - DAY]
    for day in days:
        if not 0 <= (today - day).days <= settings().retention_days:
            raise OutOfReachError
        if day < today:
            visits.forget(day)
    for day in days:
        _roll_up(day, now)
    if settings().channel_arn:
        for day in days:
            _count_viewers(day, now)


def _roll_up(day: date, now: datetime) -> None:
    unreadable = 0

    def readable(events: Iterable[Event | None]) -> Iterator[Event]:
        nonlocal unreadable
        for event in events:
            if event is None:
                unreadable += 1
            else:
                yield event

    figures = figures_of(day, readable(events_of(settings().events_bucket, day)), now)
    table.put_day(figures)
    logger.info("day added up", day=str(day), views=figures.views, bots=figures.bots, unreadable=unreadable)


def _count_viewers(day: date, now: datetime) -> None:
    midnight = datetime.combine(day, time(), UTC)
    first, last = midnight - LONGEST, min(now, midnight + DAY + LONGEST)
    if now - first > KEPT:
        return
    viewers, on_air = measured(settings().channel_arn, first, last)
    streams = streams_of(day, viewers, on_air, now)
    table.put_streams(day, streams, now)
    logger.info("streams added up", day=str(day), streams=len(streams))


handler = background(work)

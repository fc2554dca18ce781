"""How many people watched a stream: viewers over time, and the minutes that they watched in all. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from analytics.model import Value

MINUTE = timedelta(minutes=1)

GAP = timedelta(minutes=10)
"""A channel of which nothing was measured for so long has ended its stream. What ivs-streaming takes for one
broadcast, an encoder that is lost and comes back, is one stream here, too."""

LONGEST = timedelta(hours=48)
"""IVS ends a stream after this time (https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html)."""


class Stream(Value):
    """A stream.

    Args:
        started_at: UTC, to the minute.
        ended_at: None where it was not over when it was looked at.
        minutes: on air.
        viewers: in each of them, at the same time; None where IVS has not told.
        peak_viewers: most at the same time; None where nothing is known.
        average_viewers: over the minutes of which it is known.
        minutes_watched: by all viewers together, over the minutes of which it is known.
    """

    started_at: datetime
    ended_at: datetime | None
    minutes: int
    viewers: tuple[int | None, ...]
    peak_viewers: int | None
    average_viewers: float | None
    minutes_watched: int | None


def streams_of(
    day: date, viewers: Mapping[datetime, float], on_air: frozenset[datetime], now: datetime
) -> tuple[Stream, ...]:
    """The streams that began on a day, the first first.

    Args:
        day: UTC.
        viewers: minute → viewers; from `LONGEST` before the day on, to know what began before it.
        on_air: minutes in which something was sent.
        now: when it was measured.
    """
    minutes = sorted({*viewers, *on_air})
    return tuple(
        _stream(first, last, viewers, now)
        for first, last in _spans(minutes)
        if first.astimezone(UTC).date() == day
    )


def _spans(minutes: list[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """First and last minute of each row of minutes without a `GAP`."""
    first = last = None
    for minute in minutes:
        if first is None or last is None:
            first = minute
        elif minute - last > GAP:
            yield first, last
            first = minute
        last = minute
    if first is not None and last is not None:
        yield first, last


def _stream(first: datetime, last: datetime, viewers: Mapping[datetime, float], now: datetime) -> Stream:
    length = (last - first) // MINUTE + 1
    counted = [viewers.get(first + index * MINUTE) for index in range(length)]
    known = [count for count in counted if count is not None]
    return Stream(
        started_at=first,
        ended_at=None if now - last <= GAP else last + MINUTE,
        minutes=length,
        viewers=tuple(None if count is None else round(count) for count in counted),
        peak_viewers=round(max(known)) if known else None,
        average_viewers=round(sum(known) / len(known), 2) if known else None,
        minutes_watched=round(sum(known)) if known else None,
    )

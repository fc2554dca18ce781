"""When a drill is due and of which table, what its result is, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from backup.model import Comparison, Drill, RecoveryPoint, State

MAX_BYTES = 200 * 1024 * 1024
"""Largest table that is restored as a drill: reading it and its copy takes a function a few minutes, and the
drill costs about $0.03 for the restore and $0.02 for reading both (us-east-1: $0.15 a GB restored, $0.125 a
million read units)."""

MAX_ITEMS = 500_000
"""Most items of such a table: two short digests of each are kept in memory."""

FRESH = timedelta(days=2)
"""A table without a recovery point of this age is not backed up."""

GIVE_UP = timedelta(hours=12)
"""A restore that has made no table by then has failed; DynamoDB restores most tables within an hour."""

COUNTED_AFTER = timedelta(minutes=15)
"""CloudWatch has counted what was written until this long ago."""

MARGIN = timedelta(minutes=10)
"""Writes from this long before the copy count: at which of its seconds a copy is made, AWS alone knows."""

_AGAIN = timedelta(days=1)
_PERIOD = {"weekly": timedelta(days=7), "monthly": timedelta(days=30)}


class Interval(StrEnum):
    """How often a restore is tried."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    OFF = "off"

    @property
    def period(self) -> timedelta:
        """Time between two drills. Raises KeyError for `off`."""
        return _PERIOD[self]


def is_due(interval: Interval, drills: Iterable[Drill], now: datetime) -> bool:
    """Whether a drill is to be started; after one that failed or was skipped, on the next day already."""
    if interval is Interval.OFF:
        return False
    last = max(drills, key=lambda drill: drill.started_at, default=None)
    if last is None:
        return True
    return now >= last.started_at + (interval.period if last.state is State.PASSED else _AGAIN)


def next_point(points: Mapping[str, RecoveryPoint], drills: Iterable[Drill]) -> RecoveryPoint | None:
    """What is restored next: the newest copy of the table that was not drilled for the longest time.

    Args:
        points: the newest of each table, by the table's name.
        drills: that were; one that failed leaves its table where it was in the row.
    """
    last: dict[str, datetime] = {}
    for drill in drills:
        if drill.state in (State.PASSED, State.SKIPPED):
            last[drill.table] = max(drill.started_at, last.get(drill.table, drill.started_at))
    never = sorted(points.keys() - last.keys())
    in_turn = sorted(points.keys() & last.keys(), key=lambda table: (last[table], table))
    row = never + in_turn
    return points[row[0]] if row else None


def is_overdue(interval: Interval, drills: Iterable[Drill], since: datetime | None, now: datetime) -> bool:
    """Whether no drill has passed for two intervals, though drills are wanted since then; None: since now."""
    if interval is Interval.OFF or since is None:
        return False
    passed = [drill.ended_at for drill in drills if drill.state is State.PASSED and drill.ended_at]
    return now - max([since, *passed]) > 2 * interval.period


def newest_points(points: Iterable[RecoveryPoint]) -> dict[str, RecoveryPoint]:
    """The newest recovery point of each table, by the table's name."""
    newest: dict[str, RecoveryPoint] = {}
    for point in points:
        if point.table not in newest or newest[point.table].created_at < point.created_at:
            newest[point.table] = point
    return newest


def without_backup(
    made: Mapping[str, datetime], points: Mapping[str, RecoveryPoint], now: datetime
) -> list[str]:
    """Tables that should have a fresh recovery point and have none.

    Args:
        made: when each table was made, by its name; a new one is given time.
        points: the newest of each table.
        now: UTC.
    """
    return sorted(
        table
        for table, made_at in made.items()
        if now - made_at > FRESH and (table not in points or now - points[table].created_at > FRESH)
    )


def is_explained(comparison: Comparison, writes: int) -> bool:
    """Whether writes to the table since it was copied can have made the differences.

    Every write takes a unit at least (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
    on-demand-capacity-mode.html), and changes one item. What differs in more items than there were units was
    not copied or restored as it was; where there was no write, one item is enough.
    """
    return comparison.differences <= writes

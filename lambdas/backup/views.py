"""What operators see of backups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from backup.model import Drill, RecoveryPoint, State


class TableView(BaseModel):
    """A table of the creator.

    Args:
        is_backed_up: whether it is meant to be; some are left out on purpose.
        recovery_point: the newest one of the last week, None where there is none.
        recovered_at: when that was made.
        drilled_at: when a restore of it was last tried.
        result: of that drill.
    """

    table: str
    is_backed_up: bool
    recovery_point: str | None
    recovered_at: datetime | None
    size_bytes: int | None
    drilled_at: datetime | None
    result: State | None


class DrillView(BaseModel):
    """A drill.

    Args:
        seconds: from its start to its result.
        restored, digest, same, changed, gone, expired, new: as in `Comparison`.
        writes: units that the table took since it was copied, where the result needed them.
        note: why it failed or was skipped.
    """

    table: str
    recovery_point: str
    state: State
    started_at: datetime
    seconds: int | None
    restored: int | None
    digest: str | None
    same: int | None
    changed: int | None
    gone: int | None
    expired: int | None
    new: int | None
    writes: int | None
    note: str | None


class Overview(BaseModel):
    """Backups of the creator.

    Args:
        overdue: no drill has passed for two intervals.
        drills: the newest first; one that goes on is the first.
    """

    vault: str
    overdue: bool
    tables: tuple[TableView, ...]
    drills: tuple[DrillView, ...]


def table_views(
    tables: Iterable[str],
    left_out: frozenset[str],
    points: Mapping[str, RecoveryPoint],
    drills: Sequence[Drill],
) -> tuple[TableView, ...]:
    """The creator's tables by name.

    Args:
        tables: their names.
        left_out: of those that are not backed up on purpose.
        points: the newest of each.
        drills: the newest first.
    """
    last: dict[str, Drill] = {}
    for drill in drills:
        last.setdefault(drill.table, drill)
    return tuple(
        TableView(
            table=table,
            is_backed_up=table not in left_out,
            recovery_point=point.arn if (point := points.get(table)) else None,
            recovered_at=point.created_at if point else None,
            size_bytes=point.size_bytes if point else None,
            drilled_at=drilled.started_at if (drilled := last.get(table)) else None,
            result=drilled.state if drilled else None,
        )
        for table in sorted(tables)
    )


def drill_view(drill: Drill) -> DrillView:
    """A drill as operators see it."""
    found = drill.comparison
    return DrillView(
        table=drill.table,
        recovery_point=drill.recovery_point,
        state=drill.state,
        started_at=drill.started_at,
        seconds=int((drill.ended_at - drill.started_at).total_seconds()) if drill.ended_at else None,
        restored=found.restored if found else None,
        digest=found.digest if found else None,
        same=found.same if found else None,
        changed=found.changed if found else None,
        gone=found.gone if found else None,
        expired=found.expired if found else None,
        new=found.new if found else None,
        writes=drill.writes,
        note=drill.note,
    )

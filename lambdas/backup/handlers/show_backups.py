"""`GET /backups`: what could be restored, and whether that was tried."""

from __future__ import annotations

from backup import aws
from backup.drills_table import DrillsTable
from backup.rules import is_overdue, newest_points
from backup.settings import settings
from backup.views import Overview, drill_view, table_views
from shared.api import Api, Call
from shared.callers import Caller

SHOWN_DRILLS = 50

api = Api()
drills = DrillsTable(settings().drills_table)


@api.get("/backups", by=Caller.OPERATOR)
def show_backups(call: Call) -> Overview:
    """The creator's tables with their newest recovery points, and the last drills with their results."""
    ended, current = drills.drills(), drills.current()
    points = newest_points(aws.recovery_points(settings().vault, call.now))
    tables = aws.tables_of(settings().creator_slug)
    shown = ([current] if current else []) + ended
    return Overview(
        vault=settings().vault,
        overdue=is_overdue(settings().drill, ended, drills.since(), call.now),
        tables=table_views(tables, settings().not_backed_up, points, shown),
        drills=tuple(drill_view(drill) for drill in shown[:SHOWN_DRILLS]),
    )


handler = api.handler

"""In the background: nobody has to look for a backup that failed, is missing, or was never tried.

AWS tells of jobs that failed. Once a day it is looked for what nobody tells of: a table that has no fresh
recovery point, and drills that do not pass.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backup import aws
from backup.drills_table import DrillsTable
from backup.rules import is_overdue, newest_points, without_backup
from backup.settings import settings
from shared.background import background
from shared.telemetry import count, logger

drills = DrillsTable(settings().drills_table)


def work(event: dict[str, Any], now: datetime) -> None:
    """Count what is wrong: what AWS tells of, or what is found."""
    if event.get("source") == "aws.backup":
        logger.error("a job failed", kind=event["detail-type"], resources=event.get("resources"))
        count("BackupProblems")
        return
    drills.look(now)
    points = newest_points(aws.recovery_points(settings().vault, now))
    missing = without_backup(_made(), points, now)
    overdue = is_overdue(settings().drill, drills.drills(), drills.since(), now)
    if missing:
        logger.error("tables have no fresh recovery point", tables=missing)
    if overdue:
        logger.error("no drill has passed for two intervals")
    if problems := len(missing) + overdue:
        count("BackupProblems", problems)


def _made() -> dict[str, datetime]:
    """When each table was made that should be backed up, by its name."""
    names = set(aws.tables_of(settings().creator_slug)) - settings().not_backed_up
    described = {name: aws.table_of(name) for name in names}
    return {name: table["CreationDateTime"] for name, table in described.items() if table}


handler = background(work)

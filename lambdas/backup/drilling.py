"""A drill, step by step. Each step is kept before the next, so that whoever comes after a crash goes on.

    starting → restoring → (compared →) passed or failed

The restored table is known by name before it is asked for, and a drill ends only when it is deleted.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from backup import aws
from backup.comparison import compare
from backup.drills_table import DrillsTable
from backup.model import Drill, RecoveryPoint, State
from backup.rules import (
    COUNTED_AFTER,
    GIVE_UP,
    MARGIN,
    MAX_BYTES,
    MAX_ITEMS,
    is_due,
    is_explained,
    newest_points,
    next_point,
)
from backup.settings import Settings
from shared.telemetry import count, logger

PREFIX = "drill-"
"""Of restored tables' names: neither backed up nor taken for one of the site's."""


def run(drills: DrillsTable, settings: Settings, now: datetime) -> None:
    """Go on with the drill that is under way as far as it goes now, or start one that is due."""
    _tidy(drills, settings)
    drill = drills.claim(now) or _begin(drills, settings, now)
    while drill is not None:
        drill = _step(drill, drills, settings, now)


def _tidy(drills: DrillsTable, settings: Settings) -> None:
    """Delete restored tables that no drill knows any more.

    A drill is kept before its table is made. So what was listed, and is not of the drill that goes on now, is
    of one that has ended.
    """
    restored = aws.tables_of(PREFIX + settings.creator_slug)
    current = drills.current()
    for name in restored:
        if current is None or name != current.target:
            logger.warning("restored table was left behind", deleted=aws.delete_table(name))


def _begin(drills: DrillsTable, settings: Settings, now: datetime) -> Drill | None:
    ended = drills.drills()
    if not is_due(settings.drill, ended, now):
        return None
    existing = set(aws.tables_of(settings.creator_slug))
    points = newest_points(aws.recovery_points(settings.vault, now))
    point = next_point({name: found for name, found in points.items() if name in existing}, ended)
    if point is None:
        logger.warning("there is nothing to restore")
        return None
    drill = drill_of(point, now)
    if not drills.begin(drill, now):
        return None
    # Only now nobody else starts or ends one: another may have ended since it was looked for.
    if is_due(settings.drill, drills.drills(), now):
        return drill
    drills.drop()
    return None


def drill_of(point: RecoveryPoint, now: datetime) -> Drill:
    """A fresh drill of a recovery point."""
    drill_id = secrets.token_hex(8)
    return Drill(
        id=drill_id,
        table=point.table,
        recovery_point=point.arn,
        copied_at=point.created_at,
        target=f"{PREFIX}{point.table}-{drill_id}",
        state=State.STARTING,
        started_at=now,
    )


def _step(drill: Drill, drills: DrillsTable, settings: Settings, now: datetime) -> Drill | None:
    """Do the next step; None when the drill has ended or has to wait."""
    if drill.state is State.STARTING:
        if note := _refusal(drill.table):
            return _end(drill, drills, State.SKIPPED, now, note=note)
        drill = drill.model_copy(update={"state": State.RESTORING})
        drills.go_on(drill, now)
        return drill
    if drill.state is State.RESTORING:
        return _look(drill, drills, settings, now)
    return _judge(drill, drills, now)


def _refusal(table: str) -> str | None:
    described = aws.table_of(table)
    if described is None:
        return "The table is not there any more."
    size, items = described.get("TableSizeBytes", 0), described.get("ItemCount", 0)
    if size > MAX_BYTES or items > MAX_ITEMS:
        return f"Too large for a drill: {size} bytes in {items} items; at most {MAX_BYTES} and {MAX_ITEMS}."
    return None


def _look(drill: Drill, drills: DrillsTable, settings: Settings, now: datetime) -> Drill | None:
    restored = aws.table_of(drill.target)
    if restored is None or restored["TableStatus"] != "ACTIVE":
        if now - drill.started_at > GIVE_UP:
            return _end(drill, drills, State.FAILED, now, note="The restore made no table within 12 hours.")
        if restored is None:
            aws.start_restore(drill, settings.restore_role_arn)  # the same one, however often it is asked for
        drills.release(drill, now)
        return None
    if aws.table_of(drill.table) is None:
        return _end(drill, drills, State.SKIPPED, now, note="The table is not there any more.")
    keys = [key["AttributeName"] for key in restored["KeySchema"]]
    found = compare(aws.items_of(drill.target), aws.items_of(drill.table), keys, now)
    made = drill.model_copy(update={"state": State.COMPARED, "comparison": found, "compared_at": now})
    drills.go_on(made, now)
    return made


def _judge(drill: Drill, drills: DrillsTable, now: datetime) -> Drill | None:
    """The restored table was read: it is deleted, and the differences are held against what was written."""
    found, compared_at = drill.comparison, drill.compared_at
    if found is None or compared_at is None:
        return _end(drill, drills, State.FAILED, now, note="The record of the comparison is not whole.")
    if found.differences == 0:
        return _end(drill, drills, State.PASSED, now)
    if not aws.delete_table(drill.target) or now < compared_at + COUNTED_AFTER:
        drills.release(drill, now)
        return None
    writes = aws.writes_to(drill.table, drill.copied_at - MARGIN, compared_at)
    drill = drill.model_copy(update={"writes": writes})
    if is_explained(found, writes):
        return _end(drill, drills, State.PASSED, now)
    note = f"{found.differences} items differ, and {writes} writes can explain no more than so many."
    return _end(drill, drills, State.FAILED, now, note=note)


def _end(
    drill: Drill, drills: DrillsTable, state: State, now: datetime, *, note: str | None = None
) -> Drill | None:
    """Keep the result once the restored table is deleted; until then the drill goes on."""
    if not aws.delete_table(drill.target):
        drills.release(drill, now)
        return None
    drills.finish(drill.model_copy(update={"state": state, "ended_at": now, "note": note}))
    logger.info("drill ended", table=drill.table, result=state.value, note=note)
    count({State.PASSED: "DrillsPassed", State.SKIPPED: "DrillsSkipped"}.get(state, "BackupProblems"))
    return None

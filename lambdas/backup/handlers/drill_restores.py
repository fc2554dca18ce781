"""In the background: a table is restored, compared with the one that it is a copy of, and deleted again.

Called every hour and when AWS Backup has restored something: each time the drill goes on as far as it can.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backup import drilling
from backup.drills_table import DrillsTable
from backup.settings import settings
from shared.background import background

drills = DrillsTable(settings().drills_table)


def work(event: dict[str, Any], now: datetime) -> None:
    """Go on with the drill, or start one that is due."""
    drilling.run(drills, settings(), now)


handler = background(work)

"""The files of saved plans, which hold secrets: who has one, and when they go."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from fleet_tui.operations.model import OperationKind
from fleet_tui.operations.staleness import KEPT

PLAN_FILE = "plan.bin"
# After any of these a plan that was made before is of no use.
_KINDS = "|".join(kind.value for kind in (OperationKind.PLAN, OperationKind.APPLY, OperationKind.DESTROY))
_OF_A_STATE = re.compile(rf"^\d{{8}}T\d{{6}}\.\d{{3}}-({_KINDS})-(.+)-[0-9a-f]{{4}}$")


def forget_plans(runs: Path, slug: str) -> None:
    """Remove the saved plans of a creator: a new one takes their place."""
    for folder in runs.glob(f"*-{OperationKind.PLAN.value}-{slug}-????"):
        if (match := _OF_A_STATE.match(folder.name)) and match.groups() == (OperationKind.PLAN, slug):
            (folder / PLAN_FILE).unlink(missing_ok=True)


def sweep_plans(runs: Path, now: datetime) -> int:
    """Remove every saved plan that is too old to be applied.

    Args:
        runs: the folder of all runs.
        now: the present.

    Returns:
        How many there were.
    """
    removed = 0
    for file in runs.glob(f"*/{PLAN_FILE}"):
        try:
            if now.timestamp() - file.stat().st_mtime > KEPT.total_seconds():
                file.unlink()
                removed += 1
        except FileNotFoundError:  # somebody else was faster
            continue
    return removed


def newest_plans(runs: Path) -> dict[str, str]:
    """The id of the newest plan of every creator that has not been applied or superseded since, by slug.

    Args:
        runs: the folder of all runs; their names say what they are, so none is opened.
    """
    newest: dict[str, tuple[str, str]] = {}
    try:
        names = [entry.name for entry in os.scandir(runs)]
    except FileNotFoundError:
        return {}
    for name in names:
        if match := _OF_A_STATE.match(name):
            kind, slug = match.groups()
            newest[slug] = max(newest.get(slug, ("", "")), (name, kind))
    return {slug: name for slug, (name, kind) in newest.items() if kind == OperationKind.PLAN}

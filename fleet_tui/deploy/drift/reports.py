"""What a check has found, kept in the run's own folder on this machine: with values, without secrets."""

from __future__ import annotations

import os
from pathlib import Path

from fleet_tui.deploy.drift.model import DriftReport

_NAME = "drift.json"


def write_report(folder: Path, report: DriftReport) -> None:
    """Keep a report in the folder of its run, for its owner to read."""
    handle = os.open(folder / _NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(report.model_dump_json(indent=1))


def report_of(folder: Path) -> DriftReport | None:
    """What the check in this run's folder has found; None where it has found nothing out."""
    try:
        return DriftReport.model_validate_json((folder / _NAME).read_bytes())
    except FileNotFoundError:
        return None


def checks_of(runs: Path, slug: str) -> list[Path]:
    """The folders of a creator's checks among all runs, newest first."""
    return sorted(runs.glob(f"????????T??????.???-drift-{slug}-????"), reverse=True)

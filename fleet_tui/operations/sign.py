"""Terraform's sign of life in the folder of a run; `beginning` has how it comes to be."""

from __future__ import annotations

import fcntl
from pathlib import Path

SIGN = "terraform.alive"


def terraform_of(folder: Path) -> int | None:
    """The process id of the Terraform that works for the run in this folder; None where none lives."""
    try:
        with (folder / SIGN).open("rb+") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                return int(file.read() or 0) or None
            return None
    except FileNotFoundError:
        return None

"""What this machine remembers of the creators' states: a small file each, beside the journals.

What lies in a bucket can be lost or exchanged together with the bucket; this cannot.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pydantic import ValidationError

from fleet_tui.deploy.records import StateMark


class StateMemory:
    """Marks of states, by creator.

    Args:
        root: the folder of what cannot be made again (`Settings.state`).
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "states"

    def get(self, slug: str) -> StateMark | None:
        """What is remembered of this creator's state; None where nothing is, or it cannot be read."""
        try:
            return StateMark.model_validate_json(self._file(slug).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, slug: str, mark: StateMark | None) -> None:
        """Remember this mark, or forget what was remembered."""
        file = self._file(slug)
        if mark is None:
            file.unlink(missing_ok=True)
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        part.write_text(mark.model_dump_json() + "\n", encoding="utf-8")
        part.replace(file)

    def forget_all(self) -> None:
        """Forget every creator's, where all accounts may have been set back to an earlier moment at once."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, slug: str) -> Path:
        return self._folder / f"{slug}.json"

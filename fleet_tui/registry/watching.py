"""The registry's files, read again when one of them has changed."""

from __future__ import annotations

import os
from pathlib import Path

from fleet_tui.registry.loading import load
from fleet_tui.registry.model import Registry
from fleet_tui.registry.reading import FILE_NAME


class RegistryFiles:
    """The folder that holds the slug folders, looked at again and again.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._marks: object = None

    def read(self) -> Registry | None:
        """The fleet, or None when no file has changed since the last call.

        Raises:
            FleetError: the folder cannot be listed.
        """
        marks = self._look()
        if marks == self._marks:
            return None
        self._marks = marks
        return load(self._root)

    def _look(self) -> object:
        """Size and time of every file: cheap enough to be asked every few seconds about 10,000 of them."""
        marks = []
        try:
            with os.scandir(self._root) as folders:
                for folder in folders:
                    try:
                        stat = Path(folder.path, FILE_NAME).stat()
                        marks.append((folder.name, stat.st_mtime_ns, stat.st_size))
                    except OSError:
                        marks.append((folder.name, 0, 0))
        except OSError:
            return ()
        return tuple(sorted(marks))

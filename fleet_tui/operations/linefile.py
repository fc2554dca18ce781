"""A file of lines that only grows; a line that finds no room on the disk is written whole later."""

from __future__ import annotations

import os
from pathlib import Path

write = os.write


class LineFile:
    """The file, opened to add to it; there is one writer at a time.

    Args:
        path: made when it is missing.

    Attributes:
        lines: how many there were when it was opened, half a one counted.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        # A process that was killed may have left half a line; what comes now is a line of its own.
        content = path.read_bytes()
        half = bool(content) and not content.endswith(b"\n")
        self._left = b"\n" if half else b""
        self.lines = content.count(b"\n") + half

    def append(self, line: bytes, *, sync: bool = False) -> None:
        """Add a line.

        Args:
            line: without its end.
            sync: wait until the disk has it.

        Raises:
            OSError: there is no room for it now; it comes before whatever is added next.
        """
        self._left += line + b"\n"
        self.flush(sync=sync)

    def flush(self, *, sync: bool = False) -> None:
        """Write what there was no room for. Raises OSError where there still is none."""
        while self._left:
            self._left = self._left[write(self._file.fileno(), self._left) :]
        if sync:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

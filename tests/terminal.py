"""A command in a real terminal, as a person sits before it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence

_CONTROL = re.compile(r"\x1b\[[0-9;?<>=]*[A-Za-z]")
_END_SECONDS = 30.0


class Terminal:
    """A command in a terminal of its own.

    What it prints is read all the time, or it would stand still as soon as nobody looks.

    Args:
        command: absolute path of a program, and its arguments.
        environ: its whole environment.
        columns, lines: the size of the terminal.
    """

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], *, columns: int = 120, lines: int = 40
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(environ) | {"TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(theirs)
        self._seen = ""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                text = os.read(self._ours, 65536).decode(errors="replace")
            except OSError:  # the other side has been closed
                return
            with self._news:
                self._seen += _CONTROL.sub("", text)
                self._news.notify_all()

    def read_until(self, *words: str, seconds: float = 90.0) -> None:
        """Wait until all of these words have been on the screen since the last key."""
        with self._news:
            seen = self._news.wait_for(lambda: all(word in self._seen for word in words), seconds)
            assert seen, f"not seen: {words}; but: {self._seen[-2000:]}"

    def write(self, keys: str) -> None:
        """Press keys."""
        with self._news:
            self._seen = ""
        os.write(self._ours, keys.encode())

    def wait(self) -> int:
        """The exit code."""
        return self._process.wait(_END_SECONDS)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it, if it has not ended."""
        if self._process.poll() is None:
            self.kill()
        self._reader.join(_END_SECONDS)
        os.close(self._ours)

"""What the processes of this machine show of themselves while something goes on."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_SECONDS = 0.05


@dataclass
class Watch:
    """Looks at processes again and again: at those that have this variable in their environment.

    Args:
        mark: such as `FLEET_CONFIG=…`; runs leave their parents, but keep what they inherited.

    Attributes:
        arguments: command lines that were seen.
        credentials: secret keys and session tokens that were in environments.
    """

    mark: str
    arguments: set[bytes] = field(default_factory=set)
    credentials: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    self._look_at(process)

    def _look_at(self, process: Path) -> None:
        variables = (process / "environ").read_bytes().split(b"\0")
        if self.mark.encode() not in variables:
            return
        self.arguments.add((process / "cmdline").read_bytes())
        for name in (b"AWS_SECRET_ACCESS_KEY=", b"AWS_SESSION_TOKEN="):
            found = (entry for entry in variables if entry.startswith(name))
            self.credentials |= {entry.removeprefix(name).decode() for entry in found}

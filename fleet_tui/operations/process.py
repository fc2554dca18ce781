"""A Terraform process: started in a session of its own, read line by line, stopped by one SIGINT."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_LINE_LIMIT = 16 * 1024 * 1024  # one JSON line can hold a whole policy or template


class TerraformProcess:
    """Runs Terraform commands one after another and can be told to stop.

    Terraform gets a session of its own, or the terminal's Ctrl+C would reach it beside ours, and a second
    SIGINT makes it give up without saving the state.
    """

    def __init__(self) -> None:
        self.interrupted = False
        self._process: asyncio.subprocess.Process | None = None

    async def run(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], on_line: Callable[[str], None]
    ) -> int:
        """Run one command to its end.

        Args:
            command: the argument list.
            cwd: folder it works in.
            env: its whole environment.
            on_line: gets every line of its output and of its errors, without the newline.

        Returns:
            The exit code.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=_LINE_LIMIT,
        )
        self._process = process
        if self.interrupted:
            process.send_signal(signal.SIGINT)
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            async for line in process.stdout:
                on_line(line.decode(errors="replace").rstrip("\r\n"))
            return await process.wait()
        finally:
            self._process = None

    def interrupt(self) -> bool:
        """Send the one SIGINT; later calls do nothing.

        Returns:
            Whether a process was there to get it.
        """
        if self.interrupted:
            return self._process is not None
        self.interrupted = True
        if self._process is None:
            return False
        self._process.send_signal(signal.SIGINT)
        return True

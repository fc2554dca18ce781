"""A Terraform process: begun in a session of its own, followed through its output, stopped by one SIGINT.

It writes into a file and not to us, so the end of a run's process is not the end of Terraform: an apply goes
on to its own end, saves its state and lets go of its lock, and the next process that looks takes the run up
again (`adoption`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from fleet_tui.operations.interrupting import interrupt
from fleet_tui.operations.sign import SIGN, terraform_of

_BEGINNING = Path(__file__).with_name("beginning.py")
_LOOK_SECONDS = 0.1


class TerraformProcess:
    """Runs the Terraform commands of one run one after another, and can be told to stop.

    Terraform gets a session of its own, or the terminal's Ctrl+C would reach it beside ours, and a second
    SIGINT makes it give up without saving the state.

    Args:
        folder: the run's folder, which holds Terraform's sign of life and its output.
    """

    def __init__(self, folder: Path) -> None:
        self.interrupted = False
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        output: Path,
        on_line: Callable[[str], None],
    ) -> int:
        """Run one command to its end.

        Args:
            command: absolute path of the program, and its arguments.
            cwd: folder it works in.
            env: its whole environment.
            output: the file that gets all that it prints, errors included.
            on_line: gets every line of it, without the newline.

        Returns:
            The exit code; negative where a signal ended it.
        """
        sign = str(self._folder / SIGN)
        with output.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_BEGINNING), sign, str(os.getpid()), *command),
                cwd=cwd,
                env=dict(env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self._process = process
        if self.interrupted:
            interrupt(self._folder, process.pid)
        ended = asyncio.create_task(process.wait())
        lines = Lines(output)
        try:
            while not ended.done():
                await asyncio.wait({ended}, timeout=_LOOK_SECONDS)
                for line in lines.new():
                    on_line(line)
        finally:
            # Whatever has gone wrong here: nobody may hear that it has ended while it still works.
            await ended
            self._process = None
        for line in lines.rest():
            on_line(line)
        code = ended.result()
        if code < 0:
            # What it leaves behind are providers: nothing may work in the account once we say that it ended.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        return code

    async def follow(self, output: Path, on_line: Callable[[str], None]) -> None:
        """Follow the Terraform that an earlier process of this run began, to its end.

        Args:
            output: the file that it writes to; it is read from its beginning.
            on_line: gets every line of it.
        """
        lines = Lines(output)
        while terraform_of(self._folder) is not None:
            for line in lines.new():
                on_line(line)
            await asyncio.sleep(_LOOK_SECONDS)
        for line in lines.rest():
            on_line(line)

    def interrupt(self) -> bool:
        """Send the one SIGINT; later calls do nothing.

        Returns:
            Whether a process was there to get it.
        """
        self.interrupted = True
        return interrupt(self._folder, self._process.pid if self._process else None)


class Lines:
    """The lines of a file that grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._part = b""

    def new(self) -> Iterator[str]:
        """The whole lines that have come since the last time, without their newlines."""
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
            self._offset += len(content)
            *whole, self._part = (self._part + content).split(b"\n")
            yield from (_text(line) for line in whole)

    def rest(self) -> Iterator[str]:
        """What has come since, a last line without its end included."""
        yield from self.new()
        if self._part:
            yield _text(self._part)
            self._part = b""


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r")

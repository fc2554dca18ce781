"""The emulator as a process of its own."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fleet_tui
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.sandbox.emulator.client import TIMEOUT_SECONDS, BackDoorClient

START_SECONDS = 30.0
STOP_SECONDS = 20.0
SAVE_SECONDS = 60.0
HEALTH_SECONDS = 5.0


@dataclass
class Emulator:
    """An emulator that runs, started by `start` or found by `running`.

    Attributes:
        state: its folder: `services/` and `s3/` (the saved world), `emulator.log`, `emulator.json` while it
            runs.
        port: port on 127.0.0.1.
        pid: process id; it is the leader of a session of its own, so that a Ctrl+C in the terminal that
            started it does not reach it.
    """

    state: Path
    port: int
    pid: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """What clients take for their endpoint."""
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def start(cls, state: Path, port: int | None = None, *, seed: str | None = None) -> Emulator:
        """Start an emulator and wait until it answers.

        Args:
            state: its folder, created where missing; a world that was saved there comes back.
            port: port on 127.0.0.1; None takes a free one.
            seed: makes the identifiers of a fresh world the same in every run.

        Raises:
            FleetError: it did not come up: the port is taken, another one runs on this folder, ministack is
                not installed.
        """
        state = state.resolve()
        state.mkdir(parents=True, exist_ok=True)
        reading, writing = os.pipe()
        command = [
            sys.executable,
            "-m",
            "fleet_tui.sandbox.emulator",
            "--state",
            str(state),
            "--port",
            str(port or 0),
        ]
        command += ["--ready-fd", str(writing), *(["--seed", seed] if seed is not None else [])]
        with (state / "emulator.err").open("wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(writing,),
                start_new_session=True,
                cwd=state,
                env={**os.environ, "PYTHONPATH": str(Path(fleet_tui.__file__).parents[1])},
            )
        os.close(writing)
        try:
            said = _read_all(reading, START_SECONDS)
        finally:
            os.close(reading)
        if not said:
            process.kill()
            process.wait()
            raise _not_up(state)
        return cls(state=state, port=json.loads(said)["port"], pid=process.pid, _process=process)

    @classmethod
    def running(cls, state: Path) -> Emulator | None:
        """The emulator that works on this folder at the moment, or None."""
        state = state.resolve()
        try:
            known = json.loads((state / "emulator.json").read_text())
            answer = BackDoorClient(known["url"]).call("health", timeout=HEALTH_SECONDS)
        except (OSError, ValueError, KeyError, FleetError):
            return None
        if answer.get("pid") != known["pid"]:
            return None
        return cls(state=state, port=known["port"], pid=known["pid"])

    def call(
        self, door: str, body: dict[str, Any] | None = None, *, timeout: float = TIMEOUT_SECONDS
    ) -> dict[str, Any]:
        """Use the back door; see `BackDoorClient.call`."""
        return BackDoorClient(self.url).call(door, body, timeout=timeout)

    def save(self) -> None:
        """Write the whole world to disk; a crash after this loses nothing that was there before.

        Raises:
            FleetError: it could not be saved.
        """
        self.call("save", timeout=SAVE_SECONDS)

    def wait(self, seconds: float = STOP_SECONDS) -> int | None:
        """Wait until it has ended by itself; only who started it can.

        Returns:
            Its exit code, or None when it still runs after so many seconds, or was started by somebody else.
        """
        if self._process is None:
            return None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Save and end; returns when the process is gone. Stopping twice does no harm.

        One that does not end within `STOP_SECONDS` is killed; what was not saved is lost then.
        """
        if self._process is None and not _is_claimed(self.state):
            return
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            return
        if self._process is not None:
            if self.wait() is None:
                self._process.kill()
                self._process.wait()
            return
        deadline = time.monotonic() + STOP_SECONDS
        while _is_claimed(self.state):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                return
            time.sleep(0.05)


def _read_all(descriptor: int, seconds: float) -> bytes:
    """What is written to a pipe until its other end closes; nothing when that takes too long."""
    deadline = time.monotonic() + seconds
    chunks: list[bytes] = []
    while True:
        readable, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not readable:
            return b""
        chunk = os.read(descriptor, 65536)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)


def _is_claimed(state: Path) -> bool:
    """Whether a process holds the folder's lock."""
    with (state / "emulator.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _not_up(state: Path) -> FleetError:
    lines = (state / "emulator.err").read_text(errors="replace").strip().splitlines()
    reason = lines[-1] if lines else f"no answer within {START_SECONDS:.0f} s"
    hint = (
        "pip install 'fleet-tui[sandbox]'"
        if "ModuleNotFoundError" in reason
        else f"Read {state / 'emulator.err'}"
    )
    kind = ProblemKind.MISSING_TOOL if "ModuleNotFoundError" in reason else ProblemKind.UNEXPECTED
    return FleetError.of(kind, f"the embedded AWS did not start: {reason}", where="sandbox", hint=hint)

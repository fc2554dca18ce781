"""The journal of a run: one JSON line per event, on disk before anybody sees it.

A run is a folder `<state>/runs/<id>/`. The process that carries it out holds a lock on `alive` for as long
as it lives, so that a run whose process was killed is recognised as lost, whatever its process id is now.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from fleet_tui.operations.linefile import LineFile
from fleet_tui.operations.model import (
    EventKind,
    Operation,
    OperationKind,
    PlanSummary,
    Run,
    RunEvent,
    RunStatus,
)
from fleet_tui.operations.sign import terraform_of
from fleet_tui.operations.telling import fold
from fleet_tui.problems import FleetError, Problem, ProblemKind

JOURNAL = "journal.jsonl"
ALIVE = "alive"


def new_id(kind: OperationKind, slug: str, at: datetime) -> str:
    """An id that sorts by time and is unique: `20261122T140355.123-plan-kasper-9f3a`."""
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}-{kind.value}-{slug}-{secrets.token_hex(2)}"


class JournalWriter:
    """Writes the journal of one run; every event is on disk when `write` returns.

    What a run says while it works waits where the disk is full, so that no apply breaks off for that.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = LineFile(folder / JOURNAL)
        self._seq = self._file.lines

    def write(
        self,
        kind: EventKind,
        text: str = "",
        *,
        severity: str = "info",
        done: int | None = None,
        total: int | None = None,
        pid: int | None = None,
        status: RunStatus | None = None,
        plan: PlanSummary | None = None,
        problem: Problem | None = None,
        operation: Operation | None = None,
    ) -> RunEvent:
        """Append an event and flush it to the disk.

        Raises:
            OSError: it is one of those that a run is told by, and there is no room for it: see `flush`.
        """
        self._seq += 1
        event = RunEvent(
            seq=self._seq,
            at=datetime.now(UTC),
            kind=kind,
            text=text,
            severity=severity,
            done=done,
            total=total,
            pid=pid,
            status=status,
            plan=plan,
            problem=problem,
            operation=operation,
        )
        line = event.model_dump_json(exclude_none=True).encode()
        try:
            self._file.append(line, sync=kind in _TELLING)
        except OSError:
            if kind in _TELLING:
                raise
        return event

    def flush(self) -> None:
        """Write what there was no room for. Raises OSError where there still is none."""
        self._file.flush(sync=True)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


# What becomes of a run is told by these.
_TELLING = frozenset({EventKind.REQUESTED, EventKind.STARTED, EventKind.PLANNED, EventKind.FINISHED})


def read_events(folder: Path, after: int = 0) -> list[RunEvent]:
    """The events of a run after number `after`; a last line still being written is left for next time."""
    try:
        content = (folder / JOURNAL).read_bytes()
    except FileNotFoundError:
        return []
    events = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        if number > after:
            try:
                events.append(RunEvent.model_validate_json(line))
            except ValidationError:  # a disk that was full, a power cut: the rest of the journal still counts
                events.append(
                    RunEvent(
                        seq=number,
                        at=datetime.fromtimestamp(0, UTC),
                        kind=EventKind.LOG,
                        text="(this line of the journal cannot be read)",
                        severity="warning",
                    )
                )
    return events


class Journals:
    """All runs known on this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root / "runs"
        self._finished: dict[str, Run] = {}
        self._ended: set[str] = set()

    def folder(self, run_id: str) -> Path:
        """The folder of a run.

        Raises:
            FleetError: the id is not one of ours.
        """
        if not run_id or "/" in run_id or run_id.startswith("."):
            raise FleetError.of(
                ProblemKind.NOT_FOUND, f'"{run_id}" is not the id of a run', hint="fleet runs lists them"
            )
        return self._root / run_id

    def open(self, operation: Operation) -> JournalWriter:
        """Begin the journal of an operation with its request."""
        writer = JournalWriter(self.folder(operation.id))
        writer.write(EventKind.REQUESTED, operation=operation)
        return writer

    def get(self, run_id: str) -> Run:
        """One run.

        Raises:
            FleetError: there is no such run on this machine.
        """
        if run_id in self._finished:
            return self._finished[run_id]
        folder = self.folder(run_id)
        # Whether it lives is asked first: a run that ends in between has then written its end already.
        alive = is_alive(folder) or terraform_of(folder) is not None
        run = fold(read_events(folder), alive=alive)
        if run is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND, f"there is no run {run_id} here", hint="fleet runs lists them"
            )
        if run.finished_at is not None:
            self._finished[run_id] = run  # nothing more is written to it
        return run

    def ended(self, run_id: str) -> bool:
        """Whether it is a run of this machine for which neither a process nor Terraform works any more."""
        try:
            run = self.get(run_id)
        except FleetError:
            return False
        folder = self.folder(run_id)
        return terraform_of(folder) is None and (run.finished_at is not None or not is_alive(folder))

    def all(self) -> list[Run]:
        """Every run, newest first; folders that hold no readable journal are passed over."""
        return [run for name in self._names() if (run := self._try(name)) is not None]

    def unfinished(self) -> dict[str, Run]:
        """The newest unfinished run of each creator, by slug; what has ended is not read again."""
        found: dict[str, Run] = {}
        for name in self._names():
            run = self._open(name)
            if run is not None and not run.finished:
                found.setdefault(run.operation.slug, run)
        return found

    def orphaned(self) -> list[Run]:
        """Runs whose process has begun and is gone, and whose end nobody has written; oldest first."""
        found = []
        for name in reversed(self._names()):
            folder = self._root / name
            if name in self._ended or not (folder / ALIVE).exists() or is_alive(folder):
                continue
            # It says that it has begun once it holds its sign of life; until then it may be on its way.
            if (run := self._open(name)) is not None and run.started_at is not None:
                found.append(run)
        return found

    def unsettled(self, slug: str) -> list[Run]:
        """The runs of a creator whose end nobody has written, oldest first."""
        found = (self._open(name) for name in reversed(self._names()))
        return [run for run in found if run is not None and run.operation.slug == slug]

    def _open(self, name: str) -> Run | None:
        """The run, unless its end is written; what has ended is not read again."""
        if name in self._ended:
            return None
        run = self._try(name)
        if run is not None and run.finished_at is not None:
            self._ended.add(name)
            return None
        return run

    def _names(self) -> list[str]:
        """The folders of all runs, newest first."""
        try:
            with os.scandir(self._root) as entries:
                return sorted((entry.name for entry in entries if entry.is_dir()), reverse=True)
        except FileNotFoundError:
            return []

    def _try(self, name: str) -> Run | None:
        try:
            return self.get(name)
        except FleetError:
            return None


@contextmanager
def hold_alive(folder: Path, inherited: int | None = None) -> Iterator[None]:
    """Hold the sign of life of a run; the kernel drops it when the process ends, however it ends.

    Args:
        folder: the run's folder.
        inherited: descriptor of the file where whoever started this process holds the lock already.
    """
    with _locked(folder) if inherited is None else os.fdopen(inherited, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with contextlib.suppress(OSError):  # on a full disk it lives as well
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
        yield


def _locked(folder: Path) -> IO[bytes]:
    """The file, locked before it bears its name: between the two a look would take the run for dead."""
    own = folder / f"{ALIVE}.{os.getpid()}"
    file = own.open("ab")
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        os.link(own, folder / ALIVE)
    except FileExistsError:  # somebody has held it before
        file.close()
        file = (folder / ALIVE).open("ab")
    finally:
        own.unlink()
    return file


@contextmanager
def orphan_alive(folder: Path) -> Iterator[int | None]:
    """The sign of life of a run that nobody carries out, held to be handed on; None where somebody does."""
    with (folder / ALIVE).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            file.truncate(0)  # of the process that is gone: its id may be another one's by now
            yield file.fileno()


def process_of(folder: Path) -> int | None:
    """The process id of whoever holds the sign of life; None where nobody does, or has not said it yet."""
    with contextlib.suppress(FileNotFoundError), (folder / ALIVE).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None


def is_alive(folder: Path) -> bool:
    """Whether the process of this run lives. A run that has been asked for but not begun counts as alive
    for the short time in which its process starts."""
    try:
        with (folder / ALIVE).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False
    except FileNotFoundError:
        try:
            age = datetime.now(UTC).timestamp() - (folder / JOURNAL).stat().st_mtime
        except FileNotFoundError:
            return False
        return age < _STARTING_SECONDS


_STARTING_SECONDS = 60.0  # an interpreter takes 0.2 s to start; a machine that swaps takes a while

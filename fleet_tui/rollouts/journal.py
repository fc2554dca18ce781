"""The journal of a rollout on disk, its requests from operators, its sign of life, and its record.

A rollout is a folder `<state>/rollouts/<id>/`: `journal.jsonl`, in which an event is on the disk before
anybody sees it; `controls.jsonl`, to which consoles append what operators tell it; `alive`, which the process
holds locked; `record.json`, what became of it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

from pydantic import ValidationError

from fleet_tui.operations.journal import ALIVE, JOURNAL, is_alive
from fleet_tui.operations.linefile import LineFile
from fleet_tui.problems import FleetError, ProblemKind, on_this_machine
from fleet_tui.rollouts.model import Control, Rollout, RolloutEvent, RolloutEventKind, RolloutStatus
from fleet_tui.rollouts.telling import advance, fold
from fleet_tui.values import Value

CONTROLS = "controls.jsonl"
V = TypeVar("V", bound=Value)

_ROOM_SECONDS = 5.0  # between two looks whether there is room on the disk
_HELD_SECONDS = 1.0  # whoever asks whether a rollout lives holds its lock for a moment


def new_id(at: datetime) -> str:
    """An id that sorts by time and is unique: `20261122T140355.123-rollout-9f3a`."""
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}-rollout-{secrets.token_hex(2)}"


class RolloutJournal:
    """Writes the journal of one rollout. There is one writer at a time: who holds `alive`.

    Args:
        folder: the rollout's.
        now: the current time with its zone.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._file = LineFile(folder / JOURNAL)
        self._seq = self._file.lines

    def write(self, kind: RolloutEventKind, text: str = "", **fields: object) -> RolloutEvent:
        """Append an event; it is on the disk when this returns, however long there is no room for it.

        Args:
            kind: what it is.
            text: a line for people.
            fields: further fields of the event.
        """
        self._seq += 1
        told = {"seq": self._seq, "at": self._now(), "kind": kind, "text": text} | fields
        event = RolloutEvent.model_validate(told)
        try:
            self._file.append(_line(event), sync=True)
        except OSError:
            once_there_is_room(lambda: self._file.flush(sync=True))
        return event

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def read_events(folder: Path, after: int = 0) -> list[RolloutEvent]:
    """The events of a rollout after number `after`; a last line still being written is left for next time."""
    events = []
    for number, event in _lines(folder / JOURNAL, RolloutEvent, after):
        events.append(
            event
            or RolloutEvent(
                seq=number,
                at=datetime.fromtimestamp(0, UTC),
                kind=RolloutEventKind.LOG,
                text="(this line of the journal cannot be read)",
                severity="warning",
            )
        )
    return events


def once_there_is_room(do: Callable[[], None]) -> None:
    """Do what writes, again and again as long as the disk is full. Raises OSError for all else."""
    while True:
        try:
            return do()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
        time.sleep(_ROOM_SECONDS)


def tell(folder: Path, control: Control) -> None:
    """Leave word for the process of a rollout; several consoles may do so at once.

    Raises:
        FleetError: kind MACHINE, it cannot be written.
    """
    with on_this_machine("the rollout cannot be told"), (folder / CONTROLS).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(_line(control) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_controls(folder: Path, after: int) -> list[Control | None]:
    """What was told after the first `after` controls; None for a line that cannot be read."""
    return [control for _, control in _lines(folder / CONTROLS, Control, after)]


def take_life(folder: Path) -> IO[bytes]:
    """The sign of life of a rollout, held until the file is closed, by whichever process has it open then.

    Raises:
        FleetError: somebody else holds it: the rollout is going on.
    """
    file = (folder / ALIVE).open("ab")
    deadline = time.monotonic() + _HELD_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            file.close()
            raise FleetError.of(
                ProblemKind.CONFLICT,
                "the rollout is going on",
                where=folder.name,
                hint=f"fleet rollout attach {folder.name} follows it",
            ) from None
        return file


class _Known(NamedTuple):
    """What was read of a journal: its size in bytes then, how many events, and what they told."""

    size: int
    events: int
    rollout: Rollout


class RolloutJournals:
    """All rollouts known on this machine.

    Args:
        root: the folder of all that must not be lost.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / "rollouts"
        self._known: dict[str, _Known] = {}

    def folder(self, rollout_id: str) -> Path:
        """The folder of a rollout.

        Raises:
            FleetError: the id is not one of ours.
        """
        if not rollout_id or "/" in rollout_id or rollout_id.startswith("."):
            raise FleetError.of(
                ProblemKind.NOT_FOUND, f'"{rollout_id}" is not the id of a rollout', hint=_LISTED
            )
        return self.root / rollout_id

    def get(self, rollout_id: str) -> Rollout:
        """One rollout.

        Raises:
            FleetError: there is no such rollout on this machine.
        """
        folder = self.folder(rollout_id)
        # Whether it lives is asked first: a rollout that ends in between has then written its end already.
        alive = is_alive(folder)
        rollout = self._read(rollout_id, folder)
        if rollout is None:
            raise FleetError.of(ProblemKind.NOT_FOUND, f"there is no rollout {rollout_id} here", hint=_LISTED)
        return rollout if rollout.ended or alive else rollout.model_copy(update=_LOST)

    def _read(self, rollout_id: str, folder: Path) -> Rollout | None:
        """The rollout as far as its journal is written; only what has been added since is read."""
        size = _size(folder / JOURNAL)
        kept = self._known.get(rollout_id)
        if kept is None:
            events = read_events(folder)
            rollout = fold(events, alive=True)
            seen = len(events)
        else:
            rollout, seen = kept.rollout, kept.events
            if size != kept.size:
                events = read_events(folder, seen)
                rollout, seen = advance(rollout, events), seen + len(events)
        if rollout is not None:
            self._known[rollout_id] = _Known(size, seen, rollout)
        return rollout

    def all(self) -> list[Rollout]:
        """Every rollout, newest first; folders that hold no readable journal are passed over."""
        try:
            with os.scandir(self.root) as entries:
                names = sorted((entry.name for entry in entries if entry.is_dir()), reverse=True)
        except FileNotFoundError:
            return []
        found = []
        for name in names:
            try:
                found.append(self.get(name))
            except FleetError:
                continue
        return found


_LOST = {"status": RolloutStatus.LOST}
_LISTED = "fleet rollout list has them"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _line(value: Value) -> bytes:
    return value.model_dump_json(exclude_none=True).encode()


def _lines(path: Path, kind: type[V], after: int) -> list[tuple[int, V | None]]:
    """The lines after number `after` with their numbers; None for one that cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    found: list[tuple[int, V | None]] = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        if number > after:
            try:
                found.append((number, kind.model_validate_json(line)))
            except ValidationError:  # a disk that was full, a power cut: the rest still counts
                found.append((number, None))
    return found

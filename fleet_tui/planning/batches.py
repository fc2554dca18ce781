"""A batch: many creators that are planned by one process, and its journal on disk.

A batch is a folder `<state>/batches/<id>/`. Its journal tells which runs were started for whom; how those go
is in their own journals.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError

from fleet_tui.operations.journal import JOURNAL, is_alive
from fleet_tui.operations.model import Run, RunStatus
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.values import Moment, Value


class BatchRequest(Value):
    """What somebody asked for.

    Args:
        id: sortable by time, unique: also the name of its folder.
        slugs: whom to plan, in this order.
    """

    id: str
    operator: str
    slugs: tuple[str, ...]
    reason: str = ""
    requested_at: Moment


class BatchEventKind(StrEnum):
    """What a line of a batch's journal is."""

    REQUESTED = "requested"
    BEGUN = "begun"  # its process has begun
    STARTED = "started"  # a creator's run
    REFUSED = "refused"  # a creator's run could not be started
    FINISHED = "finished"


class BatchEvent(Value):
    """One line of a batch's journal."""

    at: Moment
    kind: BatchEventKind
    request: BatchRequest | None = None
    pid: int | None = None
    slug: str = ""
    run_id: str = ""
    problem: Problem | None = None


class Batch(Value):
    """A batch as its journal tells it.

    Args:
        runs: ids of the runs that were started, by slug.
        refused: why there is none, by slug.
        finished: nothing more is started; runs that go on are followed by nobody.
    """

    request: BatchRequest
    pid: int | None = None
    runs: dict[str, str] = Field(default_factory=dict)
    refused: dict[str, Problem] = Field(default_factory=dict)
    finished: bool = False

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is; every creator is counted once."""

    total: int
    planned: int = 0
    failed: int = 0
    cancelled: int = 0
    running: int = 0
    finished: bool = False

    @property
    def waiting(self) -> int:
        """Creators whose turn has not come."""
        return self.total - self.planned - self.failed - self.cancelled - self.running


def progress_of(batch: Batch, runs: Mapping[str, Run | None]) -> BatchProgress:
    """How far a batch is.

    Args:
        batch: as its journal tells it.
        runs: its runs by slug; None for one whose journal is gone.
    """
    counts = {"planned": 0, "failed": len(batch.refused), "cancelled": 0, "running": 0}
    for slug in batch.runs:
        run = runs.get(slug)
        if run is None or run.status in (RunStatus.FAILED, RunStatus.LOST):
            counts["failed"] += 1
        elif run.status is RunStatus.SUCCEEDED:
            counts["planned"] += 1
        elif run.status is RunStatus.CANCELLED:
            counts["cancelled"] += 1
        else:
            counts["running"] += 1
    if batch.finished:
        counts["cancelled"] += len(batch.request.slugs) - len(batch.runs) - len(batch.refused)
    return BatchProgress(
        len(batch.request.slugs), **counts, finished=batch.finished and not counts["running"]
    )


def fold(events: Iterable[BatchEvent], *, alive: bool) -> Batch | None:
    """The batch that these events tell; None when they do not begin with a request.

    Args:
        events: the whole journal, in order.
        alive: whether its process lives; without it, nothing more is started.
    """
    batch: Batch | None = None
    for event in events:
        if event.request is not None:
            batch = Batch(request=event.request)
        elif batch is None:
            return None
        elif event.kind is BatchEventKind.BEGUN:
            batch = batch.model_copy(update={"pid": event.pid})
        elif event.kind is BatchEventKind.STARTED:
            batch = batch.model_copy(update={"runs": batch.runs | {event.slug: event.run_id}})
        elif event.kind is BatchEventKind.REFUSED and event.problem is not None:
            batch = batch.model_copy(update={"refused": batch.refused | {event.slug: event.problem}})
        elif event.kind is BatchEventKind.FINISHED:
            batch = batch.model_copy(update={"finished": True})
    if batch is None or batch.finished or alive:
        return batch
    return batch.model_copy(update={"finished": True})


class Batches:
    """All batches known on this machine.

    Args:
        root: the folder of what cannot be made again.
    """

    def __init__(self, root: Path) -> None:
        self._root = root / "batches"

    def folder(self, batch_id: str) -> Path:
        """The folder of a batch.

        Raises:
            FleetError: the id is not one of ours.
        """
        if not batch_id or "/" in batch_id or batch_id.startswith("."):
            raise FleetError.of(ProblemKind.NOT_FOUND, f'"{batch_id}" is not the id of a batch of plans')
        return self._root / batch_id

    def open(self, slugs: Iterable[str], *, operator: str, reason: str) -> Batch:
        """Begin the journal of a batch with its request."""
        now = datetime.now(UTC)
        request = BatchRequest(
            id=f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03d}-plans-{secrets.token_hex(2)}",
            operator=operator,
            slugs=tuple(dict.fromkeys(slugs)),
            reason=reason,
            requested_at=now,
        )
        folder = self.folder(request.id)
        folder.mkdir(parents=True, mode=0o700)
        append(folder, BatchEvent(at=now, kind=BatchEventKind.REQUESTED, request=request))
        return Batch(request=request)

    def get(self, batch_id: str) -> Batch:
        """One batch.

        Raises:
            FleetError: there is no such batch on this machine.
        """
        folder = self.folder(batch_id)
        alive = is_alive(folder)  # asked first: one that ends in between has then written its end already
        batch = fold(events_of(folder), alive=alive)
        if batch is None:
            raise FleetError.of(ProblemKind.NOT_FOUND, f"there is no batch of plans {batch_id} here")
        return batch

    def newest(self) -> Batch | None:
        """The batch that was asked for last."""
        try:
            names = sorted((entry.name for entry in self._root.iterdir()), reverse=True)
        except FileNotFoundError:
            return None
        for name in names:
            try:
                return self.get(name)
            except FleetError:
                continue
        return None


def append(folder: Path, event: BatchEvent) -> None:
    """Append a line to a batch's journal; it is on the disk when this returns."""
    with (folder / JOURNAL).open("ab") as file:
        file.write(event.model_dump_json(exclude_defaults=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def events_of(folder: Path) -> Iterable[BatchEvent]:
    """The journal of the batch in this folder; lines that cannot be read are passed over."""
    try:
        lines = (folder / JOURNAL).read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield BatchEvent.model_validate_json(line)
        except ValidationError:  # a disk that was full, a power cut: the rest of the journal still counts
            continue

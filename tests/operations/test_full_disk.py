"""A disk that is full, and folders that cannot be written: no apply breaks off, and no line is lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from fleet_tui.deploy.memory import StateMemory
from fleet_tui.operations import linefile, runner
from fleet_tui.operations.approvals import Approval, Approvals
from fleet_tui.operations.journal import JOURNAL, Journals, read_events
from fleet_tui.operations.linefile import LineFile
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.model import EventKind, RunStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.rollouts import journal as rollouts
from fleet_tui.rollouts.journal import RolloutJournal
from fleet_tui.rollouts.model import RolloutEventKind
from fleet_tui.settings import Settings
from tests.operations.test_journal import AT, operation


class Disk:
    """A disk on which there is room for so many bytes, and then for so many more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = 10**6
        self.refused = 0
        monkeypatch.setattr(linefile, "write", self._write)

    def _write(self, descriptor: int, content: bytes) -> int:
        if not self.room:
            self.refused += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        written = os.write(descriptor, content[: self.room])
        self.room -= written
        return written


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


def test_a_line_that_there_was_no_room_for_is_written_whole_once_there_is(tmp_path, disk):
    file = LineFile(tmp_path / "lines")
    disk.room = 3
    with pytest.raises(OSError, match="No space"):
        file.append(b"first")
    disk.room = 100
    file.append(b"second")
    assert (tmp_path / "lines").read_bytes() == b"first\nsecond\n"


def test_a_journal_that_cannot_be_written_breaks_off_no_apply(tmp_path, disk):
    journals, asked = Journals(tmp_path), operation()
    writer = journals.open(asked)
    disk.room = 20
    writer.write(EventKind.LOG, "aws_a.this: creating")
    writer.write(EventKind.PROGRESS, "aws_a.this: created", done=1, total=2)
    disk.room = 10**6
    writer.write(EventKind.PROGRESS, "aws_b.this: created", done=2, total=2)
    events = read_events(journals.folder(asked.id))
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert events[2].text == "aws_a.this: created"


async def test_the_end_of_a_run_waits_for_room(tmp_path, disk, monkeypatch):
    async def succeeded(_run):
        disk.room = 5
        return "applied"

    async def make_room(_seconds):
        disk.room = 10**6

    monkeypatch.setattr(runner.engine, "carry_out", succeeded)
    monkeypatch.setattr(runner.asyncio, "sleep", make_room)
    journals, asked = Journals(tmp_path), operation()
    writer = journals.open(asked)
    status = await runner.carry_out(Settings(), journals.folder(asked.id), asked, writer)
    assert (status, disk.refused) == (RunStatus.SUCCEEDED, 1)
    assert journals.get(asked.id).status is RunStatus.SUCCEEDED


async def test_a_run_that_finds_no_room_says_so(tmp_path, disk, monkeypatch):
    async def full(_run):
        raise OSError(errno.ENOSPC, "No space left on device", "/cache/kasper/main.tf")

    monkeypatch.setattr(runner.engine, "carry_out", full)
    journals, asked = Journals(tmp_path), operation()
    await runner.carry_out(Settings(), journals.folder(asked.id), asked, journals.open(asked))
    problem = journals.get(asked.id).problem
    assert (problem.kind, problem.where) == (ProblemKind.MACHINE, "/cache/kasper/main.tf")
    assert problem.what == "the run cannot work on this machine: no space left on device"


def test_a_rollout_waits_for_room_and_begins_nothing_that_is_not_written_down(tmp_path, disk, monkeypatch):
    waited = []

    def make_room(seconds):
        waited.append(seconds)
        disk.room = 10**6

    monkeypatch.setattr(rollouts.time, "sleep", make_room)
    journal = RolloutJournal(tmp_path, lambda: AT)
    disk.room = 7
    journal.write(RolloutEventKind.LOG, "first")
    journal.write(RolloutEventKind.LOG, "second")
    assert len(waited) == 1
    assert [event.text for event in rollouts.read_events(tmp_path)] == ["first", "second"]


@pytest.fixture
def shut(tmp_path) -> Path:
    """What stands where a folder has to be made."""
    (tmp_path / "shut").touch()
    return tmp_path / "shut"


def test_folders_that_cannot_be_written_are_told_in_a_sentence(shut):
    settings = Settings(state_dir=shut, operator="ana@ops")
    executor = LocalExecutor(settings, Journals(settings.state))
    with pytest.raises(FleetError) as caught:
        executor.start(operation())
    assert caught.value.problem.kind is ProblemKind.MACHINE
    assert str(shut) in caught.value.problem.where
    with pytest.raises(FleetError, match="cannot be kept"):
        Approvals(settings.state).keep(Approval(id="a", operator="ana@ops", at=AT, plans=()))
    assert StateMemory(settings.state).get("kasper") is None


def test_a_run_that_ends_at_once_whenever_it_is_taken_up_is_tried_ever_more_seldom(tmp_path, monkeypatch):
    journals, asked, begun = Journals(tmp_path), operation(), []
    folder = journals.folder(asked.id)
    writer = journals.open(asked)
    writer.write(EventKind.STARTED, pid=1)
    (folder / "alive").touch()
    executor = LocalExecutor(Settings(state_dir=tmp_path), journals)
    monkeypatch.setattr(executor, "_begin", lambda folder, alive=None: begun.append(folder))
    clock = SimpleNamespace(seconds=0.0, monotonic=lambda: clock.seconds)
    monkeypatch.setattr("fleet_tui.operations.local.time", clock)
    while clock.seconds < 64:
        executor.adopt()
        clock.seconds += 1
    assert len(begun) == 7  # at once, and after 1, 2, 4, 8, 16, 32 seconds


def test_where_no_process_can_be_started_others_are_not_kept_from_working(tmp_path, monkeypatch):
    journals, asked = Journals(tmp_path), operation()
    writer = journals.open(asked)
    writer.write(EventKind.STARTED, pid=1)
    (journals.folder(asked.id) / "alive").touch()
    executor = LocalExecutor(Settings(state_dir=tmp_path), journals)

    def refuse(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("fleet_tui.operations.local.subprocess.Popen", refuse)
    assert executor.adopt() == []
    assert (journals.folder(asked.id) / JOURNAL).exists()

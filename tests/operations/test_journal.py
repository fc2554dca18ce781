from __future__ import annotations

import fcntl
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.operations.journal import ALIVE, JOURNAL, Journals, hold_alive, is_alive, new_id, read_events
from fleet_tui.operations.model import EventKind, Operation, OperationKind, RunEvent, RunStatus
from fleet_tui.operations.telling import fold
from fleet_tui.problems import FleetError

AT = datetime(2026, 11, 22, 14, 3, 55, tzinfo=UTC)


def operation(slug: str = "kasper", kind: OperationKind = OperationKind.PLAN, at: datetime = AT) -> Operation:
    return Operation(
        id=new_id(kind, slug, at),
        kind=kind,
        slug=slug,
        account_id="210000000001",
        operator="ana@ops",
        requested_at=at,
    )


def test_a_run_is_told_by_its_journal(tmp_path):
    journals = Journals(tmp_path)
    asked = operation()
    with journals_open(journals, asked) as writer, hold_alive(journals.folder(asked.id)):
        assert journals.get(asked.id).status is RunStatus.QUEUED
        writer.write(EventKind.STARTED, pid=4711)
        writer.write(EventKind.PROGRESS, "one", done=1, total=3)
        run = journals.get(asked.id)
        assert (run.status, run.pid, run.done, run.total) == (RunStatus.RUNNING, 4711, 1, 3)
        assert journals.unfinished() == {"kasper": run}
        writer.write(EventKind.FINISHED, "applied", status=RunStatus.SUCCEEDED)
    run = journals.get(asked.id)
    assert (run.status, run.last_text) == (RunStatus.SUCCEEDED, "applied")
    assert journals.unfinished() == {}


class journals_open:  # noqa: N801
    def __init__(self, journals, asked):
        self.writer = journals.open(asked)

    def __enter__(self):
        return self.writer

    def __exit__(self, *_):
        self.writer.close()


def test_a_run_whose_process_is_gone_is_lost(tmp_path):
    journals = Journals(tmp_path)
    asked = operation()
    journals.open(asked).close()
    folder = journals.folder(asked.id)
    with hold_alive(folder):
        assert is_alive(folder)
    assert not is_alive(folder)
    assert journals.get(asked.id).status is RunStatus.LOST


def test_a_line_that_is_still_being_written_is_left_for_next_time(tmp_path):
    journals = Journals(tmp_path)
    asked = operation()
    with journals_open(journals, asked) as writer:
        writer.write(EventKind.LOG, "whole")
        folder = journals.folder(asked.id)
        with (folder / "journal.jsonl").open("ab") as file:
            file.write(b'{"seq":3,"at":"2026')
        assert [event.text for event in read_events(folder)] == ["", "whole"]


def test_a_damaged_line_hides_no_other(tmp_path):
    journals = Journals(tmp_path)
    asked = operation()
    with journals_open(journals, asked) as writer:
        folder = journals.folder(asked.id)
        with (folder / "journal.jsonl").open("ab") as file:
            file.write(b"\x00\xff garbage\n")
        writer._seq += 1
        writer.write(EventKind.LOG, "after")
    events = read_events(folder)
    assert [event.seq for event in events] == [1, 2, 3]
    assert events[2].text == "after"


def test_events_are_read_on_from_where_one_was(tmp_path):
    journals = Journals(tmp_path)
    asked = operation()
    with journals_open(journals, asked) as writer:
        for number in range(5):
            writer.write(EventKind.LOG, str(number))
    assert [event.text for event in read_events(journals.folder(asked.id), after=4)] == ["3", "4"]


@pytest.mark.parametrize("name", ["", "..", "../x", ".hidden", "a/b"])
def test_an_id_is_never_a_path(tmp_path, name):
    with pytest.raises(FleetError):
        Journals(tmp_path).folder(name)


def test_newest_first_and_stray_folders_are_passed_over(tmp_path):
    journals = Journals(tmp_path)
    first, second = operation("kasper"), operation("mina-moor", at=AT.replace(hour=15))
    for asked in (first, second):
        journals.open(asked).close()
    (tmp_path / "runs" / "zzz-stray").mkdir()
    assert [run.operation.slug for run in journals.all()] == ["mina-moor", "kasper"]


@given(
    st.lists(
        st.builds(
            RunEvent,
            seq=st.integers(1, 99),
            at=st.just(AT),
            kind=st.sampled_from(EventKind),
            text=st.text(max_size=5),
            status=st.sampled_from([RunStatus.SUCCEEDED, RunStatus.FAILED]),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_a_run_that_has_ended_stays_ended(events, alive):
    asked = RunEvent(seq=1, at=AT, kind=EventKind.REQUESTED, operation=operation())
    run = fold(
        [asked, *events, RunEvent(seq=9, at=AT, kind=EventKind.FINISHED, status=RunStatus.FAILED)],
        alive=alive,
    )
    assert run is not None
    assert run.status is RunStatus.FAILED


def test_a_run_that_just_begins_to_live_is_never_taken_for_dead(tmp_path, monkeypatch):
    (tmp_path / JOURNAL).touch()
    lock, looks = fcntl.flock, []

    def locking(file, how):
        if how == fcntl.LOCK_EX:
            with monkeypatch.context() as patch:
                patch.setattr(fcntl, "flock", lock)
                looks.append(is_alive(tmp_path))
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", locking)
    with hold_alive(tmp_path):
        monkeypatch.undo()
        assert is_alive(tmp_path)
    assert looks == [True, True]
    assert not is_alive(tmp_path)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(ALIVE)] == [ALIVE]

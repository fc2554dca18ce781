"""What a broken run has left: whose lock it is, which state may be pushed, what can be found and imported."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.deploy import orphans
from fleet_tui.deploy.import_ids import BY_HAND, FINDINGS, FOUND_BY_MORE, WRITTEN_OVER, Described
from fleet_tui.deploy.unsaved_state import refusal, same
from fleet_tui.operations.journal import (
    ALIVE,
    Journals,
    JournalWriter,
    hold_alive,
    orphan_alive,
    process_of,
    read_events,
)
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.model import EventKind, Operation, OperationKind, RunStatus
from fleet_tui.operations.outputs import began, output_name, outputs_of, told_since, verb_of
from fleet_tui.operations.reading import OutputReader
from fleet_tui.operations.recovery import import_blocks
from fleet_tui.operations.recovery_lock import Command, commands_of, left_by
from fleet_tui.operations.unsaved import set_aside, unsaved_states
from fleet_tui.operations.workfolder import WorkFolder
from fleet_tui.problems import FleetError
from fleet_tui.settings import Settings

TERRAFORM = Path(__file__).parents[2] / "terraform"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def lock(at: datetime, who: str = "ana@ops") -> dict[str, str]:
    return {"ID": "x", "Who": who, "Created": at.isoformat().replace("+00:00", "Z"), "Operation": "Apply"}


class TestWhoseLockItIs:
    COMMAND = Command(NOON, NOON + timedelta(minutes=3))

    @given(st.integers(0, 180))
    def test_taken_while_our_command_worked(self, seconds):
        assert left_by(lock(NOON + timedelta(seconds=seconds)), "ops", [self.COMMAND])

    @pytest.mark.parametrize(
        "other",
        [
            lock(NOON + timedelta(minutes=1), "ana@laptop"),
            lock(NOON - timedelta(seconds=1)),
            lock(NOON + timedelta(minutes=4)),
            {"Who": "ana@ops"},
            {"Who": "ana@ops", "Created": "soon"},
        ],
        ids=["of another machine", "before it", "after it", "undated", "unreadable"],
    )
    def test_any_other_stays(self, other):
        assert not left_by(other, "ops", [self.COMMAND])

    def test_nobody_was_there(self):
        assert not left_by(lock(NOON), "ops", [])

    def test_a_command_that_was_locked_out_has_left_none(self, tmp_path):
        journal = JournalWriter(tmp_path)
        for number, (verb, said) in enumerate(
            [("init", "ok"), ("plan", "Error acquiring the state lock")], 1
        ):
            journal.write(EventKind.LOG, began(verb))
            (tmp_path / output_name(number, verb)).write_text(said)
        events = read_events(tmp_path)
        assert [command.begun_at for command in commands_of(tmp_path)] == [events[0].at]


KEPT = {"version": 4, "lineage": "a", "serial": 7, "resources": [{"name": "x"}], "outputs": {}}


class TestStatesThatWereNotSaved:
    def test_onto_the_state_that_it_follows(self):
        assert refusal("kasper", "f", KEPT, KEPT | {"serial": 6, "resources": []}) is None
        assert refusal("kasper", "f", KEPT, None) is None

    @pytest.mark.parametrize("there", [{"lineage": "b", "serial": 1}, {"lineage": "a", "serial": 7}])
    def test_onto_no_other(self, there):
        problem = refusal("kasper", "errored", KEPT, there)
        assert problem is not None
        assert "errored" in problem.what

    def test_proved_only_by_what_it_says(self):
        assert same(KEPT, KEPT | {"serial": 1, "lineage": "b"})
        assert not same(KEPT, KEPT | {"resources": []})
        assert not same(KEPT, None)
        assert same(KEPT | {"resources": [], "lineage": ""}, None)  # a run that had made nothing yet

    def test_one_is_set_aside_under_its_run_and_a_second_one_beside_it(self, tmp_path):
        work, state = tmp_path / "work", tmp_path / "state"
        folder = WorkFolder(work / "kasper" / "creator")
        folder.root.mkdir(parents=True)
        assert set_aside(state, "kasper", folder, "run-1") is None
        for number, content in enumerate(("first", "second")):
            left = folder.root / "errored.tfstate"
            left.write_text(content)
            os.utime(left, ns=(number, number))
            assert unsaved_states(work, state, "kasper")[-1] == left
            kept = set_aside(state, "kasper", folder, "run-1")
            assert kept is not None
            assert kept.stat().st_mode & 0o077 == 0
            assert kept.read_text() == content
        shutil.rmtree(work)  # a cache may be swept away
        assert [file.read_text() for file in unsaved_states(work, state, "kasper")] == ["first", "second"]
        assert unsaved_states(work, state, "otto") == []

    def test_where_there_is_no_room_for_it_it_stays_where_it_is(self, tmp_path):
        work, state = tmp_path / "work", tmp_path / "state"
        folder = WorkFolder(work / "kasper" / "creator")
        folder.root.mkdir(parents=True)
        state.touch()  # no folder can be made there
        left = folder.root / "errored.tfstate"
        left.write_text("first")
        assert set_aside(state, "kasper", folder, "run-1") == left
        assert unsaved_states(work, state, "kasper") == [left]


class TestWhatCanBeFound:
    def types(self) -> set[str]:
        pattern = re.compile(r'^resource "(\w+)"', re.MULTILINE)
        files = (path for path in TERRAFORM.rglob("*.tf") if "tests" not in path.parts)
        return {name for file in files for name in pattern.findall(file.read_text())}

    def test_every_type_has_one_way(self):
        ways = [set(FINDINGS), FOUND_BY_MORE, WRITTEN_OVER, set(BY_HAND)]
        assert sum(map(len, ways)) == len(set.union(*ways))
        assert self.types() <= set.union(*ways)
        assert set(orphans._BY_MORE) == FOUND_BY_MORE

    def test_every_call_is_one_that_the_client_has(self):
        session = botocore.session.get_session()
        for kind, finding in FINDINGS.items():
            service = session.get_service_model(finding.service)
            operations = {xform_name(name): name for name in service.operation_names}
            assert finding.call in operations, f"{kind}: {finding.service} has no {finding.call}"
            model = service.operation_model(operations[finding.call])
            assert set(finding.arguments) <= set(model.input_shape.members), kind
            if isinstance(finding, Described):
                continue
            shape = model.output_shape
            for name in finding.items.split("."):
                shape = shape.members[name]
            for path in finding.fits:
                entry = shape.member
                for name in path.split("."):
                    entry = entry.members[name]


def test_import_blocks_hold_any_address_and_any_id():
    text = import_blocks({'module.a[0].aws_x.y["k/${z}"]': 'id "with" ${all} %{of} it'})
    assert 'to = module.a[0].aws_x.y["k/${z}"]' in text
    assert 'id = "id \\"with\\" $${all} %%{of} it"' in text


class TestReadingAgain:
    STARTED = json.dumps(
        {
            "type": "apply_complete",
            "@message": "made",
            "hook": {"action": "create", "resource": {"addr": "a"}, "elapsed_seconds": 1},
        }
    )

    def reader(self, folder: Path, **more: object) -> OutputReader:
        return OutputReader(JournalWriter(folder), 2, **more)  # type: ignore[arg-type]

    def test_what_was_told_is_not_told_again(self, tmp_path):
        journal = JournalWriter(tmp_path)
        journal.write(EventKind.LOG, began("apply"))
        journal.write(EventKind.PROGRESS, "made", done=1, total=2)
        reader = OutputReader(journal, 2, told=told_since(tmp_path, "apply"))
        reader.read(self.STARTED)
        assert len(read_events(tmp_path)) == 2
        reader.read(self.STARTED)
        assert [event.done for event in read_events(tmp_path)] == [None, 1, 2]

    def test_its_end_is_what_terraform_says(self, tmp_path):
        reader = self.reader(tmp_path)
        reader.read('{"type":"change_summary","@message":"Plan: 1","changes":{"operation":"plan"}}')
        assert not reader.finished
        reader.read('{"type":"change_summary","@message":"Apply","changes":{"operation":"apply"}}')
        assert reader.finished
        assert not reader.stopped
        reader.read('{"type":"log","@message":"\\nInterrupt received.\\nPlease wait"}')
        assert reader.stopped

    def test_outputs_come_in_the_order_of_their_commands(self, tmp_path):
        for number, verb in ((2, "plan"), (1, "init"), (10, "state push")):
            (tmp_path / output_name(number, verb)).touch()
        assert [verb_of(output) for output in outputs_of(tmp_path)] == ["init", "plan", "state push"]


class TestRunsWithoutAProcess:
    def begun(self, tmp_path: Path) -> tuple[Journals, Operation]:
        operation = Operation(
            id="20261122T120000.000-apply-kasper-0000",
            kind=OperationKind.APPLY,
            slug="kasper",
            account_id="1" * 12,
            operator="ana@ops",
            requested_at=NOON,
        )
        journals = Journals(tmp_path)
        journal = journals.open(operation)
        journal.write(EventKind.STARTED, pid=1)
        (journals.folder(operation.id) / "alive").touch()
        return journals, operation

    def test_is_found_until_its_end_is_written(self, tmp_path):
        journals, operation = self.begun(tmp_path)
        assert [run.id for run in journals.orphaned()] == [operation.id]
        assert journals.get(operation.id).status is RunStatus.LOST
        folder = journals.folder(operation.id)
        JournalWriter(folder).write(EventKind.FINISHED, status=RunStatus.SUCCEEDED)
        assert journals.orphaned() == []
        assert journals.unsettled("kasper") == []
        assert journals.get(operation.id).status is RunStatus.SUCCEEDED

    def test_one_that_is_only_on_its_way_is_left_alone(self, tmp_path):
        journals, operation = self.begun(tmp_path)
        folder = journals.folder(operation.id)
        lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
        (folder / "journal.jsonl").write_bytes(lines[0])  # asked for, its file made, and not yet locked
        assert journals.orphaned() == []

    def test_half_a_line_at_the_end_swallows_nothing(self, tmp_path):
        journals, operation = self.begun(tmp_path)
        folder = journals.folder(operation.id)
        with (folder / "journal.jsonl").open("ab") as file:
            file.write(b'{"seq":3,"at":"2026-')
        JournalWriter(folder).write(EventKind.FINISHED, status=RunStatus.LOST)
        assert [event.seq for event in read_events(folder)] == [1, 2, 3, 4]
        assert journals.get(operation.id).finished_at is not None

    def test_nobody_else_is_sent_the_signal_that_was_meant_for_its_process(self, tmp_path):
        journals, operation = self.begun(tmp_path)
        folder = journals.folder(operation.id)
        (folder / ALIVE).write_text(str(os.getpid()))  # an id that the process had which is gone
        assert process_of(folder) is None
        with orphan_alive(folder) as alive:
            assert alive is not None
            assert process_of(folder) is None
            with pytest.raises(FleetError, match="nothing to stop"):
                LocalExecutor(Settings(state_dir=tmp_path), journals).cancel(operation.id)
            with hold_alive(folder, os.dup(alive)):
                assert process_of(folder) == os.getpid()

    def test_is_taken_up_by_one_alone(self, tmp_path):
        journals, operation = self.begun(tmp_path)
        folder = journals.folder(operation.id)
        with orphan_alive(folder) as first, orphan_alive(folder) as second:
            assert first is not None
            assert second is None
            assert journals.orphaned() == []
            assert journals.get(operation.id).status is RunStatus.RUNNING
        assert [run.id for run in journals.orphaned()] == [operation.id]

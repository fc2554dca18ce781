"""The way of a run: guarded, leased, recorded, however it ends. What is done on that way is made up here."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from fleet_tui.deploy.lease import Claim
from fleet_tui.deploy.leases import LEASE_KEY, LeaseHeldError, LeaseLostError, Leases
from fleet_tui.deploy.recordbook import RECORD_KEY, RecordBook
from fleet_tui.deploy.recording import begun, cut_off, ended
from fleet_tui.deploy.variables import BACKEND_STATE_KEY, STATE_KEY
from fleet_tui.operations import beginning, context, engine, recorded
from fleet_tui.operations.context import RunContext
from fleet_tui.operations.journal import Journals, JournalWriter, new_id, read_events
from fleet_tui.operations.leftlease import let_go_of_left
from fleet_tui.operations.model import EventKind, Operation, OperationKind, RunStatus
from fleet_tui.operations.outputs import output_name
from fleet_tui.operations.sign import SIGN, terraform_of
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings
from tests.deploy.test_guards import state
from tests.deploy.test_records import AT, facts
from tests.state_bucket import DOOR, KASPER

TOML = f"""
name = "Kasper Kast"
domain = "kasper.live"
account_id = "{KASPER.account_id}"
region = "{KASPER.region}"
contact = "kasper@kasper.live"
monthly_budget = 150
"""


class Machine:
    """A machine with a console: its own journals and work folders, the same creators."""

    def __init__(self, root, bucket) -> None:
        self.settings = Settings(
            workspace=root / "workspace",
            cache_dir=root / "cache",
            state_dir=root / "state",
            operator="ana@ops",
        )
        self.journals = Journals(self.settings.state)
        self.bucket = bucket
        folder = self.settings.creators / "kasper"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "creator.toml").write_text(TOML)

    def take_up(self, run: RunContext) -> RunContext:
        """The same run in another process, after its own one is gone."""
        journal = JournalWriter(run.folder)
        return RunContext(self.settings, run.folder, run.operation, journal, adopted=True)

    def run(self, kind=OperationKind.RESTORE, **fields) -> RunContext:
        now = datetime.now(UTC)
        operation = Operation(
            id=new_id(kind, "kasper", now),
            kind=kind,
            slug="kasper",
            account_id=KASPER.account_id,
            operator="ana@ops",
            requested_at=now,
            **fields,
        )
        journal = self.journals.open(operation)
        return RunContext(self.settings, self.journals.folder(operation.id), operation, journal)

    def kept(self, key):
        return json.loads(self.bucket.get_object(Bucket=KASPER.state_bucket, Key=key)["Body"].read())

    def held(self):
        found = self.bucket.list_objects_v2(Bucket=KASPER.state_bucket).get("Contents", [])
        return {item["Key"] for item in found}

    def put(self, key, content) -> None:
        self.bucket.put_object(Bucket=KASPER.state_bucket, Key=key, Body=json.dumps(content).encode())


@pytest.fixture
def machine(s3, tmp_path, monkeypatch):
    monkeypatch.setattr(context, "AwsDoor", lambda operator: DOOR)
    made = Machine(tmp_path, s3)
    made.put(BACKEND_STATE_KEY, {})
    return made


@pytest.fixture
def does(monkeypatch):
    """Have every kind of operation do this."""

    def do(act) -> None:
        for way in ("carry_out_of", "take_up_of"):
            monkeypatch.setattr(engine, way, lambda _kind: act)

    return do


def terraform_at_work(folder) -> subprocess.Popen[bytes]:
    """What stands for a Terraform whose run has lost its process, with its sign of life."""
    words = [sys.executable, beginning.__file__, str(folder / SIGN), str(os.getpid()), "/bin/sleep", "600"]
    process = subprocess.Popen(words)
    while terraform_of(folder) is None:
        assert process.poll() is None
    return process


def said(run):
    return [event.text for event in read_events(run.folder)]


async def nothing(_run, _creator):
    return "done"


async def test_a_run_that_writes_holds_the_lease_and_is_recorded_with_the_state_before_and_after(
    machine, does
):
    machine.put(STATE_KEY, state(serial=4))
    seen = {}

    async def act(run, creator):
        seen.update(machine.kept(LEASE_KEY))
        seen["writing"] = machine.kept(RECORD_KEY)["writing"]["run_id"]
        await run.about_to_write()
        seen["last_run"] = machine.kept(RECORD_KEY)["last_run"]["outcome"]
        machine.put(STATE_KEY, state(serial=5))
        return "done"

    does(act)
    run = machine.run(OperationKind.APPLY, reason="new prices", target="none")
    assert await engine.carry_out(run) == "done"
    assert (seen["claim"]["run_id"], seen["claim"]["reason"]) == (run.operation.id, "new prices")
    assert (seen["released_at"], seen["writing"], seen["last_run"]) == (None, run.operation.id, "running")
    lease, record = machine.kept(LEASE_KEY), machine.kept(RECORD_KEY)
    assert lease["released_at"] is not None
    assert "writing" not in record
    assert (record["last_run"]["outcome"], record["state"]["serial"]) == ("succeeded", 5)
    entry = record["newest"]
    assert (entry["run"]["before"]["serial"], entry["end"]["after"]["serial"]) == (4, 5)
    assert (entry["run"]["lease"], entry["run"]["reason"], entry["end"]["outcome"]) == (
        1,
        "new prices",
        "succeeded",
    )
    assert run.records.verify(KASPER) == (1, None)


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (FleetError.of(ProblemKind.TERRAFORM, "no table"), "failed"),
        (asyncio.CancelledError(), "cancelled"),
        (ZeroDivisionError(), "failed"),
    ],
)
async def test_however_it_ends_the_lease_is_let_go_of_and_the_end_is_recorded(machine, does, raised, outcome):
    async def act(run, creator):
        await run.about_to_write()
        raise raised

    does(act)
    run = machine.run(OperationKind.APPLY)
    with pytest.raises(type(raised)):
        await engine.carry_out(run)
    record = machine.kept(RECORD_KEY)
    assert (record["newest"]["end"]["outcome"], record["last_run"]["outcome"]) == (outcome, outcome)
    assert machine.kept(LEASE_KEY)["released_at"] is not None


async def test_what_somebody_else_holds_is_left_alone_and_named(machine, does):
    does(nothing)
    other = Claim(run_id="x", kind="apply", operator="ben@ops", host="desk")
    run = machine.run()
    Leases(run.door).take(KASPER, other)
    with pytest.raises(LeaseHeldError, match="ben@ops since"):
        await engine.carry_out(run)
    assert RECORD_KEY not in machine.held()


async def test_or_waited_for_when_that_was_asked(machine, does, monkeypatch):
    does(nothing)
    leases = Leases(machine.run().door)
    held = leases.take(KASPER, Claim(run_id="x", kind="apply", operator="ben@ops", host="desk"))
    run = machine.run(wait=True)

    async def meanwhile(_seconds):
        leases.release(KASPER, held)

    monkeypatch.setattr(engine.asyncio, "sleep", meanwhile)
    assert await engine.carry_out(run) == "done"
    assert any(text.startswith("waiting: the lease is held by ben@ops") for text in said(run))


async def test_an_end_that_does_not_get_through_is_recorded_a_little_later(machine, does, monkeypatch):
    change, refused = RecordBook.change, []

    async def act(run, creator):
        monkeypatch.setattr(RecordBook, "change", busy)
        return "done"

    def busy(book, creator, how):
        if len(refused) < 2:
            refused.append(1)
            raise FleetError.of(ProblemKind.SERVICE, "PutObject failed on AWS' side (SlowDown)")
        return change(book, creator, how)

    does(act)
    monkeypatch.setattr(recorded, "_AGAIN_SECONDS", 0.0)
    run = machine.run(OperationKind.APPLY)
    assert await engine.carry_out(run) == "done"
    assert [entry.end.outcome for entry in run.records.entries(KASPER)] == ["succeeded"]
    assert machine.kept(LEASE_KEY)["released_at"] is not None


@pytest.fixture
async def left(machine, does, monkeypatch):
    """A run that has ended while the way to AWS was cut: with its lease held, and its end not recorded."""
    leases = {"renew": Leases.renew, "release": Leases.release}

    async def cut_off(run, creator):
        for name in leases:
            monkeypatch.setattr(Leases, name, no_answer)
        return "done"

    def no_answer(*_):
        raise FleetError.of(ProblemKind.NETWORK, "no answer")

    does(cut_off)
    run = machine.run(OperationKind.APPLY)
    monkeypatch.setattr(recorded, "may_work", lambda _since: False)
    assert await engine.carry_out(run) == "done"
    for name, way in leases.items():
        monkeypatch.setattr(Leases, name, way)
    assert machine.kept(LEASE_KEY)["released_at"] is None
    does(nothing)
    return run


async def test_a_lease_that_a_run_of_this_machine_has_left_keeps_nobody_here_waiting(machine, left, tmp_path):
    with pytest.raises(LeaseHeldError):
        await engine.carry_out(machine.run(OperationKind.APPLY))  # its end is not written yet
    left.journal.write(EventKind.FINISHED, status=RunStatus.SUCCEEDED)
    elsewhere = Machine(tmp_path / "other", machine.bucket)
    with pytest.raises(LeaseHeldError):
        await engine.carry_out(elsewhere.run(OperationKind.APPLY))
    run = machine.run(OperationKind.APPLY)
    assert await engine.carry_out(run) == "done"
    assert any("took over a lease that was left behind" in text for text in said(run))
    assert machine.kept(LEASE_KEY)["number"] == 2
    assert run.records.verify(KASPER) == (2, None)


async def test_and_whoever_looks_here_lets_go_of_it_and_records_the_end(machine, left):
    def look():
        return left.buckets.observe(KASPER)

    assert not let_go_of_left(DOOR, machine.journals, KASPER, look().lease)
    left.journal.write(EventKind.FINISHED, status=RunStatus.SUCCEEDED)
    assert let_go_of_left(DOOR, machine.journals, KASPER, look().lease)
    assert look().lease is None
    assert machine.kept(LEASE_KEY)["released_at"] is not None
    (entry,) = left.records.entries(KASPER)
    assert (entry.run.run_id, entry.end.outcome) == (left.operation.id, "succeeded")
    assert not let_go_of_left(DOOR, machine.journals, KASPER, look().lease)


async def test_a_plan_needs_no_lease_and_leaves_no_record_of_its_own(machine, does):
    machine.put(STATE_KEY, state())
    does(nothing)
    await engine.carry_out(machine.run(OperationKind.PLAN))
    assert LEASE_KEY not in machine.held()
    assert "newest" not in machine.kept(RECORD_KEY)
    assert machine.kept(RECORD_KEY)["state"]["lineage"] == "a"


@pytest.mark.parametrize(("kind", "wrong"), [(OperationKind.PLAN, state("b")), (OperationKind.APPLY, None)])
async def test_a_wrong_state_stops_every_run_before_anything_is_written(machine, does, kind, wrong):
    machine.put(STATE_KEY, state(serial=4))
    does(nothing)
    await engine.carry_out(machine.run(OperationKind.PLAN))
    before = machine.kept(RECORD_KEY)
    if wrong is None:
        machine.bucket.delete_object(Bucket=KASPER.state_bucket, Key=STATE_KEY)
    else:
        machine.put(STATE_KEY, wrong)
    does(lambda *_: pytest.fail("it was done"))
    with pytest.raises(FleetError, match="nothing was done"):
        await engine.carry_out(machine.run(kind))
    assert machine.kept(RECORD_KEY) == before
    assert LEASE_KEY not in machine.held()


async def test_but_not_the_one_that_mends_it(machine, does):
    machine.put(STATE_KEY, state(serial=4))
    does(nothing)
    await engine.carry_out(machine.run(OperationKind.PLAN))
    machine.put(STATE_KEY, state("b"))
    assert await engine.carry_out(machine.run(OperationKind.RESTORE)) == "done"


async def test_a_run_whose_lease_was_broken_stops_and_records_nothing_more(machine, does):
    went_on = []

    async def act(run, creator):
        Leases(run.door).break_off(KASPER, 1, "ben@ops")
        await run.about_to_write()
        went_on.append(run)

    does(act)
    run = machine.run(OperationKind.APPLY)
    with pytest.raises(LeaseLostError, match="broken by ben@ops"):
        await engine.carry_out(run)
    assert went_on == []
    assert machine.kept(RECORD_KEY)["writing"]["run_id"] == run.operation.id
    assert any("the end of this run could not be recorded" in text for text in said(run))


async def test_whoever_writes_next_records_the_end_of_a_run_that_could_not(machine, does, tmp_path):
    async def cut_off(run, creator):
        Leases(run.door).break_off(KASPER, 1, "ben@ops")
        raise FleetError.of(ProblemKind.NETWORK, "no answer")

    does(cut_off)
    first = machine.run(OperationKind.APPLY)
    with pytest.raises(LeaseLostError):
        await engine.carry_out(first)
    first.journal.write(EventKind.FINISHED, "no answer", status=RunStatus.FAILED)
    does(nothing)
    second = machine.run(OperationKind.APPLY)
    await engine.carry_out(second)
    entries = second.records.entries(KASPER)
    # Its journal is on this machine, and tells how it ended.
    assert [(entry.run.run_id, entry.end.outcome) for entry in reversed(entries)] == [
        (first.operation.id, "failed"),
        (second.operation.id, "succeeded"),
    ]
    assert any(
        f"the end of {first.operation.id} by ana@ops was never recorded" in text for text in said(second)
    )


async def test_on_another_machine_nobody_knows_and_it_is_lost(machine, does, tmp_path):
    async def cut_off(run, creator):
        Leases(run.door).break_off(KASPER, 1, "ben@ops")
        raise FleetError.of(ProblemKind.NETWORK, "no answer")

    does(cut_off)
    with pytest.raises(LeaseLostError):
        await engine.carry_out(machine.run(OperationKind.APPLY))
    does(nothing)
    other = Machine(tmp_path / "other", machine.bucket)
    run = other.run(OperationKind.APPLY)
    await engine.carry_out(run)
    assert [entry.end.outcome for entry in run.records.entries(KASPER)] == ["succeeded", "lost"]
    assert run.records.verify(KASPER) == (2, None)


async def test_a_run_that_is_taken_up_again_goes_on_with_its_lease_and_its_record(machine, does):
    first = machine.run(OperationKind.APPLY)
    held = Leases(DOOR).take(KASPER, Claim(run_id=first.operation.id, kind="apply", operator="a", host="h"))
    early = facts(first.operation.id)
    first.records.change(KASPER, lambda it: begun(it, early, cut_off=cut_off(AT)))
    does(nothing)
    second = machine.take_up(first)
    assert await engine.carry_out(second) == "done"
    (entry,) = second.records.entries(KASPER)
    assert (entry.run, entry.end.outcome) == (early, "succeeded")
    assert machine.kept(LEASE_KEY)["number"] == held.lease.number


async def test_a_run_that_cannot_be_taken_up_leaves_no_terraform_at_work_alone(machine, does, monkeypatch):
    first = machine.run(OperationKind.APPLY)
    (first.folder / output_name(1, "apply")).touch()
    pid = terraform_at_work(first.folder)
    monkeypatch.setattr(engine, "_AGAIN_SECONDS", 0.0)
    tries = []

    def cut(_creator):
        tries.append(1)
        raise FleetError.of(ProblemKind.NETWORK, "no answer")

    second = machine.take_up(first)
    monkeypatch.setattr(second.door, "prove_account", cut)
    monkeypatch.setattr(engine, "may_work", lambda _since: len(tries) < 3)
    with pytest.raises(FleetError, match="no answer"):
        await engine.carry_out(second)
    assert len(tries) == 3  # what passes is waited for, as by a run that cannot renew its lease
    assert terraform_of(first.folder) is None
    assert pid.wait() == -signal.SIGINT


async def test_nor_one_whose_creator_is_gone(machine, does):
    first = machine.run(OperationKind.APPLY)
    (first.folder / output_name(1, "apply")).touch()
    pid = terraform_at_work(first.folder)
    (machine.settings.creators / "kasper" / "creator.toml").unlink()
    with pytest.raises(FleetError, match=r"creator\.toml is missing"):
        await engine.carry_out(machine.take_up(first))
    assert pid.wait() == -signal.SIGINT


async def test_but_is_not_recorded_twice_where_somebody_else_has_done_it(machine, does):
    first = machine.run(OperationKind.APPLY)
    early = facts(first.operation.id)
    first.records.change(KASPER, lambda it: begun(it, early, cut_off=cut_off(AT)))
    does(nothing)
    Leases(DOOR).release(
        KASPER, Leases(DOOR).take(KASPER, Claim(run_id="x", kind="a", operator="b", host="c"))
    )
    first.records.change(KASPER, lambda it: ended(it, first.operation.id, cut_off(AT)))
    second = machine.take_up(first)
    assert await engine.carry_out(second) == "done"
    assert [entry.end.outcome for entry in second.records.entries(KASPER)] == ["lost"]
    assert second.records.verify(KASPER) == (1, None)

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet_tui.machine import RUN_MEGABYTES, free_megabytes, parallel_runs, total_megabytes
from fleet_tui.operations.journal import hold_alive
from fleet_tui.operations.model import Operation, OperationKind, Run, RunStatus
from fleet_tui.planning.batches import (
    Batch,
    Batches,
    BatchEvent,
    BatchEventKind,
    BatchRequest,
    append,
    progress_of,
)
from fleet_tui.planning.planner import Planner, may_start
from fleet_tui.problems import FleetError, ProblemKind

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


class SlowFleet:
    """Starts runs that end when a test says so."""

    def __init__(self, busy: frozenset[str] = frozenset()) -> None:
        self.busy = busy
        self.runs: dict[str, Run] = {}
        self.cancelled: list[str] = []

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        if slug in self.busy:
            raise FleetError.of(ProblemKind.CONFLICT, "an apply is going on", where=slug)
        operation = Operation(
            id=f"plan-{slug}",
            kind=OperationKind.PLAN,
            slug=slug,
            account_id="210000000001",
            operator="ana",
            reason=reason,
            requested_at=AT,
        )
        self.runs[operation.id] = Run(operation=operation, status=RunStatus.RUNNING)
        return self.runs[operation.id]

    def run(self, run_id: str) -> Run:
        return self.runs[run_id]

    def cancel(self, run_id: str) -> None:
        self.cancelled.append(run_id)

    def end(self, run_id: str, status: RunStatus) -> None:
        self.runs[run_id] = self.runs[run_id].model_copy(update={"status": status})

    @property
    def going(self) -> list[str]:
        return [run_id for run_id, run in self.runs.items() if not run.finished]


@pytest.fixture
def batches(tmp_path) -> Batches:
    return Batches(tmp_path)


def planner_of(batches: Batches, fleet: SlowFleet, slugs: list[str], *, places: int = 2, free: int = 9000):
    batch = batches.open(slugs, operator="ana", reason="new player")
    return Planner(fleet, batches.folder(batch.id), batch, places=places, free=lambda: free), batch.id


def test_as_many_go_on_as_there_are_places_and_one_more_gets_ready(batches):
    fleet = SlowFleet()
    planner, batch_id = planner_of(batches, fleet, list("abcdef"))
    planner.step()
    assert fleet.going == ["plan-a", "plan-b", "plan-c"]
    fleet.end("plan-b", RunStatus.FAILED)
    planner.step()
    assert fleet.going == ["plan-a", "plan-c", "plan-d"]
    assert {run.operation.reason for run in fleet.runs.values()} == {"new player"}
    assert batches.get(batch_id).runs == {slug: f"plan-{slug}" for slug in "abcd"}


def test_without_memory_one_goes_on_at_a_time(batches):
    fleet = SlowFleet()
    planner, _ = planner_of(batches, fleet, list("abc"), free=100)
    planner.step()
    planner.step()
    assert fleet.going == ["plan-a"]


def test_whoever_is_busy_is_told_and_keeps_nobody_waiting(batches):
    fleet = SlowFleet(frozenset("ab"))
    planner, batch_id = planner_of(batches, fleet, list("abc"))
    planner.step()
    assert fleet.going == ["plan-c"]
    assert set(batches.get(batch_id).refused) == {"a", "b"}


def test_stopping_starts_nobody_any_more_and_asks_those_who_go_on(batches):
    fleet = SlowFleet()
    planner, _ = planner_of(batches, fleet, list("abcdef"))
    planner.step()
    planner.stop()
    assert fleet.cancelled == ["plan-a", "plan-b", "plan-c"]
    for run_id in fleet.going:
        fleet.end(run_id, RunStatus.CANCELLED)
    planner.step()
    assert planner.done
    assert len(fleet.runs) == 3


def test_a_batch_whose_process_is_gone_starts_nothing_more(batches):
    batch = batches.open(["a", "b"], operator="ana", reason="")
    folder = batches.folder(batch.id)
    with hold_alive(folder):
        append(folder, BatchEvent(at=AT, kind=BatchEventKind.STARTED, slug="a", run_id="plan-a"))
        assert not batches.get(batch.id).finished
    assert batches.get(batch.id).finished
    assert batches.newest().id == batch.id


def test_a_line_that_was_cut_off_is_passed_over(batches):
    batch = batches.open(["a"], operator="ana", reason="")
    with (batches.folder(batch.id) / "journal.jsonl").open("ab") as file:
        file.write(b'{"at": "2026\n')
    append(
        batches.folder(batch.id), BatchEvent(at=AT, kind=BatchEventKind.STARTED, slug="a", run_id="plan-a")
    )
    assert batches.get(batch.id).runs == {"a": "plan-a"}


def test_what_is_no_batch_is_not_found(batches):
    for name in ("", "../x", ".x", "nothing"):
        with pytest.raises(FleetError):
            batches.get(name)
    assert batches.newest() is None


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.none() | st.sampled_from(RunStatus)),
    st.integers(0, 5),
    st.booleans(),
)
def test_every_creator_is_counted_once(statuses, waiting, finished):
    slugs = (*statuses, *(f"later-{number}" for number in range(waiting)))
    batch = Batch(request=BatchRequest(id="b", operator="ana", slugs=slugs, requested_at=AT))
    runs = {
        slug: None if status is None else SlowFleet().plan(slug).model_copy(update={"status": status})
        for slug, status in statuses.items()
    }
    batch = batch.model_copy(
        update={"runs": {slug: f"plan-{slug}" for slug in statuses}, "finished": finished}
    )
    progress = progress_of(batch, runs)
    counted = progress.planned + progress.failed + progress.cancelled + progress.running + progress.waiting
    assert counted == progress.total == len(batch.request.slugs)
    assert progress.waiting == (0 if finished else waiting)
    assert not (progress.finished and progress.running)


@given(st.integers(0, 40), st.integers(1, 32), st.integers(0, 100_000))
def test_a_run_is_started_only_where_there_is_room_and_one_always_goes_on(going, places, megabytes):
    may = may_start(going, places, megabytes)
    assert may or going > 0
    assert not may or going == 0 or (going <= places and megabytes >= RUN_MEGABYTES)


def test_a_machine_takes_as_many_runs_as_are_good_for_it():
    assert [parallel_runs(cores, 64_000) for cores in (1, 2, 4, 100)] == [1, 3, 6, 32]
    assert parallel_runs(2, 1_000) == 1
    assert parallel_runs(8, 8_000) == 6
    assert 0 < free_megabytes() <= total_megabytes()


class Batching(RuleBasedStateMachine):
    """Whatever happens in whatever order, nobody is planned twice and the places are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.fleet = SlowFleet(frozenset("b"))
        self.places = 2
        self.planner, _ = planner_of(Batches(Path(self.folder.name)), self.fleet, list("abcdefg"))

    @rule()
    def step(self) -> None:
        self.planner.step()

    @precondition(lambda self: self.fleet.going)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(self.fleet.going))
        self.fleet.end(run_id, data.draw(st.sampled_from([RunStatus.SUCCEEDED, RunStatus.LOST])))

    @invariant()
    def places_are_kept(self) -> None:
        assert len(self.fleet.going) <= self.places + 1

    def teardown(self) -> None:
        for _ in range(20):
            self.planner.step()
            for run_id in self.fleet.going:
                self.fleet.end(run_id, RunStatus.SUCCEEDED)
        assert self.planner.done
        assert set(self.fleet.runs) == {f"plan-{slug}" for slug in "acdefg"}
        self.folder.cleanup()


TestBatching = Batching.TestCase
TestBatching.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)

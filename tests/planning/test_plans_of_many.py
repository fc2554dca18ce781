"""Many creators planned by the real process and the real Terraform, approved, and applied."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fleet_tui.cli.main import cli
from fleet_tui.fleet import Fleet
from fleet_tui.operations.grouping import grouped
from fleet_tui.operations.model import RunStatus
from fleet_tui.operations.savedplans import PLAN_FILE
from fleet_tui.problems import ProblemKind
from fleet_tui.sandbox.emulator.process import Emulator
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

SECRET = "hunter2-of-the-fleet"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna", "ben")
        for slug in made.accounts:
            made.write(slug, size="1", change=SECRET)
        yield made
    emulator.stop()


def apply_approved(fleet: Fleet, plan_id: str, approval: str):
    return ended(
        fleet,
        fleet.rollout_hands.apply(
            plan_id, reason="", approval=approval, rollout="", announce=lambda operation: None
        ),
    )


def holding(folder: Path, text: str) -> set[str]:
    """Names of the files below a folder that hold a text."""
    return {file.name for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()}


def test_plans_are_made_together_approved_once_and_applied_as_long_as_they_are_fresh(small):
    fleet = small.fleet()
    planned = CliRunner().invoke(cli, ["plan", "--all", "--json"], prog_name="fleet")
    assert planned.exit_code == 0, planned.stderr
    assert "planned 2 of 2" in planned.stderr
    (told,) = json.loads(planned.stdout)["groups"]
    assert told["creators"] == ["anna", "ben"]
    assert told["risk"]["level"] == "low"

    # One group, with names and without values; the saved plans are for their owner alone.
    (group,) = grouped(fleet.planning.plans()).groups
    assert group.fingerprint == told["fingerprint"]
    anna, ben = group.plans
    assert anna.plan.digest != ben.plan.digest
    runs = small.root / "state" / "small" / "runs"
    assert {stat.S_IMODE((runs / plan.id / PLAN_FILE).stat().st_mode) for plan in group.plans} == {0o600}
    assert holding(runs, SECRET) <= {PLAN_FILE}
    assert holding(small.root / "state" / "small" / "batches", SECRET) == set()

    # Only what was approved is applied, and only as long as nothing has moved.
    assert fleet.planning.stale_of([anna.id, ben.id]) == {}
    approval = fleet.planning.approve([anna], reason="new player")
    refused = apply_approved(fleet, ben.id, approval.id)
    assert refused.status is RunStatus.FAILED
    assert refused.problem.kind is ProblemKind.DENIED
    small.write("ben", size="1", change="another")
    assert fleet.planning.stale(ben.id) == "the configuration has changed since"
    stale = ended(fleet, fleet.apply(ben.id))
    assert stale.problem.kind is ProblemKind.STALE
    assert "stale" in stale.problem.what
    assert small.parameters("ben") == {}

    applied = apply_approved(fleet, anna.id, approval.id)
    assert applied.status is RunStatus.SUCCEEDED, applied.problem
    assert applied.operation.approval == approval.id
    assert small.parameters("anna") == {"/anna/part-0": SECRET}
    assert not (runs / anna.id / PLAN_FILE).exists()
    assert holding(runs / applied.id, SECRET) == set()
    assert "gone" in fleet.planning.stale(anna.id)
    fleet.stop()


def test_a_batch_that_is_stopped_ends_its_runs(small):
    fleet = small.fleet()
    account = {"account": small.accounts["ben"]}
    small.emulator.call("gates/set", account | {"service": "sts", "operation": "GetCallerIdentity"})
    batch = fleet.planning.start(["ben"])
    comes(lambda: any(gate["waiting"] for gate in small.emulator.call("gates", account)["gates"]))
    fleet.planning.stop(batch.id)
    (run_id,) = fleet.planning.batch(batch.id).runs.values()
    comes(lambda: any("asked to stop" in event.text for event in fleet.run_events(run_id)))
    small.emulator.call("gates/release", account)
    comes(lambda: fleet.planning.progress(fleet.planning.batch(batch.id)).finished)
    stopped = fleet.planning.batch(batch.id)
    assert fleet.run(run_id).status is RunStatus.CANCELLED
    progress = fleet.planning.progress(stopped)
    assert (progress.cancelled, progress.running, progress.waiting) == (1, 0, 0)
    fleet.stop()


def comes(sight: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + 60
    while not sight():
        assert time.monotonic() < deadline
        time.sleep(0.05)

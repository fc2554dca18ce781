"""Two machines and one creator, with the real Terraform: of two who apply at once, one does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet_tui.deploy.lease import LeaseStatus
from fleet_tui.deploy.model import DeployStatus
from fleet_tui.deploy.statelock import LOCK_KEY
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import Facet
from fleet_tui.operations.model import RunStatus
from fleet_tui.operations.unlocking import to_break
from fleet_tui.problems import ProblemKind
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.settings import load_settings
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna")
    emulator.stop()


def another_machine(small: SmallFleet, operator: str) -> Fleet:
    """A console on a machine of its own: the same creators, and no journal or work folder in common."""
    config = small.root / f"{operator.partition('@')[0]}.toml"
    text = (small.root / "fleet.toml").read_text()
    for name in ("cache", "state"):
        text = text.replace(f'{name}_dir = "{name}"', f'{name}_dir = "{config.stem}-{name}"')
    config.write_text(text.replace("ana@small", operator))
    return Fleet(load_settings(os.environ | {"FLEET_CONFIG": str(config)}, cwd=Path(small.root)))


def test_of_two_who_apply_at_once_one_does_and_then_all_is_destroyed(small):
    ana, ben = small.fleet(), another_machine(small, "ben@other")
    plans = [ended(console, console.plan("anna")) for console in (ana, ben)]
    assert [plan.plan.add for plan in plans] == [3, 3]
    applies = [console.apply(plan.id) for console, plan in zip((ana, ben), plans, strict=True)]
    applies = [ended(console, run) for console, run in zip((ana, ben), applies, strict=True)]
    assert {run.status for run in applies} == {RunStatus.SUCCEEDED, RunStatus.FAILED}
    refused = next(run for run in applies if run.status is RunStatus.FAILED)
    assert refused.problem.kind in {ProblemKind.CONFLICT, ProblemKind.STALE, ProblemKind.BUSY}
    assert small.state("anna")["serial"] == 1
    assert len(small.parameters("anna")) == 3

    # What both did is on record, beside the state: each console reads it.
    entries = ben.records.entries("anna", 10)
    assert "succeeded" in [entry.end.outcome for entry in entries]
    assert {entry.run.run_id for entry in entries} <= {run.id for run in applies}
    assert ana.records.verify("anna") == (len(entries), None)

    planned = ended(ben, ben.plan_destroy("anna"))
    assert planned.plan.destroy == 3, planned.problem
    gone = ended(ben, ben.destroy(planned.id, reason="has left us"))
    assert gone.status is RunStatus.SUCCEEDED, gone.problem
    assert small.parameters("anna") == {}
    assert small.state("anna")["resources"] == []
    newest = ana.records.entries("anna", 1)[0]
    assert (newest.run.kind, newest.run.reason, newest.end.outcome) == ("destroy", "has left us", "succeeded")
    assert ana.observatory.look_once(["anna"], [Facet.DEPLOY], seconds=30)
    deploy = ana.snapshot().rows["anna"].deploy.value
    assert (deploy.status, deploy.reason) == (DeployStatus.NEVER_DEPLOYED, "destroyed")
    for console in (ana, ben):
        console.stop()


def test_what_terraform_left_locked_is_shown_and_broken_only_if_it_is_that(small):
    fleet, s3 = small.fleet(), small.client("s3", "anna")
    lock = {
        "ID": "one",
        "Who": "ben@other",
        "Operation": "OperationTypeApply",
        "Created": "2026-11-22T14:03:55Z",
    }

    def put(lock_id):
        s3.put_object(
            Bucket=small.bucket("anna"), Key=LOCK_KEY, Body=json.dumps(lock | {"ID": lock_id}).encode()
        )

    put("one")
    holders = fleet.locks.look("anna")
    assert (holders.status, holders.lock.who) == (LeaseStatus.FREE, "ben@other")
    put("two")  # somebody else holds it by the time that the answer is given
    refused = ended(fleet, fleet.locks.break_off("anna", to_break(holders), reason=""))
    assert refused.problem.kind is ProblemKind.CONFLICT
    assert fleet.locks.look("anna").lock.id == "two"
    broken = ended(
        fleet, fleet.locks.break_off("anna", to_break(fleet.locks.look("anna")), reason="it is dead")
    )
    assert broken.status is RunStatus.SUCCEEDED, broken.problem
    assert not fleet.locks.look("anna").held
    newest = fleet.records.entries("anna", 1)[0]
    assert (newest.run.kind, newest.run.reason, newest.end.summary) == (
        "unlock", "it is dead", "Terraform's lock removed",
    )  # fmt: skip
    fleet.stop()

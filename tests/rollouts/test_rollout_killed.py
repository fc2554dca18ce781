"""A rollout whose process is killed while an apply goes on: the apply ends by itself, and is found again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet_tui.deploy.records import RunEntry
from fleet_tui.operations.model import OperationKind
from fleet_tui.rollouts.model import RolloutStatus
from fleet_tui.rollouts.records import read_record
from fleet_tui.sandbox.emulator.process import Emulator
from tests.rollouts.small_rollout import comes_to, ended_rollout, has_begun, kill, plans, set_rollout, until
from tests.small_fleet import SmallFleet, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna")
        set_rollout(made, healthy_minutes=0)
        yield made
    emulator.stop()


def test_a_killed_rollout_finds_its_apply_again(small):
    fleet = small.fleet()
    rollout = fleet.rollouts.start(plans(fleet, ["anna"]), reason="new parameters")
    (run_id,) = comes_to(fleet, rollout, anna="applying").member("anna").run_ids
    until(lambda: has_begun(fleet, run_id), "the apply's beginning")
    kill(fleet, rollout)
    assert fleet.rollouts.get(rollout.id).status is RolloutStatus.LOST

    fleet.rollouts.resume(rollout.id)
    assert ended_rollout(fleet, rollout).status is RolloutStatus.SUCCEEDED
    assert len(small.parameters("anna")) == 3
    applies = [run for run in fleet.runs() if run.operation.kind is OperationKind.APPLY]
    assert [run.id for run in applies] == [run_id]
    record = read_record(fleet.rollouts.folder(rollout.id))
    assert (record.legs, record.members[0].run_ids) == (2, (run_id,))

    kept = small.client("s3", "anna").get_object(Bucket=small.bucket("anna"), Key=f"fleet/runs/{run_id}.json")
    facts = RunEntry.model_validate_json(kept["Body"].read()).run
    assert (facts.rollout, facts.approval.id) == (rollout.id, rollout.request.approval)
    fleet.stop()

"""Four creators in three waves, one live, one failing, the rollout killed in the middle and resumed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet_tui.operations.model import OperationKind, RunStatus
from fleet_tui.problems import FleetError
from fleet_tui.rollouts.model import RolloutStatus
from fleet_tui.rollouts.records import read_record
from fleet_tui.sandbox.emulator.process import Emulator
from tests.rollouts.small_rollout import (
    comes_to,
    ended_rollout,
    has_begun,
    kill,
    let_stream,
    plans,
    set_rollout,
    stream,
    until,
)
from tests.small_fleet import SmallFleet, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

SLUGS = ["anna", "ben", "cleo", "dan"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, *SLUGS)
        set_rollout(made, healthy_minutes=0.02)
        made.write("anna", wave="canary", slow="1")  # slow enough to be killed in the middle of it
        made.write("ben", wave="early")
        made.write("cleo", wave="early")
        yield made
    emulator.stop()


def test_three_waves_with_one_live_one_failing_and_the_rollout_killed_and_resumed(small):
    fleet = small.fleet()
    channel = let_stream(small, "dan")
    stream(small, "dan", channel, on=True)
    refused = {"account": small.accounts["ben"], "service": "ssm", "operation": "PutParameter"}
    small.emulator.call(
        "faults/set", refused | {"status": 400, "code": "AccessDeniedException", "message": "no"}
    )
    ids = plans(fleet, SLUGS)

    rollout = fleet.rollouts.start(ids, reason="new parameters")
    going = comes_to(fleet, rollout, anna="applying")
    (run_id,) = going.member("anna").run_ids
    until(lambda: has_begun(fleet, run_id), "anna's run")
    with pytest.raises(FleetError, match="is going on"):
        fleet.rollouts.resume(rollout.id)
    kill(fleet, rollout)
    assert fleet.rollouts.get(rollout.id).status is RolloutStatus.LOST
    assert not fleet.run(run_id).finished  # its own process, untouched

    fleet.rollouts.resume(rollout.id)
    comes_to(fleet, rollout, anna="applied", ben="failed", cleo="applied", dan="put_back")
    assert small.parameters("dan") == {}
    stream(small, "dan", channel, on=False)
    first = ended_rollout(fleet, rollout)
    assert first.status is RolloutStatus.INCOMPLETE
    assert first.cause == "1 failed: ben"
    assert first.member("anna").run_ids == (run_id,)

    small.emulator.call("faults/clear", refused)
    fleet.rollouts.resume(rollout.id)
    last = ended_rollout(fleet, rollout)
    assert last.status is RolloutStatus.SUCCEEDED
    assert all(len(small.parameters(slug)) == 3 for slug in SLUGS)

    applies = [run for run in fleet.runs() if run.operation.kind is OperationKind.APPLY]
    assert sorted(run.operation.slug for run in applies) == ["anna", "ben", "ben", "cleo", "dan"]
    assert {run.operation.rollout for run in applies} == {rollout.id}
    assert {run.operation.approval for run in applies} == {rollout.request.approval}
    assert sum(run.status is RunStatus.SUCCEEDED for run in applies) == 4
    record = read_record(fleet.rollouts.folder(rollout.id))
    assert {one.outcome.value for one in record.members} == {"applied"}
    assert (record.legs, record.resumed_by) == (3, ("ana@small", "ana@small"))
    fleet.stop()

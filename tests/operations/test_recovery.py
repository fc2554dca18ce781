"""What broken runs leave, taken in, pushed back and taken as it is: with the real Terraform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.operations.model import RunStatus
from fleet_tui.operations.unsaved import unsaved_states
from fleet_tui.problems import FleetError
from fleet_tui.sandbox.emulator.process import Emulator
from tests.kills.agreement import agree, in_account
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

PLANTED = "planted-4f1c"  # the value of every parameter


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna", "ben")
    emulator.stop()


def test_a_state_that_could_not_be_written_is_kept_pushed_and_read_back(small):
    small.write("anna", table="yes", change=PLANTED)
    fleet = small.fleet()
    work = fleet.settings.cache / "work"
    planned = ended(fleet, fleet.plan("anna"))
    place = {"account": small.accounts["anna"], "service": "s3", "operation": "PutObject"}
    denied = {"status": 403, "code": "AccessDenied", "message": "an order of the test"}
    small.emulator.call("faults/set", {**place, **denied, "path": f"/{STATE_KEY}"})
    try:
        broken = ended(fleet, fleet.apply(planned.id))
    finally:
        small.emulator.call("faults/clear", place)
    assert broken.status is RunStatus.FAILED
    (kept,) = unsaved_states(work, fleet.settings.state, "anna")
    assert broken.id in kept.name
    assert kept.stat().st_mode & 0o077 == 0

    # Seen by whoever looks, and nothing goes on over it.
    creator = fleet.observatory.creator("anna")
    state = fleet.mending.told("anna", fleet._adapters.buckets.observe(creator))
    assert (state.status, state.reason) == (
        DeployStatus.FAILED,
        "its state waits on this machine: fleet push-state anna",
    )
    refused = ended(fleet, fleet.plan("anna"))
    assert "push-state" in refused.problem.hint

    assert ended(fleet, fleet.mending.push_state("anna")).status is RunStatus.SUCCEEDED
    assert unsaved_states(work, fleet.settings.state, "anna") == []
    last = ended(fleet, fleet.plan("anna"))
    assert last.plan.empty, last.plan
    assert agree(small, "anna", last, finished=True) == []
    with pytest.raises(FleetError, match="no state on this machine"):
        fleet.mending.push_state("anna")
    for folder in map(fleet.journals.folder, (planned.id, broken.id, refused.id)):
        for file in folder.iterdir():
            assert PLANTED.encode() not in file.read_bytes(), file
    fleet.stop()


@pytest.mark.slow  # a kill that leaves something behind is among those of every day
def test_what_no_state_knows_is_taken_in_and_what_is_half_made_is_taken_as_it_is(small):
    small.write("ben", table="yes")
    fleet = small.fleet()
    applied = ended(fleet, fleet.apply(ended(fleet, fleet.plan("ben")).id))
    before = in_account(small, "ben")
    assert applied.status is RunStatus.SUCCEEDED
    state = small.state("ben")
    for resource in state["resources"]:
        for instance in resource["instances"]:
            instance["status"] = "tainted"
    # As after a kill before Terraform could write: the state knows one thing of four.
    state["resources"] = [one for one in state["resources"] if one["type"] == "aws_dynamodb_table"]
    state["serial"] += 1
    small.write_state("ben", state)
    small.leave_open("ben")

    left = fleet.mending.leftovers("ben")
    assert left.tainted == ("aws_dynamodb_table.this[0]",)
    assert ended(fleet, fleet.mending.take_as_is("ben", left.tainted)).status is RunStatus.SUCCEEDED
    assert fleet.mending.leftovers("ben").tainted == ()

    planned = ended(fleet, fleet.plan("ben"))
    taken = [change.address for change in planned.plan.changes if change.imported]
    assert taken == [f"aws_ssm_parameter.this[{number}]" for number in range(3)]
    assert (planned.plan.add, planned.plan.destroy) == (0, 0)
    said = [event.text for event in fleet.run_events(planned.id)]
    assert any("takes in aws_ssm_parameter.this[0], which a broken run has made" in text for text in said)
    assert ended(fleet, fleet.apply(planned.id)).status is RunStatus.SUCCEEDED
    last = ended(fleet, fleet.plan("ben"))
    assert last.plan.empty
    assert in_account(small, "ben") == before
    assert agree(small, "ben", last, finished=True) == []
    fleet.stop()

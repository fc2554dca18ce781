"""Destroying everything after a run that broke off leaves nothing behind: with the real Terraform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet_tui.operations.model import RunStatus
from fleet_tui.operations.savedplans import PLAN_FILE
from fleet_tui.problems import ProblemKind
from fleet_tui.sandbox.emulator.process import Emulator
from tests.kills.agreement import in_account
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

PARAMETERS = [f"aws_ssm_parameter.this[{number}]" for number in range(3)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna")
    emulator.stop()


def test_what_a_killed_apply_had_made_is_destroyed_with_the_rest(small):
    small.write("anna", table="yes")
    fleet = small.fleet()
    nothing = in_account(small, "anna")
    applied = ended(fleet, fleet.apply(ended(fleet, fleet.plan("anna")).id))
    assert applied.status is RunStatus.SUCCEEDED, applied.problem
    # As after a kill before Terraform could write: the state knows one thing of four.
    state = small.state("anna")
    state["resources"] = [one for one in state["resources"] if one["type"] == "aws_dynamodb_table"]
    state["serial"] += 1
    small.write_state("anna", state)
    small.leave_open("anna")

    # Terraform would leave behind what it does not know, so that is taken in first.
    refused = ended(fleet, fleet.plan_destroy("anna"))
    assert refused.problem.kind is ProblemKind.CONFLICT
    assert ", ".join(PARAMETERS) in refused.problem.what
    assert not (fleet.journals.folder(refused.id) / PLAN_FILE).exists()
    assert ended(fleet, fleet.apply(ended(fleet, fleet.plan("anna")).id)).status is RunStatus.SUCCEEDED

    planned = ended(fleet, fleet.plan_destroy("anna"))
    assert planned.status is RunStatus.SUCCEEDED, planned.problem
    gone = {change.address for change in planned.plan.changes}
    assert gone == {"aws_dynamodb_table.this[0]", *PARAMETERS}
    assert (planned.plan.add, planned.plan.destroy) == (0, 4)
    destroyed = ended(fleet, fleet.destroy(planned.id))
    assert destroyed.status is RunStatus.SUCCEEDED, destroyed.problem
    assert in_account(small, "anna") == nothing
    assert small.state("anna")["resources"] == []
    fleet.stop()

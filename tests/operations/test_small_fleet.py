"""Plan and apply on a small fleet: the way that every run goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet_tui.operations.model import RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna", "ben")
    emulator.stop()


def test_what_was_planned_is_applied_and_nothing_is_left_to_do(small):
    fleet = small.fleet()
    planned = ended(fleet, fleet.plan("anna"))
    assert planned.plan.add == 3, planned.problem
    assert ended(fleet, fleet.apply(planned.id)).status is RunStatus.SUCCEEDED
    assert set(small.parameters("anna")) == {f"/anna/part-{number}" for number in range(3)}
    assert ended(fleet, fleet.plan("anna")).plan.empty
    assert small.parameters("ben") == {}
    fleet.stop()

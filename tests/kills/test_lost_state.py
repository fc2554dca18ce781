"""The worst that a broken run can leave: all of a creator in the account, and a state that knows nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet_tui.deploy.import_ids import BY_HAND, WRITTEN_OVER
from fleet_tui.operations.model import Action, RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from tests.small_fleet import SOURCES, SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

MODULES = ("sponsor-system", "ivs-streaming")
_SECONDS = 1200  # a whole creator


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    """A fleet of one creator, made by the real root module."""
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        fleet = small_fleet(tmp_path_factory.mktemp("whole"), emulator, patch, "anna")
        for folder in ("terraform", "lambdas"):
            shutil.rmtree(fleet.root / folder)
            left_out = shutil.ignore_patterns(".terraform*", "__pycache__")
            shutil.copytree(SOURCES.parent / folder, fleet.root / folder, ignore=left_out)
        _switch_on(fleet.root / "creators" / "anna" / "creator.toml")
        yield fleet
    emulator.stop()


def _switch_on(file: Path) -> None:
    tables = "".join(f"\n[modules.{name}]\nenabled = true\n" for name in MODULES)
    file.write_text(file.read_text() + tables)


def test_all_of_it_is_taken_in_and_what_is_made_again_is_written_over(whole):
    fleet = whole.fleet()
    planned = ended(fleet, fleet.plan("anna"), _SECONDS)
    applied = ended(fleet, fleet.apply(planned.id), _SECONDS)
    assert applied.status is RunStatus.SUCCEEDED, applied.last_text
    state = whole.state("anna")
    state["resources"] = [one for one in state["resources"] if one["mode"] == "data"]
    state["serial"] += 1
    whole.write_state("anna", state)
    whole.leave_open("anna")

    again = ended(fleet, fleet.plan("anna"), _SECONDS)
    assert again.status is RunStatus.SUCCEEDED, again.last_text
    gone = [change for change in again.plan.changes if change.action in (Action.DELETE, Action.REPLACE)]
    made = {change.type for change in again.plan.changes if change.action is Action.CREATE}
    assert gone == []
    assert made <= WRITTEN_OVER | set(BY_HAND)
    assert sum(change.imported for change in again.plan.changes) + again.plan.add == planned.plan.add
    fleet.stop()

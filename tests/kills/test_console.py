"""A dashboard in a terminal that is killed in the middle of an apply, and the one that is opened after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from fleet_tui.operations.model import OperationKind, RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from tests.kills.agreement import agree
from tests.kills.killing import FLEET, begin_at_console, finish, moment, release, until_held
from tests.small_fleet import SmallFleet, ended, small_fleet
from tests.terminal import Terminal

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna")
    emulator.stop()


def test_the_console_that_is_opened_after_a_killed_one_shows_its_run_to_the_end(small: SmallFleet) -> None:
    fleet = small.fleet()
    where = moment("made, not told")
    with closing(Terminal([sys.executable, *FLEET], os.environ)) as first:
        run = begin_at_console(first, small, fleet, "anna", where)
        until_held(small, "anna", run.id)
        first.kill()
    with closing(Terminal([sys.executable, *FLEET], os.environ)) as second:
        second.read_until("Anna", "applying")
        second.write(":plan anna\r")  # which opens what goes on there
        second.read_until("terraform apply")
        release(small, "anna", carry_out=True)
        second.read_until("succeeded")
        run = ended(fleet, run)
        assert run.status is RunStatus.SUCCEEDED
        applies = [one.id for one in fleet.journals.all() if one.operation.kind is OperationKind.APPLY]
        assert applies == [run.id]
        second.write(":quit\r")
        assert second.wait() == 0
    assert agree(small, "anna", run, finished=True) == []
    assert finish(small, fleet, "anna") == []
    fleet.stop()

"""The network cut and the credentials run out in the middle of an apply: what was made is lost by nobody."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.fleet import Fleet
from fleet_tui.operations.journal import is_alive
from fleet_tui.operations.model import OperationKind, RunStatus
from fleet_tui.operations.outputs import outputs_of
from fleet_tui.operations.sign import terraform_of
from fleet_tui.sandbox.emulator.process import Emulator
from tests.kills.killing import Moment, finish, shut, until, until_held
from tests.kills.relay import Relay
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

MADE = Moment("made, not told", OperationKind.APPLY, "apply", "ssm", "PutParameter", after=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna", "ben", "carla", "dora")
    emulator.stop()


def test_the_network_is_cut_until_terraform_has_given_up(small, monkeypatch):
    relay = Relay(small.emulator.port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", relay.url)
    fleet = small.fleet()
    try:
        planned = ended(fleet, fleet.plan("anna"))
        shut(small, "anna", MADE)
        run = fleet.apply(planned.id)
        until_held(small, "anna", run.id)
        relay.cut()
        small.emulator.call("gates/release", {"account": small.accounts["anna"]})
        broken = ended(fleet, run, 600)
        assert broken.status is RunStatus.FAILED, broken.last_text
        relay.mend()
        _push(fleet, "anna")
        assert finish(small, fleet, "anna") == []
    finally:
        fleet.stop()
        relay.close()


def test_the_credentials_run_out(small):
    fleet = small.fleet()
    planned = ended(fleet, fleet.plan("ben"))
    account = {"account": small.accounts["ben"]}
    expired = {
        "status": 400,
        "code": "ExpiredTokenException",
        "message": "ExpiredToken: the token has expired",
    }
    shut(small, "ben", MADE)
    run = fleet.apply(planned.id)
    until_held(small, "ben", run.id)
    small.emulator.call("faults/set", {**account, "service": "ssm", "operation": "*", **expired})
    place = {"service": "s3", "operation": "PutObject", "path": f"/{STATE_KEY}"}
    small.emulator.call("faults/set", {**account, **place, **expired, "code": "ExpiredToken"})
    small.emulator.call("gates/release", account)
    broken = ended(fleet, run)
    small.emulator.call("faults/clear", account)
    assert broken.status is RunStatus.FAILED
    _push(fleet, "ben")
    assert finish(small, fleet, "ben") == []
    fleet.stop()


def test_an_apply_whose_process_is_gone_can_be_cancelled(small):
    small.write("carla", size="3")
    fleet = small.fleet()
    planned = ended(fleet, fleet.plan("carla"))
    shut(small, "carla", MADE)
    run = fleet.apply(planned.id)
    until_held(small, "carla", run.id)
    os.kill(fleet.journals.get(run.id).pid, signal.SIGKILL)
    until(lambda: not is_alive(fleet.journals.folder(run.id)), "the process of the run to be gone")
    fleet.cancel(run.id)
    small.emulator.call("gates/release", {"account": small.accounts["carla"]})
    assert ended(fleet, run).status is RunStatus.CANCELLED
    assert finish(small, fleet, "carla") == []
    fleet.stop()


def test_the_machine_is_shut_down(small):
    fleet = small.fleet()
    planned = ended(fleet, fleet.plan("dora"))
    shut(small, "dora", MADE)
    run = fleet.apply(planned.id)
    until_held(small, "dora", run.id)
    folder = fleet.journals.folder(run.id)
    # Every process is told, Terraform and the run; what the run passes on must not be a second time.
    for pid in (terraform_of(folder), fleet.journals.get(run.id).pid):
        os.kill(pid, signal.SIGTERM)
    status = ended(fleet, run).status
    small.emulator.call("gates/release", {"account": small.accounts["dora"], "carry_out": False})
    assert status is RunStatus.CANCELLED
    assert "Two interrupts" not in outputs_of(folder)[-1].read_text()
    assert small.state("dora")["serial"] >= 1
    assert finish(small, fleet, "dora") == []
    fleet.stop()


def _push(fleet: Fleet, slug: str) -> None:
    """Push the state that was not saved, at once: the lease of the broken run keeps nobody here waiting."""
    pushed = ended(fleet, fleet.mending.push_state(slug))
    assert pushed.status is RunStatus.SUCCEEDED, pushed.last_text

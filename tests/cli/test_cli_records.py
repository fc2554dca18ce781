"""`fleet lease`, `unlock`, `runs` and `destroy` as a person types them; the fleet behind them is made up."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fleet_tui.cli.main import cli
from fleet_tui.deploy.lease import LeaseStatus
from fleet_tui.deploy.records import ChainBreak, chained
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import OperationKind, RunStatus
from fleet_tui.operations.unlocking import Holders
from fleet_tui.problems import FleetError, ProblemKind
from tests.cli.test_cli import workspace  # noqa: F401 - a fixture
from tests.deploy.test_records import end, facts
from tests.tui.fake import FakeService
from tests.tui.fake_locks import DEAD, HELD

RUN_ID = "20261122T140355.123-apply-kasper-9f3a"
ENTRY = chained(None, facts(RUN_ID), end(summary="no table", outcome="failed"))


class FakeRecords:
    broken: ChainBreak | None = None

    def entries(self, slug, limit):
        assert (slug, limit) == ("kasper", 20)
        return [ENTRY]

    def entry(self, run_id):
        if run_id != RUN_ID:
            raise FleetError.of(ProblemKind.NOT_FOUND, "there is no record of it")
        return ENTRY

    def verify(self, slug):
        return 4, self.broken


@pytest.fixture
def service(workspace, monkeypatch) -> FakeService:  # noqa: F811
    """Runs that end at once, behind the commands of a real console."""
    fake = FakeService()
    fake.records = FakeRecords()  # type: ignore[attr-defined]
    monkeypatch.setattr(Fleet, "locks", fake.locks)
    monkeypatch.setattr(Fleet, "records", fake.records)  # type: ignore[attr-defined]
    for name in ("plan_destroy", "destroy", "run_events"):
        monkeypatch.setattr(Fleet, name, lambda _self, *words, name=name, **more: _call(fake, name, words))
    monkeypatch.setattr(Fleet, "run", lambda _self, run_id: _ended(fake, run_id))
    return fake


def _call(fake, name, words):
    return getattr(fake, name)(*words)


def _ended(fake, run_id):
    if not fake._runs[run_id].finished:
        fake.finish(run_id, RunStatus.SUCCEEDED)
    return fake._runs[run_id]


def fleet(*words: str, typed: str = ""):
    return CliRunner().invoke(cli, words, input=typed, prog_name="fleet")


def test_who_holds_a_creator_is_shown_and_what_needs_a_person_is_the_exit_code(service):
    service.locks.holders = HELD
    result = fleet("lease", "kasper")
    assert (result.exit_code, "↻ held by ben@ops" in result.stdout) == (0, True)
    service.locks.holders = DEAD
    result = fleet("lease", "kasper", "--json")
    assert (result.exit_code, json.loads(result.stdout)["status"]) == (1, "dead")
    service.locks.holders = Holders(lock=HELD.lock)
    assert fleet("lease", "kasper").exit_code == 1
    service.locks.holders = Holders()
    assert fleet("lease", "kasper").exit_code == 0


@pytest.mark.parametrize("words", [("unlock", "kasper"), ("lease", "kasper", "break")])
def test_what_is_held_is_broken_by_the_slug_alone(service, words):
    service.locks.holders = HELD.model_copy(update={"status": LeaseStatus.DEAD})
    result = fleet(*words, typed="kaspar\n")
    assert (result.exit_code, "nothing was done" in result.stderr) == (1, True)
    assert not [entry for entry in service.done if entry[0] == "break"]
    assert fleet(*words, "--confirm", "kasper").exit_code == 0
    assert [entry[:3] for entry in service.done if entry[0] == "break"] == [("break", "kasper", 7)]
    service.locks.holders = Holders()
    assert "nothing is held" in fleet(*words).stderr


def test_records_are_listed_shown_and_proved(service):
    listed = fleet("runs", "--creator", "kasper")
    assert (listed.exit_code, RUN_ID in listed.stdout, "no table" in listed.stdout) == (0, True, True)
    assert json.loads(fleet("runs", "--creator", "kasper", "--json").stdout)[0]["number"] == 1
    shown = fleet("runs", "show", RUN_ID)
    assert (shown.exit_code, "ana@ops on desk" in shown.stdout) == (0, True)
    assert fleet("runs", "show", "20261122T140355.123-apply-kasper-0000").exit_code == 1
    assert "4 records" in fleet("runs", "verify", "kasper").stdout
    service.records.broken = ChainBreak(number=2, run_id=RUN_ID, what="is missing")
    result = fleet("runs", "verify", "kasper")
    assert (result.exit_code, f"✗ record 2 ({RUN_ID}) is missing" in result.stdout) == (1, True)


def test_destroying_asks_for_the_slug_after_the_plan_was_shown(service):
    result = fleet("destroy", "kasper", typed="y\n")
    assert (result.exit_code, "2 to destroy" in result.stdout) == (1, True)
    assert [entry[0] for entry in service.done] == ["plan_destroy"]
    assert fleet("destroy", "kasper", "--plan-only").exit_code == 0
    assert fleet("destroy", "kasper", "--confirm", "kasper").exit_code == 0
    assert [entry[0] for entry in service.done] == ["plan_destroy"] * 3 + ["destroy"]
    assert service.runs()[0].operation.kind is OperationKind.DESTROY

"""`fleet rollout`, and the facade below it: what is shown, told, refused, and what is written to disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fleet_tui.cli.main import cli
from fleet_tui.fleet import Fleet
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.model import EventKind, Operation, OperationKind, PlanSummary, RunStatus
from fleet_tui.operations.savedplans import PLAN_FILE
from fleet_tui.planning.book import Planning
from fleet_tui.problems import FleetError
from fleet_tui.rollouts.journal import RolloutJournal, read_controls, take_life
from fleet_tui.rollouts.model import (
    MemberStatus,
    Rollout,
    RolloutEventKind,
    RolloutStatus,
)
from fleet_tui.rollouts.rollouts import Rollouts
from fleet_tui.rollouts.telling import begun
from fleet_tui.settings import load_settings
from tests.rollouts.stage import APPROVED, REFUSED, START, request_of, summary

WAVES = {"anna": "canary", "ben": "early", "cleo": "early"}


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    for number, (slug, wave) in enumerate(WAVES.items(), 1):
        folder = tmp_path / "creators" / slug
        folder.mkdir(parents=True)
        (folder / "creator.toml").write_text(
            f'name = "{slug.title()}"\ndomain = "{slug}.live"\naccount_id = "40000000000{number}"\n'
            f'region = "eu-central-1"\ncontact = "a@{slug}.live"\nwave = "{wave}"\nmonthly_budget = 50\n'
        )
    (tmp_path / "fleet.toml").write_text(
        'environment = "test"\ncache_dir = "cache"\nstate_dir = "state"\noperator = "ana@ops"\n'
        "[rollout]\nhealthy_minutes = 3\nparallel = 4\n"
    )
    monkeypatch.delenv("FLEET_CONFIG", raising=False)
    monkeypatch.delenv("FLEET_READ_ONLY", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Planning, "stale_of", lambda self, plan_ids: {})
    return tmp_path


@pytest.fixture
def spawned(monkeypatch) -> list[str]:
    """The rollouts whose process would have been started; none is."""
    found: list[str] = []
    monkeypatch.setattr(Rollouts, "_spawn", lambda self, folder, life: found.append(folder.name))
    return found


@pytest.fixture
def fleet(workspace) -> Iterator[Fleet]:
    made = Fleet(load_settings())
    yield made
    made.stop()


def plan(slug: str, does: PlanSummary = APPROVED, status: RunStatus = RunStatus.SUCCEEDED) -> str:
    """A plan of this creator that was made some time ago; its id."""
    journals = Journals(load_settings().state)
    run_id = f"20261123T010000.000-plan-{slug}-0001"
    operation = Operation(
        id=run_id,
        kind=OperationKind.PLAN,
        slug=slug,
        account_id=f"40000000000{list(WAVES).index(slug) + 1}",
        operator="ana@ops",
        requested_at=START,
    )
    journal = journals.open(operation)
    journal.write(EventKind.PLANNED, plan=does)
    journal.write(EventKind.FINISHED, status=status)
    journal.close()
    (journals.folder(run_id) / PLAN_FILE).touch()
    return run_id


def written(status: RolloutStatus, cause: str = "", number: int = 1, **members: MemberStatus) -> Rollout:
    """A rollout on disk that has come to this."""
    request = request_of(WAVES)
    request = request.model_copy(update={"id": f"{request.id[:-4]}{number:04}"})
    folder = load_settings().state / "rollouts" / request.id
    folder.mkdir(parents=True)
    journal = RolloutJournal(folder)
    journal.write(RolloutEventKind.REQUESTED, request=request)
    journal.write(RolloutEventKind.BEGUN, pid=1)
    rollout = begun(request)
    for wave in {rollout.member(slug).wave for slug in members} or set(rollout.waves[:1]):
        journal.write(RolloutEventKind.WAVE, wave=wave)
    for slug, where in members.items():
        problem = REFUSED if where is MemberStatus.FAILED else None
        fields = {"status": where, "problem": problem, "cause": problem.what if problem else ""}
        journal.write(RolloutEventKind.MEMBER, member=rollout.member(slug).model_copy(update=fields))
    if status is not RolloutStatus.RUNNING:
        journal.write(RolloutEventKind.FINISHED, cause, status=status)
    journal.close()
    (folder / "alive").touch()
    return rollout


def command(*words: str, answers: str = ""):
    return CliRunner().invoke(cli, ("rollout", *words), prog_name="fleet", input=answers)


def going_on(rollout: Rollout):
    """The rollout's process lives as long as this is open."""
    return take_life(load_settings().state / "rollouts" / rollout.id)


def controls(rollout: Rollout) -> list[tuple[str, str]]:
    found = read_controls(load_settings().state / "rollouts" / rollout.id, 0)
    return [(control.kind.value, control.slug) for control in found if control is not None]


def test_starting_asks_approves_and_begins_with_the_settings(workspace, spawned, fleet):
    for slug in WAVES:
        plan(slug)
    assert command("start", "--all", "--detach", answers="n\n").exit_code == 1
    assert spawned == []
    result = command("start", "--all", "--detach", "--reason", "player", "--json", "--confirm", "3")
    assert result.exit_code == 0, result.output
    found = fleet.rollouts.all()[0]
    assert json.loads(result.stdout[result.stdout.index("{") :])["id"] == found.id == spawned[0]
    request = found.request
    assert (request.reason, request.operator) == ("player", "ana@ops")
    assert (request.policy.parallel, request.policy.healthy_minutes) == (4, 3)
    assert {target.slug: target.wave.value for target in request.targets} == WAVES
    approval = fleet.planning.approval(request.approval)
    assert [approved.slug for approved in approval.plans] == list(WAVES)


def test_nothing_to_roll_out_is_no_failure(workspace, spawned):
    plan("anna", PlanSummary())
    result = command("start", "anna", "--yes", "--detach")
    assert (result.exit_code, spawned) == (0, [])


def test_starting_by_itself_is_approving(fleet, spawned):
    rollout = fleet.rollouts.start([plan("anna")], reason="player")
    assert fleet.planning.approval(rollout.request.approval).operator == "ana@ops"


@pytest.mark.parametrize(
    ("does", "status", "why"),
    [
        (APPROVED, RunStatus.FAILED, "not a plan that succeeded"),
        (PlanSummary(), RunStatus.SUCCEEDED, "has nothing to apply"),
    ],
)
def test_what_cannot_be_rolled_out(fleet, spawned, does, status, why):
    with pytest.raises(FleetError, match=why):
        fleet.rollouts.start([plan("anna", does, status)], reason="")
    assert spawned == []
    assert fleet.rollouts.all() == []


def test_a_creator_is_in_one_rollout_at_a_time(fleet, spawned):
    rollout = written(RolloutStatus.RUNNING)
    with going_on(rollout), pytest.raises(FleetError, match="anna is in the rollout"):
        fleet.rollouts.start([plan("anna")], reason="")
    assert fleet.rollouts.start([plan("anna")], reason="").id in spawned  # it is lost by now


def test_two_plans_of_a_creator_are_refused(fleet, spawned):
    plan_id = plan("anna")
    with pytest.raises(FleetError, match="two plans for anna"):
        fleet.rollouts.start([plan_id, plan_id], reason="")


def test_a_rollout_is_shown_with_waves_creators_and_why_it_stopped(workspace):
    rollout = written(
        RolloutStatus.STOPPED, "1 of 1 in wave canary failed, none may", anna=MemberStatus.FAILED
    )
    result = command("show")
    assert result.exit_code == 1
    for told in (
        "✗ stopped",
        "none may",
        "canary",
        "– not done · 1 failed",
        "the bucket is taken",
        rollout.id,
    ):
        assert told in result.stdout
    found = json.loads(command("show", rollout.id, "--json").stdout)
    assert (found["status"], found["members"][0]["status"]) == ("stopped", "failed")


def test_of_many_creators_those_are_shown_of_whom_there_is_something_to_see(workspace, monkeypatch):
    monkeypatch.setattr("fleet_tui.cli.rollout._SHOWN", 2)
    rollout = written(RolloutStatus.STOPPED, "too many", anna=MemberStatus.APPLIED, ben=MemberStatus.FAILED)
    shown = command("show").stdout
    table = shown[shown.index("CREATOR") :]
    assert "ben" in table
    assert "anna" not in table
    left = len(rollout.members) - 1
    assert f"and {left} applied or not begun: fleet rollout show {rollout.id} --all" in table
    assert "anna" in command("show", "--all").stdout


def test_the_list_has_every_rollout(workspace):
    rollout = written(RolloutStatus.SUCCEEDED, **dict.fromkeys(WAVES, MemberStatus.APPLIED))
    result = command("list")
    assert "✓ done" in result.stdout
    assert "3/3" in result.stdout
    assert [one["id"] for one in json.loads(command("list", "--json").stdout)] == [rollout.id]
    assert command("show").exit_code == 0
    assert command("attach").exit_code == 0


def test_without_a_process_it_is_lost_and_there_is_nobody_to_tell(workspace):
    written(RolloutStatus.RUNNING)
    assert "⚠ lost" in command("show").stdout
    result = command("pause")
    assert result.exit_code == 1
    assert "fleet rollout resume" in result.stderr


def test_what_is_told_waits_on_disk_for_the_process(workspace):
    rollout = written(RolloutStatus.RUNNING, anna=MemberStatus.PUT_BACK, ben=MemberStatus.APPLIED)
    with going_on(rollout):
        assert command("pause").exit_code == 0
        assert command("stop", rollout.id, "--now").exit_code == 0
        assert command("go-on").exit_code == 1  # it has not paused yet
        assert command("override", rollout.id, "anna", answers="y\nanna\n").exit_code == 0
        assert command("override", rollout.id, "anna", answers="y\nben\n").exit_code == 1
        assert command("override", rollout.id, "anna", answers="n\n").exit_code == 1
        applied = command("override", rollout.id, "ben")
        assert applied.exit_code == 1
        assert "may be live" not in applied.stderr  # nobody is asked about what cannot be
        assert command("show").exit_code == 0
    assert controls(rollout) == [("pause", ""), ("stop", ""), ("override", "anna")]


def test_a_resume_is_written_before_the_process_is_started(fleet, spawned):
    rollout = written(
        RolloutStatus.STOPPED,
        "",
        anna=MemberStatus.APPLIED,
        ben=MemberStatus.FAILED,
        cleo=MemberStatus.CANCELLED,
    )
    result = command("resume", rollout.id, "--detach")
    assert "fleet rollout resume" in result.stderr  # for cleo, by name
    assert spawned == [rollout.id]
    event = fleet.rollouts.events(rollout.id)[-1]
    assert (event.kind, event.slugs, event.operator) == (RolloutEventKind.RESUMED, ("ben",), "ana@ops")


def test_what_goes_on_is_not_resumed(fleet, spawned):
    rollout = written(RolloutStatus.RUNNING)
    with going_on(rollout), pytest.raises(FleetError, match="the rollout is going on"):
        fleet.rollouts.resume(rollout.id)
    assert spawned == []


def test_who_is_in_another_rollout_by_now_is_not_resumed(fleet, spawned):
    first = written(RolloutStatus.STOPPED, **dict.fromkeys(WAVES, MemberStatus.TO_DO))
    second = written(RolloutStatus.RUNNING, number=2)
    with going_on(second), pytest.raises(FleetError, match=f"in the rollout {second.id} by now"):
        fleet.rollouts.resume(first.id)
    assert spawned == []


def test_what_is_done_is_not_resumed(fleet, spawned):
    rollout = written(RolloutStatus.SUCCEEDED, **dict.fromkeys(WAVES, MemberStatus.APPLIED))
    with pytest.raises(FleetError, match="nothing failed or was left unstarted"):
        fleet.rollouts.resume(rollout.id)
    assert spawned == []


def test_a_new_plan_is_approved_by_name_and_the_ended_rollout_goes_on_with_it(fleet, spawned):
    rollout = written(RolloutStatus.INCOMPLETE, "", anna=MemberStatus.APPLIED, ben=MemberStatus.TO_ASK)
    plan_id = plan("ben", summary("aws_c.this"))
    folder = fleet.rollouts.folder(rollout.id)
    journal = RolloutJournal(folder)
    asked = fleet.rollouts.get(rollout.id).member("ben").model_copy(update={"plan_id": plan_id})
    journal.write(RolloutEventKind.MEMBER, member=asked)
    journal.close()
    with pytest.raises(FleetError, match="is another one than was approved"):
        fleet.rollouts.resume(rollout.id, ["ben"])
    assert command("approve", rollout.id, "ben", "--detach", answers="n\n").exit_code == 1
    result = command("approve", rollout.id, "ben", "--detach", answers="y\n")
    assert result.exit_code == 0, result.output
    assert "aws_c.this" in result.stdout
    assert spawned == [rollout.id]
    ben = fleet.rollouts.get(rollout.id).member("ben")
    assert (ben.status, ben.approved_plan_id) == (MemberStatus.TO_DO, plan_id)
    assert fleet.planning.approval(ben.approval).plans[0].plan_id == plan_id


def test_a_read_only_console_tells_a_rollout_nothing(workspace, spawned, monkeypatch):
    rollout = written(RolloutStatus.RUNNING, anna=MemberStatus.PUT_BACK)
    monkeypatch.setenv("FLEET_READ_ONLY", "1")
    made = Fleet(load_settings())
    with going_on(rollout):
        for act in (
            lambda: made.rollouts.start(["x"], reason=""),
            lambda: made.rollouts.pause(rollout.id),
            lambda: made.rollouts.stop(rollout.id),
            lambda: made.rollouts.override(rollout.id, "anna"),
            lambda: made.rollouts.resume(rollout.id),
            lambda: made.rollouts.approve(rollout.id, ["anna"]),
        ):
            with pytest.raises(FleetError, match="read-only"):
                act()
    made.stop()
    assert controls(rollout) == []


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "nothing"])
def test_what_is_no_rollout(fleet, name):
    with pytest.raises(FleetError):
        fleet.rollouts.get(name)


def test_a_folder_without_a_journal_is_passed_over(fleet, workspace):
    (workspace / "state" / "test" / "rollouts" / "half-made").mkdir(parents=True)
    assert fleet.rollouts.all() == []


def test_what_is_added_to_a_journal_is_seen_by_who_has_read_it_before(fleet):
    rollout = written(RolloutStatus.RUNNING)
    with going_on(rollout):
        assert fleet.rollouts.get(rollout.id).status is RolloutStatus.RUNNING
        journal = RolloutJournal(fleet.rollouts.folder(rollout.id))
        journal.write(RolloutEventKind.STATUS, "stopped by ben@ops", status=RolloutStatus.STOPPING)
        assert fleet.rollouts.get(rollout.id).cause == "stopped by ben@ops"
        journal.close()
    assert fleet.rollouts.get(rollout.id).status is RolloutStatus.LOST
    with going_on(rollout):
        assert fleet.rollouts.get(rollout.id).status is RolloutStatus.STOPPING

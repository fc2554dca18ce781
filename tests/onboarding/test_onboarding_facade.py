"""Onboarding as one object: what it does with what the fleet can do, and what it keeps where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import CreatorSnapshot, FleetSnapshot, Observation
from fleet_tui.onboarding.facade import Onboarding
from fleet_tui.onboarding.hands import Hands
from fleet_tui.onboarding.model import Doing, Journey, Memory, Remembered, SiteFact, StepName, StepState
from fleet_tui.operations.model import Operation, OperationKind, PlanSummary, Run, RunStatus
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.drafting import Draft
from fleet_tui.registry.loading import load
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FILE = """
name = "Kasper Kast"
domain = "kasper.live"
account_id = "210000000001"
region = "eu-central-1"
contact = "kasper@kasper.live"
monthly_budget = 150
[modules.contact-form]
"""
DENIED = Problem(kind=ProblemKind.DENIED, what="the permission ses:GetAccount is missing", hint="Add it")


class Door:
    """Lets nobody in but for the proof of the account."""

    def __init__(self, proof: Problem | None = None) -> None:
        self.proof = proof

    def prove_account(self, creator: Creator) -> None:
        if self.proof is not None:
            raise FleetError(self.proof)

    @contextmanager
    def entered(self, creator: Creator) -> Iterator[Any]:
        raise FleetError(DENIED)
        yield


class World:
    """A fleet of one, whose hands note what they are told to do."""

    def __init__(self, root: Path, *, read_only: bool = False, proof: Problem | None = None) -> None:
        folder = root / "creators" / "kasper"
        folder.mkdir(parents=True)
        (folder / "creator.toml").write_text(FILE)
        self.settings = Settings(workspace=root, state_dir=root / "state", read_only=read_only)
        self.deploy: DeployState | None = DeployState(status=DeployStatus.NEVER_DEPLOYED)
        self.runs: list[Run] = []
        self.told: list[tuple[object, ...]] = []
        self.now = NOW
        self.onboarding = Onboarding(
            self.settings,
            Hands(
                door=lambda: Door(proof),  # type: ignore[arg-type, return-value]
                snapshot=self.snapshot,
                follow=lambda: self.told.append(("follow",)),
                look=lambda slug: self.told.append(("look", slug)),
                bucket_ready=lambda creator: False,
                runs=lambda: self.runs,
                site=lambda creator: SiteFact(),
                plan=lambda slug, reason, backend: self.run(OperationKind.PLAN, "plan", slug, backend),
                apply=lambda plan_id, reason: self.run(OperationKind.APPLY, "apply", plan_id),
                deploy_site=lambda slug, reason: self.run(OperationKind.FRONTEND, "site", slug),
                at_once=self.at_once,
                estimate=lambda creator: (),
            ),
            now=lambda: self.now,
        )

    def snapshot(self) -> FleetSnapshot:
        creator = load(self.settings.creators).get("kasper")
        deploy = Observation(value=self.deploy, seen_at=NOW, tried_at=NOW)
        return FleetSnapshot("test", NOW, {"kasper": CreatorSnapshot("kasper", creator, deploy=deploy)})

    def run(
        self, kind: OperationKind, *told: object, status: RunStatus = RunStatus.SUCCEEDED, **more: Any
    ) -> Run:
        self.told.append(told)
        operation = Operation(
            id=f"r{len(self.runs)}", kind=kind, slug="kasper", account_id="210000000001", operator="ana@ops",
            requested_at=NOW, target=more.pop("target", ""),
        )  # fmt: skip
        self.runs.insert(0, Run(operation=operation, status=status, **more))
        return self.runs[0]

    def at_once(self, creator: Creator, what: str, deed: Callable[[], object], told: str) -> None:
        deed()
        self.told.append(("at once", what, told))

    def check(self) -> Journey:
        return self.onboarding.check("kasper")


def test_what_could_not_be_asked_is_said_with_what_to_do(tmp_path):
    mail = World(tmp_path).check().step(StepName.MAIL)
    assert mail.state is StepState.UNKNOWN
    assert mail.found == ("the last check could not be made: the permission ses:GetAccount is missing",)
    assert mail.action == "Add it"


def test_an_account_that_cannot_be_entered_is_kept_here_with_since_when(tmp_path):
    world = World(tmp_path, proof=Problem(kind=ProblemKind.WRONG_ACCOUNT, what="it is another one"))
    world.now = NOW + timedelta(hours=1)
    first = world.check().step(StepName.ACCOUNT)
    assert (first.state, first.since) == (StepState.FAILED, NOW + timedelta(hours=1))
    world.now = NOW + timedelta(hours=3)
    assert world.check().step(StepName.ACCOUNT).since == NOW + timedelta(hours=1)
    assert world.onboarding.journey("kasper").step(StepName.ACCOUNT).since == NOW + timedelta(hours=1)


def test_each_step_is_carried_out_by_the_fleets_own_operations(tmp_path):
    world = World(tmp_path)
    world.check()
    world.onboarding.carry_out("kasper", StepName.BACKEND)
    assert world.told[-1] == ("plan", "kasper", True)
    world.runs.clear()
    world.deploy = DeployState(status=DeployStatus.NEVER_DEPLOYED, serial=0)
    world.onboarding.carry_out("kasper", StepName.INFRASTRUCTURE)
    assert world.told[-1] == ("plan", "kasper", False)
    plan = world.run(OperationKind.PLAN, plan=PlanSummary(add=1, outputs_changed=True))
    world.onboarding.carry_out("kasper", StepName.INFRASTRUCTURE)
    assert world.told[-1] == ("apply", plan.id)
    with pytest.raises(FleetError, match="nothing to carry out for live"):
        world.onboarding.carry_out("kasper", StepName.LIVE)


@pytest.mark.parametrize(
    ("status", "more", "doing"),
    [
        (RunStatus.SUCCEEDED, {"plan": PlanSummary(outputs_changed=True)}, Doing.APPLY),
        (RunStatus.SUCCEEDED, {"plan": PlanSummary()}, Doing.PLAN),
        (RunStatus.FAILED, {}, Doing.PLAN),
        (
            RunStatus.SUCCEEDED,
            {"plan": PlanSummary(destroy=3, outputs_changed=True), "target": "destroy"},
            Doing.PLAN,
        ),
    ],
)
def test_only_a_plan_that_makes_something_is_offered(tmp_path, status, more, doing):
    world = World(tmp_path)
    world.deploy = DeployState(status=DeployStatus.NEVER_DEPLOYED, serial=0)
    world.run(OperationKind.PLAN, status=status, **more)
    assert world.onboarding.journey("kasper").step(StepName.INFRASTRUCTURE).doing is doing


def test_a_console_that_may_only_read_keeps_what_it_found_for_itself(tmp_path):
    world = World(tmp_path, read_only=True)
    assert world.check().step(StepName.BACKEND).state is StepState.TO_DO
    assert (tmp_path / "state" / "production" / "onboarding" / "kasper-210000000001.json").is_file()


def test_who_was_seen_live_is_not_listed_and_everybody_else_is(tmp_path):
    world = World(tmp_path)
    assert [journey.slug for journey in world.onboarding.journeys()] == ["kasper"]
    kept = tmp_path / "state" / "production" / "onboarding" / "kasper-210000000001.json"
    kept.parent.mkdir(parents=True)
    live = Remembered(state=StepState.DONE, since=NOW)
    kept.write_text(Memory(steps={StepName.LIVE: live}).model_dump_json())
    assert world.onboarding.journeys() == ()


def test_a_draft_that_is_wrong_is_not_sent_to_aws(tmp_path):
    onboarding = World(tmp_path).onboarding
    with pytest.raises(FleetError, match="account_id"):
        onboarding.prove(Draft(account_id="21", role_arn="arn:aws:iam::210000000002:role/X"))


def test_asking_of_who_is_not_there(tmp_path):
    with pytest.raises(FleetError, match='there is no creator "nobody"'):
        World(tmp_path).onboarding.check("nobody")

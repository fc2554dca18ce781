"""`fleet onboard --run`: what is done, in which order, and when it stops."""

from __future__ import annotations

from typing import Any

import pytest

from fleet_tui.cli import onboard
from fleet_tui.onboarding.model import Doing, Journey, Step, StepName, StepState
from fleet_tui.operations.model import Operation, OperationKind, PlanSummary, Risk, RiskLevel, Run, RunStatus
from tests.tui.sample import NOW


class FleetOfOne:
    """Steps that want something until it was done; notes what was done."""

    def __init__(self, *wanted: tuple[StepName, Doing], risk: RiskLevel = RiskLevel.LOW) -> None:
        self.onboarding = self
        self.journals = self
        self.wanted = list(wanted)
        self.done: list[Doing] = []
        self.stubborn: set[Doing] = set()
        self.plan = PlanSummary(add=1, risk=Risk(level=risk))

    def check(self, slug: str) -> Journey:
        doing = dict(self.wanted)
        steps = (
            Step(
                name=name,
                state=StepState.TO_DO if name in doing else StepState.DONE,
                doing=doing.get(name),
                target="r1" if doing.get(name) is Doing.APPLY else "",
            )
            for name in StepName
        )
        return Journey(slug=slug, name="Kasper", steps=tuple(steps))

    def carry_out(self, slug: str, name: StepName) -> Run | None:
        doing = dict(self.wanted)[name]
        self.done.append(doing)
        if doing not in self.stubborn:
            self.wanted.remove((name, doing))
        if doing is Doing.PLAN:
            self.wanted.append((name, Doing.APPLY))
        return None

    def get(self, run_id: str) -> Run:
        operation = Operation(
            id=run_id, kind=OperationKind.PLAN, slug="kasper", account_id="210000000001", operator="ana",
            requested_at=NOW,
        )  # fmt: skip
        return Run(operation=operation, status=RunStatus.SUCCEEDED, plan=self.plan)


def carry_out(fleet: Any, *, yes: bool = True) -> Journey:
    return onboard.carry_out_all(fleet, "kasper", yes=yes, quiet=True)


def test_what_changes_the_file_comes_before_the_plan_that_brings_it():
    fleet = FleetOfOne(
        (StepName.INFRASTRUCTURE, Doing.PLAN),
        (StepName.MAIL, Doing.SET_PRODUCTION),
        (StepName.DNS, Doing.SET_DOMAIN_READY),
    )
    assert carry_out(fleet).live
    assert fleet.done == [Doing.SET_PRODUCTION, Doing.SET_DOMAIN_READY, Doing.PLAN, Doing.APPLY]


def test_a_change_of_the_file_is_worth_another_plan():
    class Later(FleetOfOne):
        def carry_out(self, slug: str, name: StepName) -> Run | None:
            applied = dict(self.wanted)[name] is Doing.APPLY
            super().carry_out(slug, name)
            if applied and Doing.SET_DOMAIN_READY not in self.done:
                self.wanted.append((StepName.DNS, Doing.SET_DOMAIN_READY))
            if self.done[-1] is Doing.SET_DOMAIN_READY:
                self.wanted.append((StepName.INFRASTRUCTURE, Doing.PLAN))
                self.plan = PlanSummary(change=1, outputs_changed=True)
            return None

    fleet = Later((StepName.INFRASTRUCTURE, Doing.PLAN))
    carry_out(fleet)
    assert fleet.done[:4] == [Doing.PLAN, Doing.APPLY, Doing.SET_DOMAIN_READY, Doing.PLAN]


def test_what_does_not_help_is_not_tried_for_ever():
    fleet = FleetOfOne((StepName.FRONTEND, Doing.DEPLOY_SITE))
    fleet.stubborn = {Doing.DEPLOY_SITE}
    assert not carry_out(fleet).live
    assert fleet.done == [Doing.DEPLOY_SITE]


def test_a_plan_that_loses_data_is_left_to_a_person(capsys):
    fleet = FleetOfOne((StepName.INFRASTRUCTURE, Doing.APPLY), risk=RiskLevel.DESTRUCTIVE)
    carry_out(fleet)
    assert fleet.done == []
    assert "fleet apply kasper" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "done"), [(True, [Doing.SET_PRODUCTION]), (False, [])])
def test_each_thing_is_asked_for_and_no_ends_it(monkeypatch, answer, done):
    asked: list[str] = []

    def confirm(question: str, **_: object) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr("click.confirm", confirm)
    fleet = FleetOfOne((StepName.MAIL, Doing.SET_PRODUCTION))
    carry_out(fleet, yes=False)
    assert asked == ["Kasper, Mail (SES): enter production = true in creator.toml?"]
    assert fleet.done == done

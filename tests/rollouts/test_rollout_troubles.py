"""What passes is tried again; what is stale is planned anew, and asked anew where it differs."""

from __future__ import annotations

import pytest

from fleet_tui.operations.model import PlanSummary, RunStatus
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.rollouts.judging import still_approved
from fleet_tui.rollouts.model import ControlKind, RolloutStatus
from tests.rollouts.stage import APPROVED, EXPIRED, NO_ANSWER, REFUSED, START, THROTTLED, summary


@pytest.mark.parametrize("problem", [NO_ANSWER, EXPIRED])
def test_without_network_or_credentials_nothing_more_is_started_and_one_tries_again(staged, problem):
    stage = staged(anna="general", ben="general", cleo="general")
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=problem)
    stage.end("ben")
    assert stage.statuses() == {"anna": "to_do", "ben": "applied", "cleo": "applying"}  # ben came through
    stage.end("cleo", RunStatus.FAILED, problem=problem)
    assert stage.rollout.trouble.cause == problem.sentence
    started = len(stage.fleet.started)
    stage.later(seconds=40)
    assert len(stage.fleet.started) == started
    stage.later(seconds=40)
    assert len(stage.fleet.started) == started + 1  # one alone tries
    stage.end("anna")
    assert stage.rollout.trouble is None
    assert stage.statuses()["cleo"] == "applying"


def test_after_many_tries_the_rollout_pauses_and_nobody_has_failed(staged):
    stage = staged({"parallel": 1}, anna="general", ben="general")
    stage.settle()
    for _ in range(5):
        who = next(slug for slug, status in stage.statuses().items() if status == "applying")
        stage.end(who, RunStatus.FAILED, problem=EXPIRED)
        stage.later(minutes=9)
    assert stage.rollout.status is RolloutStatus.PAUSED
    assert "tried 5 times" in stage.rollout.cause
    assert set(stage.statuses().values()) == {"to_do"}
    stage.tell(ControlKind.GO_ON)
    assert "applying" in stage.statuses().values()


@pytest.mark.parametrize("kind", [ProblemKind.STALE, ProblemKind.BUSY])
def test_somebody_who_was_first_after_the_look_is_no_failure_of_the_creator(staged, kind):
    stage = staged(anna="canary", ben="early")
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=Problem(kind=kind, what="somebody was first"))
    assert stage.statuses() == {"anna": "to_do", "ben": "to_do"}
    assert stage.rollout.status is RolloutStatus.RUNNING
    stage.fleet.stale_plans["plan-anna"] = "the state has moved on since"
    stage.later(minutes=1)
    assert stage.statuses()["anna"] == "replanning"


def test_a_creator_that_is_throttled_is_tried_again_alone_and_fails_the_third_time(staged):
    stage = staged({"parallel": 1}, anna="general", ben="general")
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=THROTTLED)
    assert stage.rollout.trouble is None
    assert stage.statuses() == {"anna": "to_do", "ben": "applying"}
    stage.end("ben")
    for minutes in (1, 2):
        stage.later(minutes=minutes)
        assert stage.statuses()["anna"] == "applying"
        stage.end("anna", RunStatus.FAILED, problem=THROTTLED)
    assert stage.statuses()["anna"] == "failed"


def test_what_is_wrong_with_a_creator_fails_without_a_run(staged):
    stage = staged(anna="general", ben="general")
    wrong = Problem(kind=ProblemKind.WRONG_ACCOUNT, what="credentials lead to another account")
    stage.fleet.streams["anna"] = wrong
    stage.settle()
    assert stage.statuses()["anna"] == "failed"
    assert stage.fleet.started == [("apply", "ben")]


def test_a_creator_at_whom_somebody_else_works_waits(staged):
    stage = staged(anna="general")
    other = stage.fleet.runs["plan-anna"]
    stage.fleet.busy["anna"] = other
    stage.settle()
    assert stage.member("anna").cause == "a plan by ana@ops is going on"
    del stage.fleet.busy["anna"]
    stage.later(seconds=20)
    assert stage.statuses()["anna"] == "applying"


def test_somebody_who_was_first_at_the_last_moment_is_waited_for(staged):
    stage = staged(anna="general")
    stage.fleet.refusals["anna"] = Problem(kind=ProblemKind.CONFLICT, what="an apply by ben is going on")
    stage.settle()
    assert stage.statuses()["anna"] == "to_do"
    assert stage.fleet.started == []
    del stage.fleet.refusals["anna"]
    stage.later(seconds=40)
    assert stage.statuses()["anna"] == "applying"


def test_a_stale_plan_is_planned_anew_and_applied_where_it_is_the_same(staged):
    stage = staged(anna="general")
    stage.fleet.stale_plans["plan-anna"] = "the state has moved on since, from serial 1 to 2"
    stage.settle()
    assert stage.fleet.started == [("plan", "anna")]
    stage.end("anna", plan=APPROVED.model_dump())
    assert stage.fleet.started == [("plan", "anna"), ("apply", "anna")]
    applied_run = stage.fleet.unfinished("anna")
    assert applied_run.operation.target == stage.member("anna").plan_id != "plan-anna"
    stage.end("anna")
    assert stage.rollout.status is RolloutStatus.SUCCEEDED


def test_a_stale_plan_that_has_nothing_left_to_do_is_done(staged):
    stage = staged(anna="general")
    stage.fleet.stale_plans["plan-anna"] = "its saved plan is gone"
    stage.settle()
    stage.end("anna", plan=PlanSummary().model_dump())
    assert stage.statuses()["anna"] == "applied"
    assert stage.member("anna").cause == "nothing is left to change"


def test_a_new_plan_that_differs_is_asked_again_and_the_end_says_so(staged):
    stage = staged(anna="general", ben="general")
    stage.fleet.stale_plans["plan-anna"] = "the configuration has changed since"
    stage.settle()
    stage.end("anna", plan=summary("aws_c.this").model_dump())
    assert stage.statuses()["anna"] == "to_ask"
    stage.end("ben")
    assert stage.rollout.status is RolloutStatus.INCOMPLETE
    assert stage.rollout.cause == "1 to be asked again: anna"


def test_an_approval_of_the_new_plan_lets_it_be_applied(staged):
    stage = staged(anna="general", ben="general")
    stage.fleet.stale_plans["plan-anna"] = "the configuration has changed since"
    stage.settle()
    stage.end("anna", plan=summary("aws_c.this").model_dump())
    stage.tell(ControlKind.APPROVE, "anna", plan_id="plan-anna")
    assert stage.statuses()["anna"] == "to_ask"  # that was the old one
    stage.tell(ControlKind.APPROVE, "anna", plan_id=stage.member("anna").plan_id)
    assert stage.statuses()["anna"] == "applying"


def test_after_an_apply_that_broke_off_what_is_left_of_the_plan_goes_on(staged):
    stage = staged(anna="general")
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=NO_ANSWER)
    stage.fleet.stale_plans["plan-anna"] = "its saved plan is gone"
    stage.later(seconds=80)
    assert stage.fleet.started == [("apply", "anna"), ("plan", "anna")]
    stage.end("anna", plan=summary("aws_b.this").model_dump())
    assert stage.fleet.started[-1] == ("apply", "anna")


@pytest.mark.parametrize(
    ("fresh", "fine"),
    [
        (APPROVED, True),
        (summary("aws_b.this"), True),
        (summary("aws_b.this", configuration="c2"), False),
        (summary("aws_b.this", "aws_c.this"), False),
        (summary("aws_b.this").model_copy(update={"outputs_changed": True}), False),
        (summary("aws_b.this").model_copy(update={"basis": None}), False),
        (PlanSummary(add=1, changes=APPROVED.changes), False),  # no digest proves nothing
    ],
)
def test_what_an_approval_covers(fresh, fine):
    assert still_approved(APPROVED, fresh) is fine


def test_plans_without_digests_are_never_the_same():
    bare = PlanSummary(add=1, changes=APPROVED.changes)
    assert not still_approved(bare, bare)


def test_a_run_that_was_never_begun_is_begun_again(staged):
    stage = staged(anna="general")
    stage.settle()
    run = stage.fleet.unfinished("anna")
    del stage.fleet.runs[run.id]
    stage.later(minutes=2)
    assert stage.fleet.started == [("apply", "anna"), ("apply", "anna")]


def test_a_run_whose_process_is_gone_counts_as_going_on_for_a_while_and_has_failed_then(staged):
    stage = staged(anna="general")
    stage.settle()
    stage.fleet.end("anna", RunStatus.LOST)
    stage.later(seconds=40)
    assert stage.statuses()["anna"] == "applying"
    stage.later(seconds=40)
    assert stage.statuses()["anna"] == "failed"
    assert stage.fleet.started == [("apply", "anna")]


def test_an_error_on_the_way_to_a_run_is_told(staged):
    stage = staged(anna="general")
    stage.fleet.refusals["anna"] = REFUSED
    stage.settle()
    assert stage.member("anna").problem == REFUSED
    assert stage.rollout.finished_at == START

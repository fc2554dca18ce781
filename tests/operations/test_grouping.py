from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.costs.model import Confidence
from fleet_tui.operations.grouping import grouped
from fleet_tui.operations.model import (
    Action,
    CostDelta,
    Operation,
    OperationKind,
    PlanSummary,
    ResourceChange,
    Risk,
    RiskLevel,
    Run,
    RunStatus,
)
from fleet_tui.problems import Problem, ProblemKind

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHANGE = ResourceChange(address="aws_sqs_queue.this", type="aws_sqs_queue", action=Action.UPDATE)


def planned(
    slug: str,
    fingerprint: str = "f" * 16,
    *,
    level: RiskLevel = RiskLevel.LOW,
    monthly: str | None = "0.50",
    status: RunStatus = RunStatus.SUCCEEDED,
    empty: bool = False,
    problem: Problem | None = None,
) -> Run:
    cost = CostDelta(fixed=Decimal(monthly), confidence=Confidence.LISTED) if monthly else None
    summary = PlanSummary(
        changes=() if empty else (CHANGE,), fingerprint=fingerprint, risk=Risk(level=level), cost=cost
    )
    operation = Operation(
        id=f"plan-{slug}",
        kind=OperationKind.PLAN,
        slug=slug,
        account_id="210000000001",
        operator="ana",
        requested_at=AT,
    )
    plan = summary if status is RunStatus.SUCCEEDED else None
    return Run(operation=operation, status=status, plan=plan, problem=problem)


PROBLEMS = [
    Problem(kind=ProblemKind.CREDENTIALS, what="expired"),
    Problem(kind=ProblemKind.NETWORK, what="x"),
]
runs = st.lists(
    st.builds(
        planned,
        st.text("abcdef", min_size=1, max_size=3),
        st.sampled_from(["1" * 16, "2" * 16, "3" * 16]),
        level=st.sampled_from(RiskLevel),
        status=st.sampled_from(RunStatus),
        empty=st.booleans(),
        problem=st.none() | st.sampled_from(PROBLEMS),
    ),
    unique_by=lambda run: run.id,
    max_size=12,
)


@given(runs)
def test_every_plan_is_in_exactly_one_place(found):
    told = grouped(found)
    everywhere = [plan.id for group in (*told.groups, *told.failed) for plan in group.plans]
    everywhere += [plan.id for plan in (*told.empty, *told.going)]
    assert sorted(everywhere) == sorted(run.id for run in found)


@given(runs, st.randoms())
def test_the_order_of_plans_says_nothing(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert grouped(shuffled) == grouped(found)


@given(runs)
def test_a_group_has_one_fingerprint_and_no_two_groups_have_the_same(found):
    groups = grouped(found).groups
    for group in groups:
        assert {plan.plan.fingerprint for plan in group.plans} == {group.fingerprint}
    assert len({group.fingerprint for group in groups}) == len(groups)


@given(runs)
def test_what_destroys_comes_first_then_the_largest(found):
    groups = grouped(found).groups
    keys = [(not group.destructive, -len(group.plans)) for group in groups]
    assert keys == sorted(keys)


def test_a_group_is_as_destructive_as_the_worst_of_it_and_costs_what_all_of_it_costs():
    (group,) = grouped([planned("a"), planned("b", level=RiskLevel.DESTRUCTIVE)]).groups
    assert group.destructive
    assert group.slugs == ("a", "b")
    assert group.monthly == Decimal("1.00")
    (unsure,) = grouped([planned("a"), planned("b", monthly=None)]).groups
    assert unsure.monthly is None


def test_plans_that_failed_for_the_same_reason_are_together():
    failed = [planned(slug, status=RunStatus.FAILED, problem=PROBLEMS[slug == "c"]) for slug in "abc"]
    assert [group.slugs for group in grouped(failed).failed] == [("a", "b"), ("c",)]


def test_a_group_is_found_by_the_beginning_of_its_fingerprint_if_it_is_the_only_one():
    found = grouped([planned("a", "12" * 8), planned("b", "13" * 8)])
    assert found.group_of("12").slugs == ("a",)
    assert found.group_of("1") is None
    assert found.group_of("") is None

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.costs.model import Confidence
from fleet_tui.operations.grouping import PlanGroup, grouped
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
from fleet_tui.planning.batches import BatchProgress
from fleet_tui.present.line import plain, width_of
from fleet_tui.present.plans import (
    PlanRow,
    change_lines,
    cost_cell,
    danger_word,
    group_lines,
    grouped_sentence,
    named,
    names_cell,
    progress_sentence,
    rows_of,
)
from fleet_tui.present.runs import change_in_month, cost_sentence

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHANGE = ResourceChange(
    address='module.shop[0].module.functions.aws_lambda_function.this["create_order"]',
    type="aws_lambda_function",
    action=Action.UPDATE,
    changed=("layers", "source_code_hash"),
)


def cost(fixed: str = "0", usage: str = "0", **more: object) -> CostDelta:
    fields = {"fixed": Decimal(fixed), "usage": Decimal(usage), "confidence": Confidence.LISTED} | more
    return CostDelta.model_validate(fields)


def planned(slug: str, fingerprint: str = "a" * 16, level: RiskLevel = RiskLevel.LOW, **more: object) -> Run:
    operation = Operation(
        id=f"plan-{slug}",
        kind=OperationKind.PLAN,
        slug=slug,
        account_id="210000000001",
        operator="ana",
        requested_at=NOW - timedelta(hours=2),
    )
    told = {"change": 1, "changes": (CHANGE,), "fingerprint": fingerprint, "risk": Risk(level=level)} | more
    return Run(operation=operation, status=RunStatus.SUCCEEDED, plan=PlanSummary.model_validate(told))


def test_a_fleet_of_plans_is_one_sentence():
    plans = [planned(f"creator-{number}") for number in range(9)]
    assert grouped_sentence(grouped(plans)) == "9 creators: the same 1 change"
    plans.append(planned("other", "b" * 16))
    assert grouped_sentence(grouped(plans)) == "9 creators: the same 1 change; 1 differs"
    assert grouped_sentence(grouped(plans[-1:])) == "1 creator: 1 change"
    assert grouped_sentence(grouped([])) == "nothing to apply"


def test_progress_leaves_out_what_there_is_none_of():
    told = progress_sentence(BatchProgress(total=300, planned=112, failed=3, running=2))
    assert told == "planned 112 of 300 · 3 failed · 2 running"
    assert progress_sentence(BatchProgress(total=1_200, planned=1_200)) == "planned 1,200 of 1,200"


@pytest.mark.parametrize(
    ("delta", "told"),
    [
        (None, "cost unknown"),
        (cost(), "±$0/month, before usage"),
        (cost("2.20"), "+$2.20/month, at list prices"),
        (cost("-9"), "-$9.00/month, at list prices"),
        (cost("1", "2.5", confidence=Confidence.ASSUMED), "+$3.50/month, with usage as planned"),
        (cost("1", unknown=("aws_x",)), "+$1.00/month and what is not known: aws_x"),
        (cost(unknown=("aws_x",)), "±$0/month and what is not known: aws_x"),
    ],
)
def test_what_a_plan_costs_says_how_sure_it_is(delta, told):
    assert cost_sentence(delta) == told


def test_what_is_not_known_of_all_is_no_figure():
    known = planned("a", cost=cost("0.50"))
    for other, told in (
        (planned("b", cost=cost("0.50")), "+$1.00"),
        (planned("b", cost=cost("0.50", unknown=("aws_x",))), "+$1.00?"),
        (planned("b"), "–"),
    ):
        assert plain(cost_cell(PlanRow(PlanGroup((known, other))), 10, NOW)).strip() == told


def test_danger_grows_with_what_could_be_lost():
    two = (planned("a"), planned("b"))
    lossy = (planned("a", level=RiskLevel.DESTRUCTIVE), planned("b", level=RiskLevel.DESTRUCTIVE))
    words = [danger_word(PlanGroup(plans)) for plans in (two[:1], two, lossy[:1], lossy)]
    assert words == [None, "2", "a", "destroy 2"]


def test_names_are_counted_where_there_are_many():
    assert named(["a", "b", "c"]) == "a, b, c"
    assert named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


@given(st.integers(36, 160))
def test_no_line_of_a_group_is_wider_than_its_place_and_no_address_is_cut(width):
    group = PlanGroup((planned("a", cost=cost("1", lines=("+$1.00 aws_kms_key",))), planned("b")))
    lines = group_lines(group, NOW, width)
    told = [line for line in lines if width_of(line) > width]
    assert not told, [plain(line) for line in told]
    assert CHANGE.address in "".join(plain(line).strip() for line in change_lines(CHANGE, width))


def test_every_row_has_a_key_of_its_own():
    found = grouped([planned("a"), planned("b", "b" * 16), planned("c")])
    assert [row.plans for row in rows_of(found).values()] == [group.plans for group in found.groups]


def test_nothing_is_rounded_away():
    assert [change_in_month(Decimal(text)) for text in ("0.10", "-0.10", "1234.5")] == [
        "+$0.10/month",
        "-$0.10/month",
        "+$1,234.50/month",
    ]


def test_of_many_creators_the_changes_come_first_and_names_take_few_lines():
    drifted = {"drift": (CHANGE.address,)}
    plans = tuple(
        planned(f"creator-{number:03}", **(drifted if number == 7 else {})) for number in range(300)
    )
    told = [plain(line) for line in group_lines(PlanGroup(plans), NOW, 100)]
    assert told.index("Changes") < told.index("Creators")
    assert len(told) < 60
    assert "  planned 2h to 2h ago" in told
    assert sum("creator-299" in line for line in told) == 1
    assert told[-1] == "  creator-007  2h ago  ≠ 1 changed outside Terraform"


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (50, "creator-000, creator-001, creator-002 and 7 more  "),
        (40, "creator-000, creator-001 and 8 more     "),
        (24, "creator-000 and 9 more  "),
        (16, "creator-000 +9  "),
    ],
)
def test_as_many_are_named_as_there_is_room_for(width, told):
    group = PlanGroup(tuple(planned(f"creator-{number:03}") for number in range(10)))
    assert plain(names_cell(PlanRow(group), width, NOW)) == told

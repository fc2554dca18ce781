from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fleet_tui.operations.model import (
    Operation,
    OperationKind,
    PlanBasis,
    PlanSummary,
    Run,
    RunStatus,
)
from fleet_tui.operations.savedplans import PLAN_FILE, newest_plans, sweep_plans
from fleet_tui.operations.staleness import KEPT, stale

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASIS = PlanBasis(configuration="c", serial=3, lineage="l")


def planned(basis: PlanBasis | None = BASIS, at: datetime = NOW) -> Run:
    operation = Operation(
        id="p",
        kind=OperationKind.PLAN,
        slug="kasper",
        account_id="210000000001",
        operator="ana",
        requested_at=at,
    )
    return Run(operation=operation, status=RunStatus.SUCCEEDED, finished_at=at, plan=PlanSummary(basis=basis))


def test_a_plan_that_was_just_made_is_not_stale():
    assert stale(planned(), BASIS, NOW, kept=True) is None


@pytest.mark.parametrize(
    ("current", "told"),
    [
        ({"serial": 4}, "from serial 3 to 4"),
        ({"serial": None}, "from serial 3 to None"),
        ({"lineage": "m"}, "another one"),
        ({"configuration": "d"}, "the configuration has changed"),
    ],
)
def test_a_plan_is_stale_once_what_it_was_made_from_is_another_one(current, told):
    assert told in stale(planned(), BASIS.model_copy(update=current), NOW, kept=True)


def test_a_plan_is_stale_without_its_file_without_its_basis_and_after_a_day():
    assert "gone" in stale(planned(), BASIS, NOW, kept=False)
    assert "nothing is known" in stale(planned(None), BASIS, NOW, kept=True)
    assert stale(planned(), BASIS, NOW + KEPT, kept=True) is None
    assert "24 hours old" in stale(planned(), BASIS, NOW + KEPT + timedelta(seconds=1), kept=True)


def test_saved_plans_go_after_a_day(tmp_path):
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        (tmp_path / name / PLAN_FILE).write_text("secret")
    now = datetime.fromtimestamp((tmp_path / "one" / PLAN_FILE).stat().st_mtime, UTC)
    assert sweep_plans(tmp_path, now) == 0
    assert sweep_plans(tmp_path, now + KEPT + timedelta(minutes=1)) == 2
    assert list(tmp_path.glob(f"*/{PLAN_FILE}")) == []
    assert sweep_plans(tmp_path / "nothing", now) == 0


def test_the_newest_plan_is_found_by_name_unless_it_was_applied_since(tmp_path):
    for name in (
        "20261122T140355.123-plan-kasper-9f3a",
        "20261122T150355.123-plan-kasper-0000",
        "20261122T160355.123-drift-kasper-1111",
        "20261122T140355.123-plan-mina-plan-2222",
        "20261122T150355.123-apply-mina-plan-3333",
        "20261122T140355.123-plan-otto-4444",
        "20261121T140355.123-destroy-otto-5555",
        "something-else",
    ):
        (tmp_path / name).mkdir()
    assert newest_plans(tmp_path) == {
        "kasper": "20261122T150355.123-plan-kasper-0000",
        "otto": "20261122T140355.123-plan-otto-4444",
    }
    assert newest_plans(tmp_path / "nothing") == {}

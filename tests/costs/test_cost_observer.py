from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from fleet_tui.costs.model import CostReport
from fleet_tui.costs.observe import CostObserver
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Access
from tests.costs.fleet import NOW, StubbedDoor, creator

PAYER = SimpleNamespace(access=Access(profile="billing"))
STREAMER = creator(modules={"ivs-streaming": {"recording": False}})


@pytest.fixture
def door() -> StubbedDoor:
    return StubbedDoor()


WHOLE = Decimal("60.95")  # the stream, and what tables and alarms cost when nothing happens


def apis(door: StubbedDoor) -> None:
    item = {"ApiId": "abc", "Name": "abc", "ProtocolType": "HTTP", "RouteSelectionExpression": "x"}
    door.on("apigatewayv2").add_response("get_apis", {"Items": [item]})


def metrics(door: StubbedDoor, input_hours: float) -> None:
    apis(door)
    results = [
        {"Id": "invocations", "Values": [], "StatusCode": "Complete"},
        {"Id": "requests0", "Values": [], "StatusCode": "Complete"},
        {"Id": "input", "Values": [input_hours * 3600], "StatusCode": "Complete"},
        {"Id": "output", "Values": [], "StatusCode": "Complete"},
    ]
    door.on("cloudwatch").add_response("get_metric_data", {"MetricDataResults": results})


def bill(door: StubbedDoor, *days: tuple[str, str, str], account: str = "210000000002") -> None:
    periods: list[dict[str, Any]] = [
        {
            "TimePeriod": {"Start": day, "End": day},
            "Groups": [
                {"Keys": [account, service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
            ],
        }
        for day, service, amount in days
    ]
    door.on("ce").add_response("get_cost_and_usage", {"ResultsByTime": periods})


def look(door: StubbedDoor, payer: Any = PAYER) -> CostReport:
    return CostObserver(door, payer, now=lambda: NOW)(STREAMER)


def test_without_a_payer_there_is_an_estimate_and_no_bill(door: StubbedDoor):
    metrics(door, 21.5)
    report = look(door, None)
    assert report.month == date(2026, 11, 1)
    assert [line.service for line in report.estimate[:2]] == ["IVS input", "IVS output"]
    assert report.estimate[0].usage == Decimal(60)  # 21.5 hours in 21.5 days, 30 in the month
    assert report.forecast == report.estimated_total == WHOLE
    assert report.actual is report.actual_as_of is report.yesterday is None
    assert report.budget == 120
    assert not report.over_budget
    assert report.problems == ()
    assert CostReport.model_validate_json(report.model_dump_json()) == report


def test_the_bill_is_put_beside_the_estimate(door: StubbedDoor):
    metrics(door, 21.5)
    bill(
        door,
        ("2026-11-20", "AWS Lambda", "0.5"),
        ("2026-11-21", "Amazon IVS", "14"),
        ("2026-11-22", "AWS Lambda", "1"),
    )
    report = look(door)
    assert report.actual == Decimal("15.5")
    assert report.actual_by_service == (("Amazon IVS", Decimal(14)), ("AWS Lambda", Decimal("1.5")))
    assert report.actual_as_of == NOW
    assert report.yesterday == Decimal(14)
    # 14.5 dollars in the last seven complete days, nine days to come
    assert report.forecast == Decimal("33.15")
    assert report.estimated_total == WHOLE


def test_an_account_that_is_not_on_the_bill_has_no_known_cost(door: StubbedDoor):
    metrics(door, 21.5)
    bill(door, ("2026-11-20", "AWS Lambda", "0.5"), account="210000000001")
    report = look(door)
    assert report.actual is report.actual_as_of is None
    assert report.forecast == report.estimated_total


def test_a_bill_that_is_refused_leaves_the_measured_estimate(door: StubbedDoor):
    metrics(door, 21.5)
    door.on("ce").add_client_error("get_cost_and_usage", "AccessDeniedException")
    report = look(door)
    assert [problem.what for problem in report.problems] == ["AccessDeniedException"]
    assert report.actual is None
    assert report.forecast == WHOLE


def test_usage_that_is_refused_leaves_the_bill(door: StubbedDoor):
    apis(door)
    door.on("cloudwatch").add_client_error("get_metric_data", "AccessDenied")
    bill(door, ("2026-11-21", "Amazon IVS", "14"))
    report = look(door)
    assert [problem.what for problem in report.problems] == ["AccessDenied"]
    assert report.actual == Decimal(14)
    assert "planned" in report.estimate[0].basis


def test_planning_figures_alone_are_not_passed_off_as_a_look(door: StubbedDoor):
    apis(door)
    door.on("cloudwatch").add_client_error("get_metric_data", "AccessDenied")
    door.on("ce").add_client_error("get_cost_and_usage", "AccessDeniedException")
    with pytest.raises(FleetError, match="AccessDenied"):
        look(door)
    apis(door)
    door.on("cloudwatch").add_client_error("get_metric_data", "ExpiredToken")
    with pytest.raises(FleetError, match="ExpiredToken"):
        look(door, None)

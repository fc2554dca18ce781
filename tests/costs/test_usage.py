from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fleet_tui.costs.model import Usage
from fleet_tui.costs.usage import measure
from fleet_tui.problems import FleetError
from tests.costs.fleet import NOW, StubbedDoor, creator


@pytest.fixture
def door() -> StubbedDoor:
    return StubbedDoor()


def query(name: str, namespace: str, metric: str, **dimensions: str) -> dict[str, Any]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Period": 86400,
            "Stat": "Sum",
        },
    }


INPUT = query("input", "AWS/IVS", "LiveInputTime")
OUTPUT = query("output", "AWS/IVS", "LiveDeliveredTime")
INVOCATIONS = query("invocations", "AWS/Lambda", "Invocations")


def apis(door: StubbedDoor, *ids: str) -> None:
    items = [
        {"ApiId": api, "Name": api, "ProtocolType": "HTTP", "RouteSelectionExpression": "x"} for api in ids
    ]
    door.on("apigatewayv2").add_response("get_apis", {"Items": items}, {})


def metrics(
    door: StubbedDoor,
    queries: list[dict[str, Any]],
    *results: tuple[str, list[float], str],
    token: str = "",
    **page: str,
) -> None:
    response: dict[str, Any] = {
        "MetricDataResults": [
            {"Id": name, "Values": values, "StatusCode": status} for name, values, status in results
        ]
    }
    if token:
        response["NextToken"] = token
    expected = {
        "MetricDataQueries": queries,
        "StartTime": datetime(2026, 11, 1, tzinfo=UTC),
        "EndTime": NOW,
        **page,
    }
    door.on("cloudwatch").add_response("get_metric_data", response, expected)


def test_the_month_is_read_by_one_call_and_seconds_become_hours(door: StubbedDoor):
    apis(door, "abc", "def")
    counts = [
        query(f"requests{place}", "AWS/ApiGateway", "Count", ApiId=api)
        for place, api in enumerate(["abc", "def"])
    ]
    metrics(
        door,
        [INPUT, OUTPUT, INVOCATIONS, *counts],
        ("input", [3600.0, 5400.0], "Complete"),
        ("output", [36000.0], "Complete"),
        ("invocations", [10.0, 20.0], "Complete"),
        ("requests0", [7.0], "Complete"),
        ("requests1", [], "Complete"),
    )

    usage = measure(door, creator(), NOW)

    assert usage == Usage(
        stream_input_hours=2.5, stream_output_hours=10, lambda_invocations=30, api_requests=7
    )
    assert door.entries == [("mina-moor", None)]
    door.assert_all_used()


def test_results_that_come_in_pages_are_added_up(door: StubbedDoor):
    apis(door)
    asked = [INPUT, OUTPUT, INVOCATIONS]
    metrics(door, asked, ("input", [3600.0], "PartialData"), ("output", [], "Complete"), token="more")
    metrics(
        door, asked, ("input", [3600.0], "Complete"), ("invocations", [2.0], "Complete"), NextToken="more"
    )
    usage = measure(door, creator(modules={"ivs-streaming": {}}), NOW)
    assert usage == Usage(stream_input_hours=2, stream_output_hours=0, lambda_invocations=2)


def test_what_is_not_answered_in_full_is_unknown(door: StubbedDoor):
    apis(door, "abc")
    metrics(
        door,
        [INVOCATIONS, query("requests0", "AWS/ApiGateway", "Count", ApiId="abc")],
        ("invocations", [5.0], "Complete"),
        ("requests0", [5.0], "InternalError"),
    )
    usage = measure(door, creator(modules={"sponsor-system": {}}), NOW)
    assert usage == Usage(lambda_invocations=5, api_requests=None)


def test_only_what_is_on_is_asked_for(door: StubbedDoor):
    assert measure(door, creator(modules={"s3-website": {}}), NOW) == Usage()
    door.assert_all_used()


def test_an_api_that_is_not_there_yet_has_no_count(door: StubbedDoor):
    apis(door)
    metrics(door, [INVOCATIONS], ("invocations", [], "Complete"))
    usage = measure(door, creator(modules={"sponsor-system": {}}), NOW)
    assert usage == Usage(lambda_invocations=0, api_requests=None)


def test_refusals_are_fleet_errors(door: StubbedDoor):
    apis(door)
    door.on("cloudwatch").add_client_error("get_metric_data", "AccessDenied")
    with pytest.raises(FleetError, match="AccessDenied"):
        measure(door, creator(modules={"ivs-streaming": {}}), NOW)

"""Alarms follow their metric, and EventBridge hears of it."""

from __future__ import annotations

import json
import time

import pytest

from fleet_tui.sandbox.emulator.repairs.alarms import verdict
from tests.sandbox.queues import Queue

REGION = "eu-central-1"


@pytest.fixture
def heard(client):
    """A queue of the account's changes of alarms."""
    queue, events = Queue(client("sqs"), "heard"), client("events")
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [{"prefix": "kasper-"}]},
    }
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alarms", Targets=[{"Id": "1", "Arn": queue.arn}])
    return queue


def make_alarm(client, name="kasper-faults", **settings):
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        **{
            "AlarmDescription": "A function met an error",
            "Namespace": "fleet",
            "MetricName": "Faults",
            "Dimensions": [{"Name": "service", "Value": "shop"}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 1,
            "TreatMissingData": "notBreaching",
            **settings,
        },
    )


def put(client, value, service="shop"):
    datum = {"MetricName": "Faults", "Dimensions": [{"Name": "service", "Value": service}], "Value": value}
    client("cloudwatch").put_metric_data(Namespace="fleet", MetricData=[datum])


@pytest.mark.sandbox
def test_an_alarm_rings_for_its_own_dimensions_and_ends_when_nothing_comes_any_more(
    emulator, client, account, heard
):
    make_alarm(client)
    put(client, 5, service="events")
    put(client, 2)

    (rang,) = heard.bodies(1)
    assert (rang["source"], rang["detail-type"]) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
    assert rang["resources"] == [f"arn:aws:cloudwatch:{REGION}:{account}:alarm:kasper-faults"]
    detail = rang["detail"]
    assert (detail["previousState"]["value"], detail["state"]["value"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert "2.0" in detail["state"]["reason"]
    assert detail["configuration"]["description"] == "A function met an error"
    metric = detail["configuration"]["metrics"][0]["metricStat"]["metric"]
    assert metric == {"namespace": "fleet", "name": "Faults", "dimensions": {"service": "shop"}}

    later = {"account": account, "region": REGION, "at": time.time() + 301}
    assert emulator.call("alarms/evaluate", later) == {"alarms": {"kasper-faults": "OK"}}
    (over,) = heard.bodies(1)
    assert over["detail"]["state"]["value"] == "OK"
    assert emulator.call("alarms/evaluate", later) == {"alarms": {"kasper-faults": "OK"}}
    assert heard.next(seconds=0) is None


@pytest.mark.sandbox
def test_what_is_set_by_hand_is_heard_too_once(client, heard):
    make_alarm(client, "kasper-share")
    make_alarm(client, "other-share")
    cloudwatch = client("cloudwatch")
    for name in ("other-share", "kasper-share", "kasper-share"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a try")

    (event,) = heard.bodies(1)
    assert (event["detail"]["alarmName"], event["detail"]["state"]["reason"]) == ("kasper-share", "a try")
    assert heard.next(seconds=0) is None


@pytest.mark.sandbox
def test_an_alarm_on_a_percentile_has_no_other_statistic(client):
    client("cloudwatch").put_metric_alarm(
        AlarmName="latency",
        Namespace="AWS/ApiGateway",
        MetricName="Latency",
        ExtendedStatistic="p95",
        Period=300,
        EvaluationPeriods=3,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=3000,
    )
    (alarm,) = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["ExtendedStatistic"] == "p95"
    assert "Statistic" not in alarm


@pytest.mark.parametrize(
    ("values", "needed", "missing", "state"),
    [
        ([1.0], 1, "missing", "ALARM"),
        ([0.0], 1, "missing", "OK"),
        ([1.0, 0.0, 1.0], 2, "missing", "ALARM"),
        ([1.0, 0.0, 0.0], 2, "missing", "OK"),
        ([None], 1, "missing", "INSUFFICIENT_DATA"),
        ([None], 1, "ignore", None),
        ([None], 1, "breaching", "ALARM"),
        ([None], 1, "notBreaching", "OK"),
        ([1.0, None], 2, "breaching", "ALARM"),
        ([1.0, None], 2, "notBreaching", "OK"),
    ],
)
def test_so_many_periods_have_to_breach(values, needed, missing, state):
    assert verdict(values, needed, lambda value: value >= 1, missing) == state

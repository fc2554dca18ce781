"""What nobody waits for: retries, dead letters and destinations; schedules that fire."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.functions import make_function
from tests.sandbox.queues import Queue

pytestmark = pytest.mark.sandbox

SOURCE = """
    import json, os
    import boto3

    def handler(event, context):
        boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
        if "fail" in json.dumps(event):
            raise ValueError("as asked")
        return {"ok": True}
"""
ROLE = "arn:aws:iam::000000000000:role/scheduler"


@pytest.fixture
def queues(client):
    sqs = client("sqs")
    return {name: Queue(sqs, name) for name in ("seen", "dead", "failed", "done")}


@pytest.fixture
def function(client, queues):
    """A function that fails when it is told to, with a dead-letter queue and both destinations."""
    arn = make_function(client, "worker", SOURCE, environment={"SEEN": queues["seen"].url})
    functions = client("lambda")
    functions.update_function_configuration(
        FunctionName="worker", DeadLetterConfig={"TargetArn": queues["dead"].arn}
    )
    functions.put_function_event_invoke_config(
        FunctionName="worker",
        MaximumRetryAttempts=1,
        DestinationConfig={
            "OnFailure": {"Destination": queues["failed"].arn},
            "OnSuccess": {"Destination": queues["done"].arn},
        },
    )
    return arn


def test_an_event_that_fails_is_tried_again_and_reported(client, queues, function):
    client("lambda").invoke(FunctionName="worker", InvocationType="Event", Payload=b'{"do": "fail"}')

    assert queues["seen"].bodies(2) == [{"do": "fail"}] * 2
    letter = queues["dead"].next()
    assert json.loads(letter["Body"]) == {"do": "fail"}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "as asked"
    (record,) = queues["failed"].bodies(1)
    assert record["requestPayload"] == {"do": "fail"}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestContext"]["functionArn"] == f"{function}:$LATEST"
    assert record["responsePayload"]["errorMessage"] == "as asked"
    assert queues["seen"].next(seconds=0) is None


def test_an_event_that_succeeds_is_told_to_its_destination(client, queues, function):
    client("lambda").invoke(FunctionName="worker", InvocationType="Event", Payload=b'{"do": "work"}')

    (record,) = queues["done"].bodies(1)
    assert (record["requestContext"]["condition"], record["responsePayload"]) == ("Success", {"ok": True})
    assert queues["failed"].next(seconds=0) is None


def test_what_event_bridge_and_topics_send_is_tried_again_too(client, queues, function):
    events, sns = client("events"), client("sns")
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": function}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": '{"do": "fail"}'}])
    (record,) = queues["failed"].bodies(1)
    assert record["requestPayload"]["detail"] == {"do": "fail"}

    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    sns.publish(TopicArn=topic, Message="fail")
    (record,) = queues["failed"].bodies(1)
    assert record["requestPayload"]["Records"][0]["Sns"]["Message"] == "fail"


def make_schedule(client, function, name="daily", **settings):
    client("scheduler").create_schedule(
        Name=name,
        FlexibleTimeWindow={"Mode": "OFF"},
        **{
            "ScheduleExpression": "cron(5 0 1 1 ? 2099)",
            "Target": {"Arn": function, "RoleArn": ROLE, "Input": '{"at": "<aws.scheduler.schedule-arn>"}'},
            **settings,
        },
    )


def test_a_schedule_is_fired_at_once_through_the_back_door(emulator, client, account, queues, function):
    make_schedule(client, function)
    here = {"account": account, "region": "eu-central-1", "name": "daily"}

    fired = emulator.call("schedules/fire", here)["fired"]

    assert queues["seen"].bodies(1) == [{"at": fired}]


def test_a_rule_is_fired_at_once_through_the_back_door(emulator, client, account, queues, function):
    events = client("events")
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="nightly", Targets=[{"Id": "1", "Arn": function}])

    emulator.call("rules/fire", {"account": account, "region": "eu-central-1", "name": "nightly"})

    (event,) = queues["seen"].bodies(1)
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")


def test_a_moment_is_one_of_the_schedules_own_time_zone(client, queues, function):
    tokyo = datetime.now(ZoneInfo("Asia/Tokyo")) - timedelta(seconds=1)
    make_schedule(
        client,
        function,
        name="once",
        ScheduleExpression=f"at({tokyo:%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone="Asia/Tokyo",
        ActionAfterCompletion="DELETE",
        Target={"Arn": queues["done"].arn, "RoleArn": ROLE, "Input": "{}"},
    )

    assert queues["done"].bodies(1) == [{}]
    assert client("scheduler").list_schedules()["Schedules"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"ScheduleExpression": "cron(every day)"},
        {"ScheduleExpression": "at(tomorrow)"},
        {"ScheduleExpression": "rate(5 minutes)", "ScheduleExpressionTimezone": "Mars/Base"},
    ],
    ids=["cron", "at", "zone"],
)
def test_a_schedule_that_makes_no_sense_is_refused(client, wrong):
    with pytest.raises(client("scheduler").exceptions.ValidationException):
        make_schedule(client, "arn:aws:lambda:eu-central-1:1:function:none", **wrong)

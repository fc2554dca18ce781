"""What happens to a stream reaches the EventBridge rules of its account, and their functions."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.functions import make_function

pytestmark = pytest.mark.sandbox

PATTERN = {
    "source": ["aws.ivs"],
    "detail-type": ["IVS Stream State Change"],
    "detail": {"event_name": ["Stream Start"]},
}

QUEUE_SOURCE = """
    import json, os
    import boto3

    def handler(event, context):
        boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


def put_rule(client, target, pattern=PATTERN):
    events = client("events")
    events.put_rule(Name="streams", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="streams", Targets=[{"Id": "1", "Arn": target}])


def received(sqs, queue):
    """The next message; waits for it up to ten seconds."""
    messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10).get("Messages", [])
    return json.loads(messages[0]["Body"]) if messages else None


def test_a_function_is_told_that_a_stream_has_started(emulator, client, account):
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    put_rule(client, make_function(client, "on-stream", QUEUE_SOURCE, environment={"QUEUE": queue}))
    channel = client("ivs").create_channel(name="main")["channel"]["arn"]

    stream = emulator.call(
        "streams/start", {"account": account, "region": "eu-central-1", "channel_arn": channel}
    )

    event = received(sqs, queue)
    assert event["source"] == "aws.ivs"
    assert event["detail-type"] == "IVS Stream State Change"
    assert (event["account"], event["region"], event["resources"]) == (account, "eu-central-1", [channel])
    assert event["detail"] == {
        "event_name": "Stream Start",
        "channel_name": "main",
        "stream_id": stream["streamId"],
    }


def test_rules_of_other_accounts_hear_nothing(emulator, client, account, other_account):
    queues = {}
    for owner in (account, other_account):
        sqs = client("sqs", account=owner)
        queues[owner] = sqs.create_queue(QueueName="seen")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queues[owner], AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        events = client("events", account=owner)
        events.put_rule(Name="streams", EventPattern=json.dumps(PATTERN))
        events.put_targets(Rule="streams", Targets=[{"Id": "1", "Arn": arn}])
    channel = client("ivs").create_channel(name="main")["channel"]["arn"]

    emulator.call("streams/start", {"account": account, "region": "eu-central-1", "channel_arn": channel})

    assert received(client("sqs"), queues[account])["account"] == account
    theirs = client("sqs", account=other_account).receive_message(QueueUrl=queues[other_account])
    assert theirs.get("Messages", []) == []


def test_starvation_is_an_event_of_health(emulator, client, account):
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    put_rule(client, arn, {"source": ["aws.ivs"], "detail-type": ["IVS Stream Health Change"]})
    channel = client("ivs").create_channel(name="main")["channel"]["arn"]
    here = {"account": account, "region": "eu-central-1", "channel_arn": channel}

    emulator.call("streams/start", here)
    emulator.call("streams/starve", here)

    assert received(sqs, queue)["detail"]["event_name"] == "Starvation Start"


def test_history_that_is_put_in_place_is_no_news(emulator, client, account):
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    put_rule(client, arn, {"source": ["aws.ivs"]})
    channel = client("ivs").create_channel(name="main")["channel"]["arn"]
    here = {"account": account, "region": "eu-central-1", "channel_arn": channel}

    emulator.call("streams/start", {**here, "at": 1_700_000_000})
    emulator.call("streams/end", here)

    assert received(sqs, queue)["detail"]["event_name"] in ("Stream End", "Session Ended")


def test_nobody_else_may_speak_for_ivs(client):
    answer = client("events").put_events(
        Entries=[{"Source": "aws.ivs", "DetailType": "IVS Stream State Change", "Detail": "{}"}]
    )
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"

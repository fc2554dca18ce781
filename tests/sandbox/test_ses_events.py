"""SES v2: what becomes of a mail reaches EventBridge, for mail of the configuration set that asks for it."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.queues import Queue

pytestmark = pytest.mark.sandbox

REGION, DOMAIN = "eu-central-1", "kasper.live"


@pytest.fixture
def told(client, emulator, account):
    """What rules hear of bounces and complaints, in a queue."""
    ses, events = client("sesv2"), client("events")
    ses.create_email_identity(EmailIdentity=DOMAIN)
    emulator.call("ses/verify", {"account": account, "region": REGION, "identity": DOMAIN})
    emulator.call("ses/production", {"account": account, "region": REGION})
    for name in ("letters", "quiet"):
        ses.create_configuration_set(ConfigurationSetName=name)
    ses.create_configuration_set_event_destination(
        ConfigurationSetName="letters",
        EventDestinationName="bus",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["BOUNCE", "COMPLAINT"],
            "EventBridgeDestination": {"EventBusArn": f"arn:aws:events:{REGION}:{account}:event-bus/default"},
        },
    )
    queue = Queue(client("sqs"), "told")
    pattern = {"source": ["aws.ses"], "detail": {"mail": {"tags": {"ses:configuration-set": ["letters"]}}}}
    events.put_rule(Name="told", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="told", Targets=[{"Id": "queue", "Arn": queue.arn}])
    return queue


def send(client, to, configuration_set):
    return client("sesv2").send_email(
        FromEmailAddress=f"hello@{DOMAIN}",
        Destination={"ToAddresses": [to]},
        Content={"Simple": {"Subject": {"Data": "Hallo"}, "Body": {"Text": {"Data": "Bis gleich"}}}},
        EmailTags=[{"Name": "letter", "Value": "7"}],
        **({"ConfigurationSetName": configuration_set} if configuration_set else {}),
    )["MessageId"]


def test_a_bounce_and_a_complaint_are_told_and_nothing_else_is(client, told):
    for quiet in (None, "quiet"):
        send(client, "bounce@simulator.amazonses.com", quiet)
    for to in ("success@simulator.amazonses.com", "fan@example.com"):
        send(client, to, "letters")
    bounced = send(client, "bounce+1@simulator.amazonses.com", "letters")
    complained = send(client, "complaint@simulator.amazonses.com", "letters")

    events = told.bodies(2)

    assert told.next(seconds=0) is None
    by_type = {event["detail-type"]: event["detail"] for event in events}
    bounce, complaint = by_type["Email Bounced"], by_type["Email Complaint Received"]
    assert (bounce["eventType"], bounce["bounce"]["bounceType"]) == ("Bounce", "Permanent")
    assert bounce["mail"]["messageId"] == bounced
    assert bounce["mail"]["tags"] == {"letter": ["7"], "ses:configuration-set": ["letters"]}
    assert complaint["complaint"]["complainedRecipients"] == [
        {"emailAddress": "complaint@simulator.amazonses.com"}
    ]
    assert complaint["mail"]["messageId"] == complained

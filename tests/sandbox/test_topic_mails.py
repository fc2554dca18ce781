"""E-mail of topics: who is subscribed is asked first, and what is published arrives."""

from __future__ import annotations

import pytest

from fleet_tui.problems import FleetError

pytestmark = pytest.mark.sandbox

REGION = "eu-central-1"
FAN = "fan@example.com"


def mails(emulator, account):
    return emulator.call("mails", {"account": account, "to": FAN})["mails"]


def listed(sns, topic):
    found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert found == sns.list_subscriptions()["Subscriptions"]
    return [subscription["SubscriptionArn"] for subscription in found]


def test_an_address_gets_nothing_before_its_owner_has_agreed(emulator, client, account):
    sns = client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=FAN)
    assert answer["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=FAN, ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    assert arn.startswith(f"{topic}:")
    assert listed(sns, topic) == ["PendingConfirmation"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["PendingConfirmation"] == "true"
    sns.publish(TopicArn=topic, Subject="Early", Message="Nobody reads this.")
    asked = mails(emulator, account)
    assert [(mail["kind"], mail["subject"]) for mail in asked] == [
        ("SNS", "AWS Notification - Subscription Confirmation")
    ] * 2

    place = {"account": account, "region": REGION, "address": FAN}
    assert emulator.call("sns/confirm", place) == {"confirmed": [arn]}
    assert listed(sns, topic) == [arn]
    sns.publish(TopicArn=topic, Subject="News", Message="Grüße")
    mail = mails(emulator, account)[-1]
    assert (mail["subject"], mail["text"], mail["to"]) == ("News", "Grüße", [FAN])

    with pytest.raises(FleetError, match="Nothing waits"):
        emulator.call("sns/confirm", place)
    assert sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=FAN)["SubscriptionArn"] == arn
    sns.unsubscribe(SubscriptionArn=arn)
    sns.publish(TopicArn=topic, Message="Too late")
    assert mails(emulator, account)[-1]["text"] == "Grüße"

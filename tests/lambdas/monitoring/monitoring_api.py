"""Monitoring's functions: what calls them, and what reaches people."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from monitoring.settings import SAMPLE
from tests.lambdas.functions import ACCOUNT, Answer, Functions
from tests.lambdas.monitoring.messengers import TOKEN, WEBHOOK, Messengers

BUDGET_MESSAGE = """AWS Budget Notification May 20, 2026
AWS Account 100000000001

Dear AWS Customer,

You requested that we alert you when the ACTUAL Cost associated with your kasper-monthly budget is greater \
than $120.00 for the current month. The ACTUAL Cost associated with this budget is $123.45. You can find \
additional details below and by accessing the AWS Budgets dashboard [1].

Budget Name: kasper-monthly
Budget Type: Cost
Budgeted Amount: $150.00
Alert Type: ACTUAL
Alert Threshold: > $120.00
ACTUAL Amount: $123.45

[1] https://console.aws.amazon.com/billing/home#/budgets
"""
ANOMALY_MESSAGE = {
    "accountId": ACCOUNT,
    "anomalyStartDate": "2026-05-19T00:00:00Z",
    "anomalyEndDate": "2026-05-20T00:00:00Z",
    "anomalyId": "12345678-abcd-ef12-3456-987654321a12",
    "anomalyScore": {"maxScore": 0.47, "currentScore": 0.47},
    "impact": {
        "maxImpact": 51.0,
        "totalImpact": 51.0,
        "totalActualSpend": 61.5,
        "totalExpectedSpend": 10.5,
        "totalImpactPercentage": 485.71,
    },
    "rootCauses": [
        {
            "service": "Amazon Interactive Video Service",
            "region": "eu-central-1",
            "linkedAccount": ACCOUNT,
            "usageType": "EUC1-Output-HD-Hours",
        }
    ],
    "anomalyDetailsLink": "https://console.aws.amazon.com/cost-management/home#/anomaly-detection/monitors/"
    "abcdef12-1234-4ea0-84cc-918a97d736ef/anomalies/12345678-abcd-ef12-3456-987654321a12",
}


def alarm_event(
    name: str, state: str, at: datetime, *, description: str = "The API failed", previous: str = "OK"
) -> dict[str, Any]:
    """What EventBridge sends when an alarm changes."""
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "+0000")
    return {
        "version": "0",
        "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": at.isoformat(),
        "region": "eu-central-1",
        "resources": [f"arn:aws:cloudwatch:eu-central-1:{ACCOUNT}:alarm:{name}"],
        "detail": {
            "alarmName": name,
            "configuration": {"description": description, "metrics": []},
            "previousState": {"value": previous},
            "state": {"reason": "Threshold Crossed: 7 > 1", "timestamp": stamp, "value": state},
        },
    }


def sns_event(message: Any, message_id: str = "95df01b4-ee98-5cb9-9903-4c221d41eb5e") -> dict[str, Any]:
    """What SNS calls a function with."""
    text = message if isinstance(message, str) else json.dumps(message)
    sns = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": f"arn:aws:sns:eu-central-1:{ACCOUNT}:kasper-costs",
        "Subject": "AWS Budgets",
        "Message": text,
        "Timestamp": "2026-05-20T12:00:00.000Z",
    }
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns}]}


@dataclass
class Topic:
    """SNS: the topic of notices; refuses with the code `refuses`. Subscriptions are ARNs by address."""

    refuses: str = ""
    sent: list[tuple[str, str]] = field(default_factory=list)
    subscriptions: dict[str, str] = field(default_factory=dict)

    def publish(self, **message: Any) -> dict[str, str]:
        """Publish."""
        assert message["TopicArn"] == SAMPLE["NOTICES_TOPIC_ARN"]
        if self.refuses:
            error = {"Code": self.refuses, "Message": "kasper@example.org"}
            raise ClientError({"Error": error}, "Publish")
        self.sent.append((message["Subject"], message["Message"]))
        return {"MessageId": "1"}

    def get_paginator(self, operation: str) -> Topic:
        """The paginator of ListSubscriptionsByTopic."""
        assert operation == "list_subscriptions_by_topic"
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        """Its pages."""
        listed = [
            {"Protocol": "email", "Endpoint": address, "SubscriptionArn": arn}
            for address, arn in self.subscriptions.items()
        ]
        return [{"Subscriptions": listed[:1]}, {"Subscriptions": listed[1:]}]

    @property
    def subjects(self) -> list[str]:
        """Subjects of what was published, oldest first."""
        return [subject for subject, _ in self.sent]


@dataclass
class Monitoring(Functions):
    """The functions, the table, the topic's mailbox, the queue of failures, and both messengers."""

    dynamodb: Any = None
    ssm: Any = None
    sqs: Any = None
    topic: Topic = field(default_factory=lambda: Topic())
    messengers: Messengers = field(default_factory=Messengers)
    forget_secrets: Any = None

    def notify(self, event: dict[str, Any]) -> None:
        """Call the function in the background."""

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            self.invoke("notify", event)

    def alarm(self, name: str, state: str, **options: Any) -> None:
        """An alarm changes now."""
        self.notify(alarm_event(name, state, self.now, **options))

    def tick(self, **passed: float) -> None:
        """Time passes, and the schedule calls."""
        self.now += timedelta(**passed)
        self.notify({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def fill(self) -> None:
        """Somebody fills both secrets."""
        for name, value in (("slack-webhook", WEBHOOK), ("telegram-token", TOKEN)):
            self.ssm.put_parameter(
                Name=f"/kasper/monitoring/{name}", Type="SecureString", Value=value, Overwrite=True
            )
        self.forget_secrets()

    def failures(self) -> list[dict[str, Any]]:
        """What lies in the queue of failures."""
        found = self.sqs.receive_message(QueueUrl=SAMPLE["FAILURES_QUEUE_URL"], MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    def items(self, pk: str) -> list[dict[str, Any]]:
        """The items of a kind."""
        return [item for item in self.dynamodb.scan(TableName="monitoring")["Items"] if item["pk"]["S"] == pk]

    def channels(self) -> dict[str, Any]:
        """How the channels are, by name."""
        answer = self.call("check_channels", "GET", "/monitoring/channels", operator=True)
        assert answer.status == 200
        return {channel["channel"]: channel for channel in answer.body["channels"]}

    def trial(self, *, operator: bool = True) -> Answer:
        """Ask for a test notice."""
        return self.call("check_channels", "POST", "/monitoring/test-notice", operator=operator)

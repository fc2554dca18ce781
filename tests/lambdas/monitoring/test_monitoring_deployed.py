"""The packed functions behind a real rule and a real topic: what rings reaches people once, in storms too."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from monitoring.pacing import ALONE
from monitoring.settings import SAMPLE
from tests.lambdas.deployed import OWNER, REGION, Deployed, all_at_once, client, deploy, eventually
from tests.lambdas.functions import NOW
from tests.lambdas.monitoring.messengers import TOKEN, WEBHOOK, Messengers, serving
from tests.lambdas.monitoring.monitoring_api import ANOMALY_MESSAGE, alarm_event

pytestmark = pytest.mark.sandbox

FUNCTIONS = {
    "notify": {},
    "check_channels": {"GET /monitoring/channels": "operator", "POST /monitoring/test-notice": "operator"},
}
CONTACT = "kasper@example.org"
PLACE = {"account": OWNER, "region": REGION}
RINGS = 30
"""Alarms that ring at once."""


@dataclass(frozen=True)
class Site:
    """Monitoring of one account, and the server in the messengers' place."""

    deployed: Deployed
    messengers: Messengers
    costs: str

    def aws(self, service: str) -> Any:
        return client(self.deployed.emulator.url, service)

    def mails(self) -> list[dict[str, Any]]:
        found = self.deployed.emulator.call("mails", {**PLACE, "to": CONTACT})["mails"]
        return [mail for mail in found if mail["subject"].startswith("[kasper]")]

    def waiting(self) -> int:
        query = {"TableName": "monitoring", "KeyConditionExpression": "pk = :pk"}
        found = self.aws("dynamodb").query(**query, ExpressionAttributeValues={":pk": {"S": "NOTICE"}})
        return int(found["Count"])

    def forget(self) -> None:
        """Ten minutes pass: what was sent is no storm any more."""
        for name in ("email", "slack", "telegram"):
            self.aws("dynamodb").delete_item(
                TableName="monitoring", Key={"pk": {"S": "CHANNEL"}, "sk": {"S": name}}
            )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Monitoring in a fresh embedded AWS, with secrets that are filled and an address that was asked."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        with serving() as messengers:
            yield _made(emulator, messengers)
    finally:
        emulator.stop()


def _made(emulator: Emulator, messengers: Messengers) -> Site:
    url = emulator.url
    client(url, "dynamodb").create_table(
        TableName="monitoring",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    client(url, "sqs").create_queue(QueueName="kasper-failures")
    sns = client(url, "sns")
    notices, costs = (sns.create_topic(Name=f"kasper-{name}")["TopicArn"] for name in ("notices", "costs"))
    sns.subscribe(TopicArn=notices, Protocol="email", Endpoint=CONTACT)
    for name, value in (("slack-webhook", WEBHOOK), ("telegram-token", TOKEN)):
        client(url, "ssm").put_parameter(Name=f"/kasper/monitoring/{name}", Type="SecureString", Value=value)
    environment = {**SAMPLE, "MESSENGERS_BASE": messengers.url, "NOTICES_TOPIC_ARN": notices}
    deployed = deploy(emulator, "monitoring", FUNCTIONS, {**environment, "EMAILS": json.dumps([CONTACT])})
    function = deployed.functions["notify"]
    sns.subscribe(TopicArn=costs, Protocol="lambda", Endpoint=function)
    events = client(url, "events")
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [{"prefix": "kasper-"}]},
    }
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alarms", Targets=[{"Id": "1", "Arn": function}])
    client(url, "cloudwatch").put_metric_alarm(
        AlarmName="kasper-faults",
        Namespace="fleet",
        MetricName="Faults",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Threshold=1,
        TreatMissingData="notBreaching",
    )
    return Site(deployed, messengers, costs)


def test_channels_wait_for_people_and_a_test_notice_reaches_them(site: Site) -> None:
    def outcomes() -> dict[str, str]:
        answer = site.deployed.call("POST", "/monitoring/test-notice", signer=OWNER)
        assert answer.status_code == 200, answer.text
        return {result["channel"]: result["outcome"] for result in answer.json()["results"]}

    assert outcomes() == {"email": "not_set_up", "slack": "sent", "telegram": "sent"}
    site.deployed.emulator.call("sns/confirm", {**PLACE, "address": CONTACT})
    assert outcomes() == {"email": "sent", "slack": "sent", "telegram": "sent"}
    (mail,) = site.mails()
    assert mail["subject"] == "[kasper] Test notice"
    states = site.deployed.call("GET", "/monitoring/channels", signer=OWNER).json()["channels"]
    assert [channel["state"] for channel in states] == ["ready"] * 3


def test_a_metric_rings_people_and_says_when_it_is_over(site: Site) -> None:
    emulator = site.deployed.emulator
    datum = {"MetricName": "Faults", "Value": 2}
    site.aws("cloudwatch").put_metric_data(Namespace="fleet", MetricData=[datum])
    eventually(lambda: site.mails()[-1]["subject"] == "[kasper] ALARM: kasper-faults")
    eventually(lambda: site.waiting() == 0)
    emulator.call("alarms/evaluate", {**PLACE, "at": time.time() + 301})
    eventually(lambda: site.mails()[-1]["subject"] == "[kasper] OK again: kasper-faults")
    eventually(lambda: site.waiting() == 0)
    for service in ("slack", "telegram"):
        told = site.messengers.texts(service)[-2:]
        assert "ALARM: kasper-faults" in told[0]
        assert "OK again: kasper-faults" in told[1]


def test_what_aws_writes_of_costs_is_told_in_words_once(site: Site) -> None:
    site.aws("sns").publish(TopicArn=site.costs, Message=json.dumps(ANOMALY_MESSAGE))
    eventually(lambda: "Unusual costs" in site.mails()[-1]["subject"])
    eventually(lambda: site.waiting() == 0)
    assert "$51.00 more than usual" in site.messengers.texts("telegram")[-1]


def test_one_change_that_is_delivered_by_many_is_told_once(site: Site) -> None:
    site.forget()
    before = len(site.mails())
    event = alarm_event("kasper-many", "ALARM", NOW)
    all_at_once(lambda _: site.deployed.invoke("notify", event), range(50), 8)
    assert [mail["subject"] for mail in site.mails()[before:]] == ["[kasper] ALARM: kasper-many"]
    assert len([text for text in site.messengers.texts("slack") if "kasper-many" in text]) == 1
    assert site.waiting() == 0


def test_a_storm_of_alarms_is_few_messages_and_none_is_lost(site: Site) -> None:
    site.forget()
    before, slack = len(site.mails()), len(site.messengers.texts("slack"))
    alarms = [f"kasper-alarm-{index:02}" for index in range(RINGS)]
    all_at_once(lambda name: site.deployed.invoke("notify", alarm_event(name, "ALARM", NOW)), alarms, 8)
    messages = len(site.mails()) - before
    assert 1 <= messages <= ALONE + 1

    site.forget()
    site.deployed.invoke("notify", {"source": "aws.events", "detail-type": "Scheduled Event"})
    text = "".join(mail["subject"] + mail["text"] for mail in site.mails()[before:])
    assert [name for name in alarms if name not in text] == []
    assert len(site.mails()) - before <= messages + ALONE
    assert len(site.messengers.texts("slack")) - slack == len(site.mails()) - before
    assert site.waiting() == 0

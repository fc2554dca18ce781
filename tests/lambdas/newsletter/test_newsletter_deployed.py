"""The packed functions in the embedded AWS: hundreds of letters, whoever dies and whatever comes twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from newsletter.settings import SAMPLE
from newsletter.tokens import Keys, manage_link
from tests.lambdas.deployed import OWNER, REGION, Deployed, all_at_once, client, deploy, eventually
from tests.lambdas.newsletter.newsletter_api import LETTER

pytestmark = pytest.mark.sandbox

SUBSCRIBERS = 300
SECRET = b"s" * 32
SET = SAMPLE["CONFIGURATION_SET"]
FUNCTIONS = {
    "subscriptions": {
        "POST /newsletter/subscriptions": "public",
        "POST /newsletter/subscriptions/confirm": "public",
        "POST /newsletter/unsubscribe": "public",
        "GET /newsletter/unsubscribe": "public",
    },
    "letter_archive": {"GET /newsletter/archive": "public"},
    "edit_letters": {
        "POST /operator/newsletter/letters": "operator",
        "GET /operator/newsletter/letters/{id}": "operator",
        "POST /operator/newsletter/letters/{id}/send": "operator",
    },
    "subscriber_lists": {"GET /newsletter/blocked": "operator"},
    "send_confirmations": {},
    "fan_out_letter": {},
    "send_letters": {},
    "record_feedback": {},
}
SLOWLY, QUICKLY = {"MAILS_PER_SECOND": "1", "SENDERS": "3"}, {"MAILS_PER_SECOND": "100", "SENDERS": "1"}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The newsletter in a fresh embedded AWS that may write to everybody, a letter every three seconds."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        url = emulator.url
        place = {"account": OWNER, "region": REGION}
        client(url, "sesv2").create_email_identity(EmailIdentity="kasper.live")
        emulator.call("ses/verify", {**place, "identity": "kasper.live"})
        emulator.call("ses/production", place)
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        index = [("gsi1pk", "HASH"), ("gsi1sk", "RANGE")]
        stream = client(url, "dynamodb").create_table(
            TableName="newsletter",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys + index],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "gsi1",
                    "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in index],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )["TableDescription"]["LatestStreamArn"]
        queue = client(url, "sqs").create_queue(QueueName="newsletter", Attributes={"VisibilityTimeout": "2"})
        made = deploy(emulator, "newsletter", FUNCTIONS, {**SAMPLE, "QUEUE_URL": queue["QueueUrl"], **SLOWLY})
        listen(made, stream, queue["QueueUrl"])
        subscribe_all(url)
        yield made
    finally:
        emulator.stop()


def listen(deployed: Deployed, stream: str, queue_url: str) -> None:
    """Let the stream, the queue and SES call their functions, as Terraform does."""
    url = deployed.emulator.url
    mappings = client(url, "lambda")
    for function, sk in (("send_confirmations", "PENDING"), ("fan_out_letter", "LETTER")):
        pattern = {"dynamodb": {"Keys": {"sk": {"S": [sk]}}}}
        mappings.create_event_source_mapping(
            EventSourceArn=stream,
            FunctionName=deployed.functions[function],
            StartingPosition="TRIM_HORIZON",
            FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]},
        )
    mappings.create_event_source_mapping(
        EventSourceArn=client(url, "sqs").get_queue_attributes(
            QueueUrl=queue_url, AttributeNames=["QueueArn"]
        )["Attributes"]["QueueArn"],
        FunctionName=deployed.functions["send_letters"],
        BatchSize=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 2},
    )
    mail, events = client(url, "sesv2"), client(url, "events")
    mail.create_configuration_set(ConfigurationSetName=SET)
    mail.create_configuration_set_event_destination(
        ConfigurationSetName=SET,
        EventDestinationName="eventbridge",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["BOUNCE", "COMPLAINT"],
            "EventBridgeDestination": {"EventBusArn": f"arn:aws:events:{REGION}:{OWNER}:event-bus/default"},
        },
    )
    pattern = {"source": ["aws.ses"], "detail": {"mail": {"tags": {"ses:configuration-set": [SET]}}}}
    events.put_rule(Name="feedback", EventPattern=json.dumps(pattern))
    target = {"Id": "feedback", "Arn": deployed.functions["record_feedback"]}
    events.put_targets(Rule="feedback", Targets=[target])


def addresses() -> list[str]:
    """Everybody who gets letters; two of them are SES' own, whose mail bounces and is complained of."""
    simulated = [f"{what}@simulator.amazonses.com" for what in ("bounce", "complaint")]
    return [*simulated, *(f"fan{number}@honey.example" for number in range(SUBSCRIBERS - len(simulated)))]


def subscribe_all(url: str) -> None:
    """Put everybody into the table, by a secret that is known here."""
    table, keys = client(url, "dynamodb"), Keys(SECRET)
    consent = {"asked_at": "2026-05-20T12:00:00Z", "confirmed_at": "2026-05-20T12:05:00Z", "text": "Yes"}
    items: list[dict[str, Any]] = [{"pk": {"S": "SECRET"}, "sk": {"S": "SECRET"}, "secret": {"B": SECRET}}]
    for address in addresses():
        who = keys.id_of(address)
        items.append(
            {
                "pk": {"S": f"SUBSCRIBER#{who}"},
                "sk": {"S": "SUBSCRIBER"},
                "gsi1pk": {"S": "SUBSCRIBERS"},
                "gsi1sk": {"S": who},
                "id": {"S": who},
                "address": {"S": address},
                "topics": {"L": [{"S": "news"}]},
                "language": {"S": "en"},
                "version": {"N": "1"},
                "consents": {"L": [{"M": {name: {"S": value} for name, value in consent.items()}}]},
            }
        )
    for start in range(0, len(items), 25):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        table.batch_write_item(RequestItems={"newsletter": puts})


def receivers(deployed: Deployed) -> list[str]:
    found = deployed.emulator.call("mails", {"account": OWNER})["mails"]
    return [mail["to"][0] for mail in found if mail["subject"] == LETTER["subject"]]


def marks(deployed: Deployed, letter: str) -> Counter[str]:
    pages = (
        client(deployed.emulator.url, "dynamodb")
        .get_paginator("query")
        .paginate(
            TableName="newsletter",
            KeyConditionExpression="pk = :pk AND begins_with(sk, :to)",
            ExpressionAttributeValues={":pk": {"S": f"LETTER#{letter}"}, ":to": {"S": "TO#"}},
        )
    )
    return Counter(item["state"]["S"] for page in pages for item in page["Items"])


def kill_functions(deployed: Deployed) -> None:
    """End every process in which a function runs: the children of the embedded AWS."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        pid, parent = map(int, line.split())
        if parent == deployed.emulator.pid:
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_hundreds_of_subscribers_get_a_letter_each(deployed: Deployed) -> None:
    url = deployed.emulator.url
    draft = deployed.call("POST", "/operator/newsletter/letters", LETTER, signer=OWNER).json()
    path = f"/operator/newsletter/letters/{draft['id']}"
    asked = all_at_once(
        lambda _: deployed.call("POST", f"{path}/send", {"version": 1}, signer=OWNER).status_code, range(8), 4
    )
    assert Counter(asked) == {200: 8}

    # At this pace senders nearly always wait between two letters: there they are killed.
    eventually(
        lambda: marks(deployed, draft["id"]) == {"sent": len(receivers(deployed))} and receivers(deployed)
    )
    kill_functions(deployed)
    sqs, lambdas = client(url, "sqs"), client(url, "lambda")
    queue_url = sqs.get_queue_url(QueueName="newsletter")["QueueUrl"]
    assert len(receivers(deployed)) < SUBSCRIBERS
    known = lambdas.get_function_configuration(FunctionName="send_letters")["Environment"]["Variables"]
    lambdas.update_function_configuration(
        FunctionName="send_letters", Environment={"Variables": {**known, **QUICKLY}}
    )
    for number in range(1, SUBSCRIBERS // 10 + 1, 5):  # and every fifth message comes twice
        job = json.dumps({"letter": draft["id"], "number": number})
        sqs.send_message(QueueUrl=queue_url, MessageBody=job)

    def letter() -> Any:
        return deployed.call("GET", path, signer=OWNER).json()

    eventually(lambda: letter()["status"] == "sent", seconds=300)
    assert Counter(receivers(deployed)) == dict.fromkeys(addresses(), 1)
    figures = letter()["figures"]
    ended = (figures["planned"], figures["sent"], figures["failed"], figures["skipped"])
    assert ended == (SUBSCRIBERS, SUBSCRIBERS, 0, 0)
    eventually(lambda: letter()["figures"]["bounced"] == letter()["figures"]["complained"] == 1)
    blocked = deployed.call("GET", "/newsletter/blocked", signer=OWNER).json()["blocked"]
    assert {entry["address"]: entry["reason"] for entry in blocked} == {
        "bounce@simulator.amazonses.com": "bounced",
        "complaint@simulator.amazonses.com": "complained",
    }
    assert [found["id"] for found in deployed.call("GET", "/newsletter/archive").json()["letters"]] == [
        draft["id"]
    ]


def test_many_who_ask_at_once_get_one_letter_and_one_click_ends_it(deployed: Deployed) -> None:
    ask = {"email": "Beate.Biene@honey.example", "topics": ["news"]}

    def mails() -> list[dict[str, Any]]:
        found = deployed.emulator.call("mails", {"account": OWNER, "to": ask["email"]})["mails"]
        return list(found)

    answers = all_at_once(
        lambda _: deployed.call("POST", "/newsletter/subscriptions", ask).status_code, range(10), 4
    )
    assert Counter(answers) == {202: 10}
    eventually(mails)
    token = mails()[0]["text"].partition("#confirm=")[2].split()[0]
    confirmed = all_at_once(
        lambda _: deployed.call("POST", "/newsletter/subscriptions/confirm", {"token": token}).status_code,
        range(8),
        4,
    )
    assert Counter(confirmed) == {200: 8}
    assert len(mails()) == 1

    keys = Keys(SECRET)
    link = f"/newsletter/unsubscribe?token={keys.token(manage_link(keys.id_of(ask['email'])))}"
    key = {"pk": {"S": f"SUBSCRIBER#{keys.id_of(ask['email'])}"}, "sk": {"S": "SUBSCRIBER"}}

    def subscribed() -> bool:
        table = client(deployed.emulator.url, "dynamodb")
        return "gsi1pk" in table.get_item(TableName="newsletter", Key=key)["Item"]

    assert deployed.call("GET", link).status_code == 200
    assert subscribed()
    form = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Mail/1.0"}
    assert deployed.call("POST", link, b"List-Unsubscribe=One-Click", headers=form).status_code == 200
    assert not subscribed()

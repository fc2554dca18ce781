"""The packed functions behind a real HTTP API: from the form to the mailbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from contact_form.settings import SAMPLE
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.contact_form.contact_api import FORM
from tests.lambdas.deployed import OWNER, REGION, STRANGER, Deployed, all_at_once, client, deploy, eventually

pytestmark = pytest.mark.sandbox

FUNCTIONS = {
    "post_message": {"POST /contact": "public"},
    "count_undelivered": {"GET /contact/undelivered": "operator"},
    "deliver_messages": {},
}
THREADS = 4  # requests with one key that meet count each: fewer than one visitor may send in an hour


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The contact form in a fresh embedded AWS, with a domain that is not verified yet."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        url = emulator.url
        table = client(url, "dynamodb").create_table(
            TableName="contact",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )["TableDescription"]
        client(url, "sesv2").create_email_identity(EmailIdentity="kasper.live")
        made = deploy(emulator, "contact_form", FUNCTIONS, SAMPLE)
        client(url, "lambda").create_event_source_mapping(
            EventSourceArn=table["LatestStreamArn"],
            FunctionName=made.functions["deliver_messages"],
            StartingPosition="TRIM_HORIZON",
            FilterCriteria={
                "Filters": [
                    {"Pattern": '{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":["MESSAGE"]}}}}'}
                ]
            },
        )
        yield made
    finally:
        emulator.stop()


def mails(deployed: Deployed) -> list[dict[str, Any]]:
    found = deployed.emulator.call("mails", {"account": OWNER, "to": SAMPLE["RECIPIENT"]})
    return list(found["mails"])


def messages(deployed: Deployed) -> list[dict[str, Any]]:
    found = client(deployed.emulator.url, "dynamodb").scan(TableName="contact")["Items"]
    return [item for item in found if item["pk"]["S"] == "MESSAGE"]


def waiting(deployed: Deployed) -> int:
    answer = deployed.call("GET", "/contact/undelivered", signer=OWNER)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["waiting"])


def test_a_message_waits_for_the_domain_and_then_goes_out_by_itself(deployed: Deployed) -> None:
    key = {"Idempotency-Key": "0123456789"}
    answers = all_at_once(
        lambda _: deployed.call("POST", "/contact", FORM, headers=key).status_code, range(30), THREADS
    )
    assert Counter(answers) == {202: 30}
    item = eventually(lambda: next((item for item in messages(deployed) if "tries" in item), None))
    assert waiting(deployed) == 1
    assert mails(deployed) == []

    place = {"account": OWNER, "region": REGION}
    deployed.emulator.call("ses/verify", {**place, "identity": "kasper.live"})
    deployed.emulator.call("ses/production", place)
    client(deployed.emulator.url, "dynamodb").update_item(  # five minutes pass
        TableName="contact",
        Key={"pk": item["pk"], "sk": item["sk"]},
        UpdateExpression="SET claimed_until = :past",
        ExpressionAttributeValues={":past": {"N": "0"}},
    )
    deployed.invoke("deliver_messages", {"source": "aws.events", "detail-type": "Scheduled Event"})
    (mail,) = mails(deployed)
    assert mail["reply_to"] == ["Beate.Biene@honey.example"]
    assert mail["subject"] == "[kasper.live] Your stream of Tuesday"
    assert waiting(deployed) == 0

    second = {**FORM, "subject": "By the stream"}
    assert deployed.call("POST", "/contact", second).status_code == 202
    eventually(lambda: len(mails(deployed)) == 2)
    assert mails(deployed)[-1]["subject"] == "[kasper.live] By the stream"
    eventually(lambda: waiting(deployed) == 0)


@pytest.mark.parametrize("signer", [None, STRANGER])
def test_only_the_accounts_own_operators_count(deployed: Deployed, signer: str | None) -> None:
    assert deployed.call("GET", "/contact/undelivered", signer=signer).status_code == 403


def test_a_signature_for_something_else_does_not_count(deployed: Deployed) -> None:
    scope = f"{STRANGER}/20260520/{REGION}/execute-api/aws4_request"
    forged = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00",
        "X-Amz-Date": "20260520T120000Z",
    }
    assert deployed.call("GET", "/contact/undelivered", headers=forged).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 5000, 400),
        (b"null", 422),
        (b" " * 16_385, 413),
        (b'{"name":"x"}', 422),
    ],
    ids=range(6),
)
def test_odd_bodies_are_refused(deployed: Deployed, body: bytes, status: int) -> None:
    assert deployed.call("POST", "/contact", body).status_code == status


@pytest.mark.parametrize(
    "path", ["/contact/x", "/contact/%2e%2e/contact", "/Contact", "/contact/undelivered"]
)
def test_there_is_no_other_way_in(deployed: Deployed, path: str) -> None:
    assert deployed.call("POST", path, FORM).status_code == 404

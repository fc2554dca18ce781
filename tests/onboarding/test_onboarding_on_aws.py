"""What is asked of AWS for onboarding, on the embedded AWS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from fleet_tui.aws import AwsDoor
from fleet_tui.onboarding import certificates, mail
from fleet_tui.onboarding.golive import GoLive
from fleet_tui.onboarding.mail_rules import production_request
from fleet_tui.onboarding.memory import MEMORY_KEY, MemoryStore
from fleet_tui.onboarding.model import (
    MailStatus,
    Memory,
    Outcome,
    Production,
    Remembered,
    StepName,
    StepState,
)
from fleet_tui.onboarding.web import Web
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.sandbox.emulator.process import Emulator

pytestmark = pytest.mark.sandbox

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
REGION = "eu-central-1"
ACCOUNTS = iter(range(500_000_000_001, 500_000_000_100))


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    started = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield started
    started.stop()


@pytest.fixture
def door(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsDoor]:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "999999999999",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    opened = AwsDoor(operator="ana@ops")
    yield opened
    opened.close()


@pytest.fixture
def kasper() -> Creator:
    """A creator in an account where nobody has been before."""
    account = str(next(ACCOUNTS))
    return Creator.model_validate(
        {
            "slug": "kasper",
            "name": "Kasper Kast",
            "domain": "kasper.live",
            "account_id": account,
            "region": REGION,
            "contact": "kasper@kasper.live",
            "monthly_budget": 150,
            "access": {"role_arn": f"arn:aws:iam::{account}:role/FleetOperator"},
            "modules": {"contact-form": {}, "ivs-chat": {}},
        }
    )


def client(emulator: Emulator, service: str, who: Creator, region: str = REGION) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=emulator.url,
        aws_access_key_id=who.account_id,
        aws_secret_access_key="test",
    )


def test_mail_from_nothing_to_everybody(emulator, door, kasper):
    assert mail.look(door, kasper, NOW).identity is MailStatus.ABSENT
    client(emulator, "sesv2", kasper).create_email_identity(EmailIdentity=kasper.domain)
    pending = mail.look(door, kasper, NOW)
    assert (pending.identity, pending.production) == (MailStatus.PENDING, Production.NOT_ASKED)
    assert (len(pending.tokens), pending.per_day, pending.per_second) == (3, 200, 1)
    mail.ask_for_production(door, kasper, production_request(kasper))
    assert mail.look(door, kasper, NOW).production is Production.ASKED
    place = {"account": kasper.account_id, "region": REGION}
    emulator.call("ses/production", {**place, "granted": False})
    assert mail.look(door, kasper, NOW).production is Production.DECLINED
    emulator.call("ses/production", place)
    emulator.call("ses/verify", {**place, "identity": kasper.domain})
    done = mail.look(door, kasper, NOW)
    assert (done.identity, done.production, done.healthy) == (MailStatus.VERIFIED, Production.GRANTED, True)
    assert done.per_day == 50_000


def test_nothing_is_asked_of_aws_in_another_account(door, kasper):
    other = kasper.model_copy(update={"account_id": "500000000999"})
    with pytest.raises(FleetError) as refused:
        mail.ask_for_production(door, other, production_request(other))
    assert refused.value.problem.kind is ProblemKind.WRONG_ACCOUNT
    assert mail.look(door, kasper, NOW).production is Production.NOT_ASKED


def test_a_certificate_tells_its_state_and_its_records(emulator, door, kasper):
    acm = client(emulator, "acm", kasper, "us-east-1")
    arn = acm.request_certificate(
        DomainName=kasper.domain, SubjectAlternativeNames=[f"www.{kasper.domain}"], ValidationMethod="DNS"
    )["CertificateArn"]
    found = certificates.look(door, kasper, arn)
    assert found.status == "ISSUED"  # the embedded AWS issues at once
    assert {record.type for record in found.records} == {"CNAME"}
    assert all(
        record.name.endswith(kasper.domain) and not record.value.endswith(".") for record in found.records
    )


def remember(days: int) -> Memory:
    since = Remembered(state=StepState.WAITING, waiting_for="AWS", since=NOW - timedelta(days=days))
    return Memory(steps={StepName.DNS: since})


def test_memory_is_shared_by_operators_and_kept_here_before_there_is_a_bucket(
    emulator, door, kasper, tmp_path
):
    ana, ben = MemoryStore(door, tmp_path / "ana"), MemoryStore(door, tmp_path / "ben")
    assert ana.change(kasper, lambda memory: remember(2)) == remember(2)
    assert ana.read(kasper) == ana.copy(kasper) == remember(2)
    assert ben.read(kasper) == Memory()
    s3 = client(emulator, "s3", kasper)
    s3.create_bucket(
        Bucket=kasper.state_bucket, CreateBucketConfiguration={"LocationConstraint": kasper.region}
    )
    ana.change(kasper, lambda memory: memory.model_copy(update={"bucket_ready": True}))
    assert ben.read(kasper).bucket_ready is True
    assert ben.read(kasper).steps == remember(2).steps
    ben.change_here(kasper, lambda memory: Memory())
    assert ana.read(kasper).bucket_ready is True
    s3.put_object(Bucket=kasper.state_bucket, Key=MEMORY_KEY, Body=b"of another version")
    assert ben.read(kasper) == Memory()
    assert ben.change(kasper, lambda memory: remember(1)) == remember(1)
    assert ana.read(kasper) == remember(1)


def test_what_two_operators_find_at_a_time_is_both_kept(emulator, door, kasper, tmp_path):
    client(emulator, "s3", kasper).create_bucket(
        Bucket=kasper.state_bucket, CreateBucketConfiguration={"LocationConstraint": kasper.region}
    )
    names = (StepName.DNS, StepName.MAIL, StepName.ACCOUNT)
    together = threading.Barrier(len(names))

    def find(name: StepName) -> None:
        store, first = MemoryStore(door, tmp_path / name.value), [True]

        def add(memory: Memory) -> Memory:
            if first.pop() if first else False:
                together.wait(timeout=30)  # all have read before one has written
            kept = Remembered(state=StepState.DONE, since=NOW)
            return memory.model_copy(update={"steps": {**memory.steps, name: kept}})

        store.change(kasper, add)

    threads = [threading.Thread(target=find, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(MemoryStore(door, tmp_path / "last").read(kasper).steps) == set(names)


def test_the_room_makes_a_token_for_the_operator(emulator, door, kasper):
    room = client(emulator, "ivschat", kasper).create_room(name="kasper")["arn"]
    outputs = {"chat_room_arn": room, "api_endpoint": "https://nobody.execute-api.eu-central-1.amazonaws.com"}
    site = GoLive(door, Web(door.route), emulated=True)
    checks = {check.name: check for check in site.look(kasper, outputs, NOW, live=False).checks}
    assert checks["chat"].outcome is Outcome.FAILED  # the token is made; the route that refuses is not there
    assert "POST /chat/token without signing in: 404" in checks["chat"].found
    assert site.token_problem(kasper, room) is None
    gone = site.token_problem(kasper, f"{room[:-4]}gone")
    assert gone is not None
    assert gone.where == "kasper: ivschat"


def test_a_console_that_may_not_write_the_bucket_keeps_its_own_copy(emulator, door, kasper, tmp_path: Path):
    client(emulator, "s3", kasper).create_bucket(
        Bucket=kasper.state_bucket, CreateBucketConfiguration={"LocationConstraint": kasper.region}
    )
    store = MemoryStore(door, tmp_path)
    emulator.call(
        "faults/set",
        {
            "account": kasper.account_id,
            "service": "s3",
            "operation": "PutObject",
            "status": 403,
            "code": "AccessDenied",
            "message": "no",
        },
    )
    assert store.change(kasper, lambda memory: remember(3)) == remember(3)
    assert store.copy(kasper) == remember(3)

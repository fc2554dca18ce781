"""What was saved is there after a crash; a stop saves; one emulator at most works on a folder."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from fleet_tui.problems import FleetError
from fleet_tui.sandbox.emulator.process import Emulator
from tests.sandbox.clients import client_of
from tests.sandbox.functions import call_api, make_api, make_function, zipped

pytestmark = pytest.mark.sandbox

ACCOUNT = "300000000001"


def build_world(emulator):
    """A little of everything that has to survive; returns what to look for."""

    def client(service, region="eu-central-1", **keys):
        return client_of(emulator, service, ACCOUNT, region, **keys)

    s3 = client("s3")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="kept", Key="state/terraform.tfstate", Body=b"{}")
    api = make_api(
        client,
        make_function(client, "answer", "def handler(event, context):\n    return 'kept'"),
        {"GET /": "NONE"},
    )
    channel = client("ivs").create_channel(name="main")["channel"]["arn"]
    here = {"account": ACCOUNT, "region": "eu-central-1", "channel_arn": channel}
    stream = emulator.call("streams/start", {**here, "viewers": 7})["streamId"]
    emulator.call("metrics", {**here, "points": [{"name": "ConcurrentViews", "value": 7}]})
    emulator.call(
        "costs",
        {"account": ACCOUNT, "entries": [{"day": "2026-10-01", "service": "AWS Lambda", "usd": "1.10"}]},
    )
    fault = {
        "account": ACCOUNT,
        "service": "ivs",
        "operation": "DeleteChannel",
        "status": 403,
        "code": "Denied",
        "message": "no",
        "path": "",
    }
    emulator.call("faults/set", fault)
    operator = client_of(emulator, "sts", "operator")
    taken = operator.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/FleetOperator", RoleSessionName="ana")[
        "Credentials"
    ]
    keys = {
        "aws_access_key_id": taken["AccessKeyId"],
        "aws_secret_access_key": taken["SecretAccessKey"],
        "aws_session_token": taken["SessionToken"],
    }
    chat = client("ivschat")
    room = chat.create_room(name="main")["arn"]
    token = chat.create_chat_token(roomIdentifier=room, userId="fan", capabilities=["SEND_MESSAGE"])["token"]
    emulator.call("chat/send", {**here, "token": token, "content": "first"})
    client("sesv2").create_email_identity(EmailIdentity="kasper.live")
    emulator.call("ses/verify", {**here, "identity": "kasper.live"})
    emulator.call("ses/production", here)
    return {
        "api": api, "channel": channel, "stream": stream, "fault": fault, "keys": keys,
        "room": room, "token": token,
    }  # fmt: skip


def check_world(emulator, world):
    def client(service, region="eu-central-1", **keys):
        return client_of(emulator, service, ACCOUNT, region, **keys)

    assert client("s3").get_object(Bucket="kept", Key="state/terraform.tfstate")["Body"].read() == b"{}"
    assert call_api(emulator, world["api"], "GET", "/").text == "kept"
    (live,) = client("ivs").list_streams()["streams"]
    assert (live["channelArn"], live["streamId"], live["viewerCount"]) == (
        world["channel"],
        world["stream"],
        7,
    )
    assert [m["MetricName"] for m in client("cloudwatch").list_metrics(Namespace="AWS/IVS")["Metrics"]] == [
        "ConcurrentViews"
    ]
    costs = client("ce", "us-east-1").get_cost_and_usage(
        TimePeriod={"Start": "2026-10-01", "End": "2026-10-02"},
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
    )
    assert costs["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"] == "1.10"
    assert emulator.call("faults")["faults"] == [world["fault"]]
    assert client("sts", **world["keys"]).get_caller_identity()["Account"] == ACCOUNT
    here = {"account": ACCOUNT, "region": "eu-central-1"}
    sent = emulator.call("chat/send", {**here, "token": world["token"], "content": "next"})["message"]
    first, *_, last = emulator.call("chat/deliveries", {**here, "room": world["room"]})["deliveries"]
    assert (first["Content"], last) == ("first", sent)
    ses = client("sesv2")
    assert ses.get_email_identity(EmailIdentity="kasper.live")["VerificationStatus"] == "SUCCESS"
    assert ses.get_account()["ProductionAccessEnabled"] is True


def test_a_large_layer_survives_and_is_kept_once_for_all_accounts(state):
    letters = base64.b64encode(hashlib.shake_256(b"layer").digest(225_000)).decode()  # does not compress
    words = f"WORDS = '{letters}'"
    source = "from shared.words import WORDS\ndef handler(event, context):\n    return len(WORDS)"
    first = Emulator.start(state)
    for account in ("300000000001", "300000000002"):
        client = partial(client_of, first, account=account)
        layer = client("lambda").publish_layer_version(
            LayerName="shared", Content={"ZipFile": zipped(python__shared__words=words)}
        )["LayerVersionArn"]
        make_function(client, "layered", source, layers=[layer])
    first.save()
    kill(first)

    assert len(list((state / "services" / "blobs").iterdir())) == 1
    second = Emulator.start(state)
    try:
        for account in ("300000000001", "300000000002"):
            answer = client_of(second, "lambda", account).invoke(FunctionName="layered", Payload=b"{}")
            assert answer["Payload"].read() == b"300000"
    finally:
        second.stop()


def kill(emulator):
    os.kill(emulator.pid, signal.SIGKILL)
    emulator.stop()  # reaps the process


def test_a_crash_loses_nothing_that_was_saved(state):
    first = Emulator.start(state, seed="kept")
    world = build_world(first)
    first.save()
    kill(first)

    second = Emulator.start(state)
    try:
        check_world(second, world)
        fresh = client_of(second, "ivs", ACCOUNT, "us-east-1").create_channel(name="more")["channel"]["arn"]
        assert fresh.rsplit("/", 1)[1] != world["channel"].rsplit("/", 1)[1]
    finally:
        second.stop()


def test_a_save_takes_in_what_came_after_an_earlier_one(state):
    emulator = Emulator.start(state)
    ivs = client_of(emulator, "ivs", ACCOUNT)
    ivs.create_channel(name="first")
    emulator.save()
    ivs.create_channel(name="second")
    emulator.save()
    ivs.create_channel(name="third")
    kill(emulator)

    again = Emulator.start(state)
    try:
        names = [channel["name"] for channel in client_of(again, "ivs", ACCOUNT).list_channels()["channels"]]
        assert names == ["first", "second"]
    finally:
        again.stop()


def test_a_save_in_the_middle_of_work_keeps_all_that_was_answered(state):
    emulator = Emulator.start(state)
    dynamodb = client_of(emulator, "dynamodb", ACCOUNT)
    dynamodb.create_table(
        TableName="items", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    answered, stop = [], threading.Event()

    def write(worker):
        number = 0
        while not stop.is_set():
            key = f"{worker}-{number}"
            dynamodb.put_item(TableName="items", Item={"pk": {"S": key}})
            answered.append(key)
            number += 1

    with ThreadPoolExecutor(3) as pool:
        for worker in range(3):
            pool.submit(write, worker)
        while len(answered) < 20:
            stop.wait(0.01)
        for _ in range(3):
            before = set(answered)
            emulator.save()
        stop.set()
    kill(emulator)

    again = Emulator.start(state)
    try:
        pages = client_of(again, "dynamodb", ACCOUNT).get_paginator("scan").paginate(TableName="items")
        assert before <= {item["pk"]["S"] for page in pages for item in page["Items"]}
    finally:
        again.stop()


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "back door"])
def test_every_way_to_stop_saves(state, how):
    emulator = Emulator.start(state)
    client_of(emulator, "ivs", ACCOUNT).create_channel(name="kept")
    if how == "back door":
        assert emulator.call("stop") == {"stopping": True}
    else:
        os.kill(emulator.pid, getattr(signal, how))
    assert emulator.wait() == 0

    again = Emulator.start(state)
    try:
        assert [c["name"] for c in client_of(again, "ivs", ACCOUNT).list_channels()["channels"]] == ["kept"]
    finally:
        again.stop()


def test_one_emulator_to_a_folder_and_to_a_port(state, tmp_path):
    emulator = Emulator.start(state)
    try:
        assert Emulator.running(state).pid == emulator.pid
        with pytest.raises(FleetError, match="another emulator is running"):
            Emulator.start(state)
        with pytest.raises(FleetError, match="cannot be used"):
            Emulator.start(tmp_path / "other", port=emulator.port)
    finally:
        emulator.stop()
    assert Emulator.running(state) is None
    emulator.stop()  # once more does no harm


def test_who_did_not_start_it_can_stop_it(state):
    started = Emulator.start(state)
    found = Emulator.running(state)
    found.stop()

    assert started.wait() == 0
    assert Emulator.running(state) is None


def test_the_same_seed_makes_the_same_names(tmp_path):
    def names(folder, seed):
        emulator = Emulator.start(tmp_path / folder, seed=seed)
        try:
            made = client_of(emulator, "ivs", ACCOUNT).create_channel(name="main")
            return made["channel"]["arn"], made["streamKey"]["value"], made["channel"]["ingestEndpoint"]
        finally:
            emulator.stop()

    assert names("a", "7") == names("b", "7")
    assert names("c", "8") != names("a", "7")


def test_nothing_of_the_callers_environment_reaches_functions(state, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://elsewhere.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere.example:3128")
    emulator = Emulator.start(state)
    monkeypatch.undo()

    def client(service, region="eu-central-1"):
        return client_of(emulator, service, ACCOUNT, region)

    source = """
        import os

        def handler(event, context):
            return [os.environ.get(name, "") for name in ("AWS_PROFILE", "HTTPS_PROXY", "AWS_ENDPOINT_URL")]
    """
    try:
        make_function(client, "environment", source)
        seen = client("lambda").invoke(FunctionName="environment", Payload=b"{}")["Payload"].read().decode()
    finally:
        emulator.stop()
    assert seen == f'["", "", "{emulator.url}"]'


def test_a_zones_tags_are_kept_in_every_account(tmp_path):
    emulator = Emulator.start(tmp_path / "state")
    accounts = ("300000000011", "300000000012")
    zones = {}
    for account in accounts:
        route53 = client_of(emulator, "route53", account)
        zone = route53.create_hosted_zone(Name="kasper.live", CallerReference=account)["HostedZone"]["Id"]
        zones[account] = zone.rsplit("/", 1)[-1]
        route53.change_tags_for_resource(
            ResourceType="hostedzone",
            ResourceId=zones[account],
            AddTags=[{"Key": "creator", "Value": account}],
        )
    emulator.stop()
    emulator = Emulator.start(tmp_path / "state")
    try:
        for account in accounts:
            found = client_of(emulator, "route53", account).list_tags_for_resource(
                ResourceType="hostedzone", ResourceId=zones[account]
            )
            assert found["ResourceTagSet"]["Tags"] == [{"Key": "creator", "Value": account}]
    finally:
        emulator.stop()

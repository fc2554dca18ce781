"""The packed functions on the embedded AWS: IVS' own events, a real schedule's look, and who is let in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.deployed import OWNER, REGION, STRANGER, Deployed, all_at_once, client, deploy, eventually
from tests.lambdas.functions import ACCOUNT
from tests.lambdas.members import refused, tokens

pytestmark = pytest.mark.sandbox

PLACE = {"account": OWNER, "region": REGION}
FUNCTIONS = {
    "record_stream_state": {},
    "reconcile_recordings": {},
    "get_streams": {"GET /live": "public", "GET /videos": "public"},
    "issue_playback_token": {"POST /live/token": "member"},
    "manage_stream_key": {"GET /stream-key": "operator", "POST /stream-key/rotate": "operator"},
    "manage_videos": {
        "PUT /live": "operator",
        "GET /recordings": "operator",
        "PUT /videos/{id}": "operator",
        "DELETE /videos/{id}": "operator",
    },
}
OPERATORS = [
    ("GET", "/stream-key"),
    ("POST", "/stream-key/rotate"),
    ("PUT", "/live"),
    ("GET", "/recordings"),
    ("PUT", "/videos/a1"),
    ("DELETE", "/videos/a1"),
]
SCHEDULE = {"source": "aws.events", "detail-type": "Scheduled Event"}


@dataclass(frozen=True)
class Streamer(Deployed):
    """The module, the ARN of its channel, the id of its key, and a member's access token."""

    channel: str
    key: str
    member: str

    def stream(self, door: str, **more: Any) -> Any:
        """The encoder does something."""
        return self.emulator.call(f"streams/{door}", {**PLACE, "channel_arn": self.channel, **more})

    def live(self) -> Any:
        """GET /live."""
        answer = self.call("GET", "/live")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(autouse=True)
def offline(streamer: Streamer) -> Iterator[None]:
    """Every test leaves the channel off air."""
    yield
    ivs = client(streamer.emulator.url, "ivs")
    for stream in ivs.list_streams()["streams"]:
        ivs.stop_stream(channelArn=stream["channelArn"])


def make_members(url: str) -> dict[str, str]:
    """A user pool; its id, its issuer and its client."""
    cognito = client(url, "cognito-idp")
    pool = cognito.create_user_pool(PoolName="kasper", UsernameAttributes=["email"])["UserPool"]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]["ClientId"]
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
    return {"pool": pool, "issuer": issuer, "client_id": made}


def make_table(url: str) -> str:
    """The table with its index; ARN of its stream."""
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    index = [("gsi1pk", "HASH"), ("gsi1sk", "RANGE")]
    made = client(url, "dynamodb").create_table(
        TableName="streams",
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
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return str(made["TableDescription"]["LatestStreamArn"])


@pytest.fixture(scope="module")
def streamer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streamer]:
    """A creator of the embedded AWS who records, and whose streams are for members."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        url, here = emulator.url, {"LocationConstraint": REGION}
        stream_arn = make_table(url)
        client(url, "s3").create_bucket(Bucket="recordings", CreateBucketConfiguration=here)
        ivs, kms, sns = (client(url, name) for name in ("ivs", "kms", "sns"))
        destination = {"s3": {"bucketName": "recordings"}}
        recording = ivs.create_recording_configuration(destinationConfiguration=destination)
        channel = ivs.create_channel(
            name="kasper", recordingConfigurationArn=recording["recordingConfiguration"]["arn"]
        )["channel"]
        key = kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        members = make_members(url)
        environment = {
            "STREAMS_TABLE": "streams",
            "CHANNEL_ARN": channel["arn"],
            "PLAYBACK_URL": channel["playbackUrl"],
            "INGEST_ENDPOINT": channel["ingestEndpoint"],
            "AUTHORIZED_PLAYBACK": "true",
            "PLAYBACK_KEY_ID": key,
            "RECORDINGS_BUCKET": "recordings",
            "RECORDINGS_SERVED": "true",
            "RECORDING_RETENTION_DAYS": "30",
            "LIVE_TOPIC_ARN": sns.create_topic(Name="kasper-live")["TopicArn"],
        }
        made = deploy(emulator, "ivs_streaming", FUNCTIONS, environment, members)
        wire(url, made, channel["arn"], stream_arn)
        member = tokens(url, REGION, OWNER, members["pool"], members["client_id"])
        yield Streamer(made.emulator, made.api_id, made.functions, channel["arn"], key, member)
    finally:
        emulator.stop()


def wire(url: str, made: Deployed, channel: str, stream_arn: str) -> None:
    """What calls the functions in the background."""
    events = client(url, "events")
    pattern = {"source": ["aws.ivs"], "account": [ACCOUNT], "resources": [channel]}
    events.put_rule(Name="ivs", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="ivs", Targets=[{"Id": "1", "Arn": made.functions["record_stream_state"]}])
    client(url, "lambda").create_event_source_mapping(
        EventSourceArn=stream_arn,
        FunctionName=made.functions["reconcile_recordings"],
        StartingPosition="TRIM_HORIZON",
        FunctionResponseTypes=["ReportBatchItemFailures"],
        FilterCriteria={
            "Filters": [{"Pattern": '{"dynamodb":{"NewImage":{"gsi1pk":{"S":["RECORDING#removing"]}}}}'}]
        },
    )


def test_a_stream_from_its_start_to_its_video_and_the_videos_end(streamer: Streamer) -> None:
    assert streamer.live()["live"] is False
    title = {"title": "Bees at night"}
    assert streamer.call("PUT", "/live", title, signer=OWNER).status_code == 200

    streamer.stream("start", viewers=23)
    assert eventually(lambda: streamer.live()["live"]) is True
    streamer.invoke("record_stream_state", SCHEDULE)
    live = streamer.live()
    assert (live["title"], live["viewers_at_least"], live["playback"]) == ("Bees at night", 20, "members")
    streamer.stream("starve")
    assert eventually(lambda: streamer.live()["interrupted"]) is True

    streamer.stream("end")
    assert eventually(lambda: streamer.live()["live"] is False)

    (video,) = eventually(lambda: streamer.call("GET", "/videos").json()["videos"])
    assert video["title"] == "Bees at night"
    s3 = client(streamer.emulator.url, "s3")
    for path in (video["playback"], video["thumbnail"]):
        assert s3.head_object(Bucket="recordings", Key=path.lstrip("/"))

    assert streamer.call("DELETE", f"/videos/{video['id']}", signer=OWNER).status_code == 204
    assert streamer.call("GET", "/videos").json()["videos"] == []
    eventually(lambda: s3.list_objects_v2(Bucket="recordings")["KeyCount"] == 0)


def test_a_lost_end_is_made_up_for_by_the_next_look(streamer: Streamer) -> None:
    began = (datetime.now(UTC) - timedelta(minutes=3)).timestamp()
    streamer.stream("start", at=began)
    assert eventually(lambda: streamer.live()["live"]) is True
    # An end so long ago that the embedded IVS tells nobody of it.
    streamer.stream("end", at=began - 3_600)
    table = client(streamer.emulator.url, "dynamodb")
    item = table.get_item(TableName="streams", Key={"pk": {"S": "CHANNEL"}, "sk": {"S": "CHANNEL"}})["Item"]
    early = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    for stream in item["streams"]["L"]:
        stream["M"]["seen_at"]["S"] = early
    table.put_item(TableName="streams", Item=item)
    streamer.invoke("record_stream_state", SCHEDULE)
    assert streamer.live()["live"] is False


def test_looks_at_once_send_one_notice(streamer: Streamer) -> None:
    sqs, sns = (client(streamer.emulator.url, name) for name in ("sqs", "sns"))
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{OWNER}:inbox"
    topic = next(found["TopicArn"] for found in sns.list_topics()["Topics"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    streamer.stream("start", at=(datetime.now(UTC) - timedelta(minutes=3)).timestamp())
    all_at_once(lambda _: streamer.invoke("record_stream_state", SCHEDULE), range(12), 4)
    streamer.stream("end")
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2)["Messages"]
    (subject,) = [json.loads(message["Body"])["Subject"] for message in found]
    assert subject == "Live on kasper.live"


def test_a_member_gets_a_token_that_the_key_confirms(streamer: Streamer) -> None:
    answer = streamer.call("POST", "/live/token", token=streamer.member)
    assert answer.status_code == 201, answer.text
    kms = client(streamer.emulator.url, "kms")
    public_key: Any = load_der_public_key(kms.get_public_key(KeyId=streamer.key)["PublicKey"])
    claims = jwt.decode(answer.json()["token"], public_key, algorithms=["ES384"])
    assert claims["aws:channel-arn"] == streamer.channel


def test_nobody_else_gets_one(streamer: Streamer) -> None:
    assert streamer.call("POST", "/live/token").status_code == 401
    assert streamer.call("POST", "/live/token", signer=OWNER).status_code == 401
    bad = refused(streamer.emulator.url, REGION, OWNER, streamer.member)
    answers = {
        why: streamer.call("POST", "/live/token", headers={"Authorization": header}).status_code
        for why, header in bad.items()
    }
    assert answers == dict.fromkeys(bad, 401)


def test_rotations_at_once_leave_one_key(streamer: Streamer) -> None:
    before = streamer.call("GET", "/stream-key", signer=OWNER).json()["stream_key"]

    def rotate(_: int) -> Any:
        return streamer.call("POST", "/stream-key/rotate", {}, signer=OWNER)

    answers = all_at_once(rotate, range(6), 3)
    assert {answer.status_code for answer in answers} <= {200, 503}
    made = [answer.json()["stream_key"] for answer in answers if answer.status_code == 200]
    after = streamer.call("GET", "/stream-key", signer=OWNER).json()["stream_key"]
    assert after in made
    assert before not in made
    ivs = client(streamer.emulator.url, "ivs")
    assert len(ivs.list_stream_keys(channelArn=streamer.channel)["streamKeys"]) == 1


def test_a_live_channel_keeps_its_key_unless_forced(streamer: Streamer) -> None:
    streamer.stream("start")
    assert streamer.call("POST", "/stream-key/rotate", {}, signer=OWNER).status_code == 409
    assert streamer.call("POST", "/stream-key/rotate", {"force": True}, signer=OWNER).status_code == 200
    assert client(streamer.emulator.url, "ivs").list_streams()["streams"] == []


@pytest.mark.parametrize(("method", "path"), OPERATORS)
def test_only_the_accounts_own_operators_get_in(streamer: Streamer, method: str, path: str) -> None:
    body = {} if method in ("POST", "PUT") else None
    assert streamer.call(method, path, body).status_code == 403
    assert streamer.call(method, path, body, signer=STRANGER).status_code == 403
    assert streamer.call(method, path, body, token=streamer.member).status_code == 403
    scope = f"{OWNER}/20260520/{REGION}/execute-api/aws4_request"
    forged = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00",
        "X-Amz-Date": "20260520T120000Z",
    }
    assert streamer.call(method, path, body, headers=forged).status_code == 403


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b'{"title": "' + b"x" * 20_000 + b'"}', b"null"])
def test_odd_and_oversized_bodies_are_the_callers_fault(streamer: Streamer, body: bytes) -> None:
    for method, path in OPERATORS:
        if method in ("POST", "PUT"):
            assert streamer.call(method, path, body, signer=OWNER).status_code in (400, 413, 422)


@pytest.mark.parametrize("path", ["//live", "/videos/../stream-key", "/videos/%2e%2e/live", "/live%2ftoken"])
def test_path_tricks_lead_nowhere(streamer: Streamer, path: str) -> None:
    assert streamer.call("GET", path).status_code in (403, 404)

"""What a recorded stream leaves in its bucket, and what rules are told of it."""

from __future__ import annotations

import json
import re

import pytest

from tests.sandbox.queues import Queue

pytestmark = pytest.mark.sandbox


@pytest.fixture
def bucket(client, account):
    name = f"recordings-{account}"
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


@pytest.fixture
def record(emulator, client, account, bucket):
    """Stream for so many seconds to a recorded channel of this type; gives its ARN."""

    def record(seconds, **channel):
        ivs = client("ivs")
        configuration = ivs.create_recording_configuration(
            destinationConfiguration={"s3": {"bucketName": bucket}}
        )["recordingConfiguration"]["arn"]
        arn = ivs.create_channel(name="main", recordingConfigurationArn=configuration, **channel)["channel"][
            "arn"
        ]
        here = {"account": account, "region": "eu-central-1", "channel_arn": arn}
        begin = emulator.call("clock")["epoch"] - seconds
        video = {"videoHeight": 720, "videoWidth": 1280, "targetFramerate": 30}
        emulator.call("streams/start", {**here, "at": begin, "video": video})
        emulator.call("streams/end", {**here, "at": begin + seconds})
        return arn

    return record


def files(client, bucket):
    return [item["Key"] for item in client("s3").list_objects_v2(Bucket=bucket)["Contents"]]


def test_a_recording_has_its_place_by_channel_and_moment(client, account, bucket, record):
    channel = record(125, type="STANDARD").rpartition("/")[2]

    prefixes = {key.split("/events/")[0].split("/media/")[0] for key in files(client, bucket)}
    (prefix,) = prefixes
    assert re.fullmatch(rf"ivs/v1/{account}/{channel}/\d{{4}}(/\d{{1,2}}){{4}}/\w{{12}}", prefix)
    ended = client("s3").get_object(Bucket=bucket, Key=f"{prefix}/events/recording-ended.json")["Body"]
    description = json.load(ended)
    hls = description["media"]["hls"]
    assert (description["recording_status"], hls["duration_ms"]) == ("RECORDING_ENDED", 125_000)
    assert [rendition["path"] for rendition in hls["renditions"]] == ["720p30", "480p30", "360p30", "160p30"]
    for rendition in hls["renditions"]:
        assert f"{prefix}/{hls['path']}/{rendition['path']}/{rendition['playlist']}" in files(client, bucket)
    master = client("s3").get_object(Bucket=bucket, Key=f"{prefix}/{hls['path']}/{hls['playlist']}")
    assert "480p30/playlist.m3u8" in master["Body"].read().decode()


def test_a_basic_channel_is_recorded_as_it_comes(client, bucket, record):
    record(20, type="BASIC")
    assert {key.split("/hls/")[1].split("/")[0] for key in files(client, bucket) if "/hls/7" in key} == {
        "720p30"
    }
    assert not any("480p" in key for key in files(client, bucket))


def test_rules_are_told_where_it_is(client, account, bucket, record):
    heard = Queue(client("sqs"), "heard")
    events = client("events")
    pattern = {"source": ["aws.ivs"], "detail": {"recording_status": ["Recording End"]}}
    events.put_rule(Name="recordings", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="recordings", Targets=[{"Id": "1", "Arn": heard.arn}])

    channel = record(60)

    (event,) = heard.bodies(1)
    detail = event["detail"]
    assert (event["detail-type"], event["resources"]) == ("IVS Recording State Change", [channel])
    assert (detail["recording_s3_bucket_name"], detail["recording_duration_ms"]) == (bucket, 60_000)
    assert detail["recording_session_stream_ids"] == [detail["stream_id"]]
    master = f"{detail['recording_s3_key_prefix']}/media/hls/master.m3u8"
    assert master in files(client, bucket)

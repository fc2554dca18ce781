"""IVS: resources, stream sessions, metrics and events."""

from __future__ import annotations

import hashlib
import time

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

pytestmark = pytest.mark.sandbox


@pytest.fixture
def ivs(client):
    return client("ivs")


@pytest.fixture
def channel(ivs):
    return ivs.create_channel(name="main", type="BASIC", tags={"creator": "kasper"})["channel"]["arn"]


@pytest.fixture
def door(emulator, account, channel):
    """The back door of the test's channel."""

    def call(name, **body):
        return emulator.call(
            name, {"account": account, "region": "eu-central-1", "channel_arn": channel, **body}
        )

    return call


def error_of(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def test_a_channel_is_made_with_one_key_and_looks_as_asked(ivs, account):
    made = ivs.create_channel(name="main", type="ADVANCED_HD", latencyMode="NORMAL", tags={"a": "1"})

    channel = ivs.get_channel(arn=made["channel"]["arn"])["channel"]
    assert channel == made["channel"]
    assert (channel["type"], channel["latencyMode"], channel["name"]) == ("ADVANCED_HD", "NORMAL", "main")
    assert channel["arn"].startswith(f"arn:aws:ivs:eu-central-1:{account}:channel/")
    keys = ivs.list_stream_keys(channelArn=channel["arn"])["streamKeys"]
    assert [key["arn"] for key in keys] == [made["streamKey"]["arn"]]
    assert "value" not in keys[0]
    assert ivs.get_stream_key(arn=keys[0]["arn"])["streamKey"]["value"] == made["streamKey"]["value"]


def test_a_stream_key_is_replaced(ivs, channel):
    old = ivs.list_stream_keys(channelArn=channel)["streamKeys"][0]["arn"]
    assert error_of(ivs.create_stream_key, channelArn=channel) == "ServiceQuotaExceededException"

    ivs.delete_stream_key(arn=old)
    new = ivs.create_stream_key(channelArn=channel)["streamKey"]["arn"]

    assert new != old
    assert error_of(ivs.get_stream_key, arn=old) == "ResourceNotFoundException"


def test_tags_are_added_and_taken_away(ivs, channel):
    ivs.tag_resource(resourceArn=channel, tags={"wave": "canary"})
    ivs.untag_resource(resourceArn=channel, tagKeys=["creator"])

    assert ivs.list_tags_for_resource(resourceArn=channel)["tags"] == {"wave": "canary"}


def test_channels_come_in_pages_and_by_name(ivs):
    for number in range(5):
        ivs.create_channel(name=f"channel-{number}")

    pages = list(ivs.get_paginator("list_channels").paginate(PaginationConfig={"PageSize": 2}))

    assert [len(page["channels"]) for page in pages] == [2, 2, 1]
    assert len({channel["arn"] for page in pages for channel in page["channels"]}) == 5
    assert [c["name"] for c in ivs.list_channels(filterByName="channel-3")["channels"]] == ["channel-3"]
    assert error_of(ivs.list_channels, nextToken="nonsense") == "ValidationException"


def test_a_recording_configuration_needs_a_bucket_of_the_account(client, ivs, account):
    client("s3").create_bucket(
        Bucket=f"recordings-{account}", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    good = ivs.create_recording_configuration(
        destinationConfiguration={"s3": {"bucketName": f"recordings-{account}"}}
    )
    bad = ivs.create_recording_configuration(
        destinationConfiguration={"s3": {"bucketName": "nobodys-bucket"}}
    )

    assert good["recordingConfiguration"]["state"] == "ACTIVE"
    assert bad["recordingConfiguration"]["state"] == "CREATE_FAILED"
    arn = good["recordingConfiguration"]["arn"]
    ivs.create_channel(name="recorded", recordingConfigurationArn=arn)
    assert error_of(ivs.delete_recording_configuration, arn=arn) == "ConflictException"


def test_playback_keys_and_restrictions(ivs):
    def pem(curve):
        key = ec.generate_private_key(curve).public_key()
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), der

    material, der = pem(ec.SECP384R1())
    pair = ivs.import_playback_key_pair(publicKeyMaterial=material, name="player")["keyPair"]
    shown = ivs.get_playback_key_pair(arn=pair["arn"])["keyPair"]
    assert (
        shown["fingerprint"]
        == pair["fingerprint"]
        == hashlib.md5(der, usedforsecurity=False).digest().hex(":")
    )
    for wrong in ("no key", pem(ec.SECP256R1())[0]):
        assert error_of(ivs.import_playback_key_pair, publicKeyMaterial=wrong) == "ValidationException"

    policy = ivs.create_playback_restriction_policy(allowedCountries=["DE"])["playbackRestrictionPolicy"]
    ivs.update_playback_restriction_policy(arn=policy["arn"], allowedCountries=["DE", "AT"])
    shown = ivs.list_playback_restriction_policies()["playbackRestrictionPolicies"]
    assert [(p["arn"], p["allowedCountries"]) for p in shown] == [(policy["arn"], ["DE", "AT"])]


def test_a_channel_that_is_not_live(ivs, channel):
    assert error_of(ivs.get_stream, channelArn=channel) == "ChannelNotBroadcasting"
    assert error_of(ivs.stop_stream, channelArn=channel) == "ChannelNotBroadcasting"
    assert error_of(ivs.get_stream_session, channelArn=channel) == "ResourceNotFoundException"
    assert ivs.list_stream_sessions(channelArn=channel)["streamSessions"] == []


def test_a_stream_lives_from_start_to_end(ivs, channel, door):
    begin = int(time.time()) - 3600
    door("streams/start", at=begin, viewers=1200, video={"targetBitrate": 5_900_000, "encoder": "OBS 31"})

    (live,) = ivs.list_streams()["streams"]
    assert (live["channelArn"], live["state"], live["health"], live["viewerCount"]) == (
        channel,
        "LIVE",
        "HEALTHY",
        1200,
    )
    assert live["startTime"].timestamp() == begin

    door("streams/starve", at=begin + 60)
    door("streams/starve", at=begin + 61)  # once is enough
    assert ivs.get_stream(channelArn=channel)["stream"]["health"] == "STARVING"
    assert [s["streamId"] for s in ivs.list_streams(filterBy={"health": "STARVING"})["streams"]] == [
        live["streamId"]
    ]
    assert ivs.list_streams(filterBy={"health": "HEALTHY"})["streams"] == []
    door("streams/recover", at=begin + 90)
    door("streams/update", viewers=-1)
    assert ivs.get_stream(channelArn=channel)["stream"]["viewerCount"] == -1
    assert error_of(ivs.delete_channel, arn=channel) == "ConflictException"
    assert error_of(ivs.update_channel, arn=channel, name="other") == "ConflictException"
    door("streams/end", at=begin + 120)

    assert ivs.list_streams()["streams"] == []
    session = ivs.get_stream_session(channelArn=channel, streamId=live["streamId"])["streamSession"]
    assert session["endTime"].timestamp() == begin + 120
    assert session["channel"]["type"] == "BASIC"
    video = session["ingestConfigurations"]["videoConfigurations"][0]
    assert (video["encoder"], video["targetBitrate"], video["videoHeight"]) == ("OBS 31", 5_900_000, 1080)
    events = [(event["name"], event["eventTime"].timestamp() - begin) for event in session["truncatedEvents"]]
    assert events == [
        ("Session Ended", 120), ("Stream End", 120), ("Starvation End", 90), ("Starvation Start", 60),
        ("Stream Start", 0), ("Session Created", 0),
    ]  # fmt: skip
    (listed,) = ivs.list_stream_sessions(channelArn=channel)["streamSessions"]
    assert (listed["streamId"], listed["hasErrorEvent"]) == (live["streamId"], False)


def test_the_newest_session_comes_first(ivs, channel, door):
    first = door("streams/start", at=1_700_000_000)["streamId"]
    ivs.stop_stream(channelArn=channel)
    second = door("streams/start", at=1_700_010_000)["streamId"]

    assert [s["streamId"] for s in ivs.list_stream_sessions(channelArn=channel)["streamSessions"]] == [
        second,
        first,
    ]
    assert ivs.get_stream_session(channelArn=channel)["streamSession"]["streamId"] == second


def test_the_back_door_says_what_is_wrong(emulator, account, channel, door):
    from fleet_tui.problems import FleetError

    door("streams/start")
    with pytest.raises(FleetError, match="live already"):
        door("streams/start")
    with pytest.raises(FleetError, match="missing: region"):
        emulator.call("streams/end", {"account": account, "channel_arn": channel})
    with pytest.raises(FleetError, match="is no door"):
        emulator.call("nothing")


def test_metrics_come_back_in_order_per_account_and_region(emulator, client, account, other_account):
    now = int(time.time()) // 60 * 60
    points = [
        {
            "name": "IngestVideoBitrate",
            "value": value,
            "at": now - age * 60,
            "dimensions": {"Channel": "abc"},
            "unit": "Bits/Second",
        }
        for age, value in ((2, 3.0), (0, 1.0), (1, 2.0))
    ]
    emulator.call("metrics", {"account": account, "region": "eu-central-1", "points": points})
    query = {
        "MetricDataQueries": [
            {
                "Id": "bitrate",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/IVS",
                        "MetricName": "IngestVideoBitrate",
                        "Dimensions": [{"Name": "Channel", "Value": "abc"}],
                    },
                    "Period": 60,
                    "Stat": "Average",
                },
            }
        ],
        "StartTime": now - 600,
        "EndTime": now + 60,
    }

    def values(scan="TimestampDescending", **arguments):
        answer = client("cloudwatch", **arguments).get_metric_data(**query, ScanBy=scan)
        return answer["MetricDataResults"][0]["Values"]

    assert values() == [1.0, 2.0, 3.0]
    assert values(scan="TimestampAscending") == [3.0, 2.0, 1.0]
    assert values(account=other_account) == []
    assert values(region="us-east-1") == []


def test_nobody_may_write_into_the_namespaces_of_aws(client):
    data = [{"MetricName": "ConcurrentViews", "Value": 1}]
    cloudwatch = client("cloudwatch")

    assert (
        error_of(cloudwatch.put_metric_data, Namespace="AWS/IVS", MetricData=data) == "InvalidParameterValue"
    )
    cloudwatch.put_metric_data(Namespace="Fleet", MetricData=data)
    assert [metric["Namespace"] for metric in cloudwatch.list_metrics()["Metrics"]] == ["Fleet"]

"""Data Firehose: records land in S3 together, below their day, compressed."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

pytestmark = pytest.mark.sandbox


@pytest.fixture
def bucket(client, account):
    name = f"events-{account}"
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


@pytest.fixture
def stream(client, account, bucket):
    def make(**settings):
        client("firehose").create_delivery_stream(
            DeliveryStreamName="views",
            ExtendedS3DestinationConfiguration={
                "RoleARN": f"arn:aws:iam::{account}:role/firehose",
                "BucketARN": f"arn:aws:s3:::{bucket}",
                "Prefix": "events/day=!{timestamp:yyyy-MM-dd}/",
                "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
                **settings,
            },
        )
        return "views"

    return make


def put(client, stream, *numbers):
    for number in numbers:
        line = json.dumps({"number": number}) + "\n"
        client("firehose").put_record(DeliveryStreamName=stream, Record={"Data": line.encode()})


def objects(client, bucket):
    s3 = client("s3")
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def numbers(content):
    return [json.loads(line)["number"] for line in content.splitlines()]


def test_the_records_of_an_interval_are_one_compressed_object_of_their_day(client, bucket, stream):
    before = datetime.now(UTC).date()
    put(client, stream(CompressionFormat="GZIP"), *range(20))

    ((key, content),) = objects(client, bucket).items()
    days = {before, datetime.now(UTC).date()}
    assert any(key.startswith(f"events/day={day}/views-1-{day}-") for day in days)
    assert key.endswith(".gz")
    assert numbers(gzip.decompress(content)) == list(range(20))


def test_without_a_format_nothing_is_compressed(client, bucket, stream):
    name = stream()
    records = [{"Data": b'{"number": 1}\n'}, {"Data": b'{"number": 2}\n'}]
    assert (
        client("firehose").put_record_batch(DeliveryStreamName=name, Records=records)["FailedPutCount"] == 0
    )

    ((key, content),) = objects(client, bucket).items()
    assert not key.endswith(".gz")
    assert numbers(content) == [1, 2]


def test_a_full_object_is_followed_by_another(client, bucket, stream):
    name = stream(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 300})
    for _ in range(3):
        client("firehose").put_record(DeliveryStreamName=name, Record={"Data": b" " * 600_000})

    assert sorted(map(len, objects(client, bucket).values())) == [600_000, 1_200_000]


def test_what_was_deleted_does_not_come_back(client, bucket, stream):
    name = stream(CompressionFormat="GZIP")
    put(client, name, 1)
    ((key, _),) = objects(client, bucket).items()
    client("s3").delete_object(Bucket=bucket, Key=key)
    put(client, name, 2)
    client("firehose").delete_delivery_stream(DeliveryStreamName=name)
    put(client, stream(CompressionFormat="GZIP"), 3)

    assert [numbers(gzip.decompress(content)) for content in objects(client, bucket).values()] in (
        [[2], [3]],
        [[3], [2]],
    )

"""Forms for one file each, and the bucket's notifications."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared import uploads
from shared.uploads import Upload, discard, look_url, read_upload, upload_form, uploads_of

NOW = datetime.now(UTC)
KEY = "incoming/0123456789abc/7f"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket, in a process that is configured as Lambda's are."""
    for name, value in (
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        uploads.client().create_bucket(
            Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield "uploads"


def test_a_form_is_for_one_key_one_type_a_bounded_size_and_a_quarter_of_an_hour(bucket: str) -> None:
    now = datetime.now(UTC)  # botocore signs by its own clock
    form = upload_form(bucket, KEY, media_type="image/png", max_bytes=1_000, now=now)
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert {"key": KEY} in policy["conditions"]
    assert {"bucket": bucket} in policy["conditions"]
    assert {"Content-Type": "image/png"} in policy["conditions"]
    assert ["content-length-range", 1, 1_000] in policy["conditions"]
    assert not any("starts-with" in condition for condition in policy["conditions"])
    ends = datetime.fromisoformat(policy["expiration"])
    assert abs(ends - now - timedelta(minutes=15)) < timedelta(minutes=1)
    assert form.expires_at == now + timedelta(minutes=15)
    assert (form.fields["key"], form.fields["Content-Type"], form.max_bytes) == (KEY, "image/png", 1_000)


def test_a_form_goes_to_the_region_itself(bucket: str) -> None:
    """S3 answers a form that is posted to the global host with a redirect, which browsers do not follow."""
    form = upload_form(bucket, KEY, media_type="image/png", max_bytes=1_000, now=NOW)
    assert form.url == "https://uploads.s3.eu-central-1.amazonaws.com/"
    assert look_url(bucket, KEY).startswith(f"https://uploads.s3.eu-central-1.amazonaws.com/{KEY}?")


def test_a_notification_tells_of_keys_in_clear() -> None:
    records = [
        {"s3": {"bucket": {"name": "uploads"}, "object": {"key": "incoming/a+b%2Fc%C3%A9", "size": 7}}},
        {"s3": {"bucket": {"name": "uploads"}, "object": {"key": "incoming/d"}}},
    ]
    assert list(uploads_of({"Records": records})) == [
        Upload("uploads", "incoming/a b/cé", 7),
        Upload("uploads", "incoming/d", 0),
    ]
    assert list(uploads_of({"Service": "Amazon S3", "Event": "s3:TestEvent"})) == []


def test_no_more_is_read_than_is_needed_to_see_that_it_is_too_much(bucket: str) -> None:
    uploads.client().put_object(Bucket=bucket, Key=KEY, Body=b"x" * 5_000)
    upload = Upload(bucket, KEY, 5_000)
    assert read_upload(upload, 1_000) == b"x" * 1_001
    discard(bucket, KEY)
    assert read_upload(upload, 1_000) is None
    discard(bucket, KEY)

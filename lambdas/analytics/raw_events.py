"""The raw events: into Firehose one by one, and out of the bucket that it puts them into.

Firehose names a folder by the day on which the first record of an object arrived
(https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html), so that an object that was begun before
midnight lies on the day before, and one that could not be delivered at once on the day after.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import IO, TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from pydantic import ValidationError

from analytics.model import Event

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

MAX_LINE_BYTES = 64 * 1024
"""Many times what a line of ours has."""


@cache
def _firehose() -> Any:
    return boto3.client(
        "firehose",
        config=Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 2}),
    )


@cache
def _s3() -> S3Client:
    return boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 5}))


def send(stream: str, event: Event) -> None:
    """Hand an event to Firehose, which keeps it for a day until it is delivered."""
    line = event.model_dump_json(exclude_none=True) + "\n"
    _firehose().put_record(DeliveryStreamName=stream, Record={"Data": line.encode()})


def events_of(bucket: str, day: date) -> Iterator[Event | None]:
    """What happened on a UTC day and up to now was delivered, in any order, some of it perhaps twice.

    One object is open at a time, and one line of it in memory.

    Args:
        bucket: of the raw events.
        day: that they happened on; what was delivered up to the end of the next day counts.

    Yields:
        Events; None for a line that is none.
    """
    for key in _objects_of(bucket, day):
        with gzip.GzipFile(fileobj=_body_of(bucket, key)) as lines:
            while line := lines.readline(MAX_LINE_BYTES):
                event = _event_of(line)
                if event is None or event.at.astimezone(UTC).date() == day:
                    yield event


def _objects_of(bucket: str, day: date) -> Iterator[str]:
    start = datetime.combine(day, time(), UTC)
    for folder in (day - timedelta(days=1), day, day + timedelta(days=1)):
        pages = _s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"events/day={folder}/")
        for page in pages:
            for found in page.get("Contents", ()):
                if found["LastModified"] >= start:  # what was written before holds nothing of the day
                    yield found["Key"]


def _body_of(bucket: str, key: str) -> IO[bytes]:
    return cast("IO[bytes]", _s3().get_object(Bucket=bucket, Key=key)["Body"])


def _event_of(line: bytes) -> Event | None:
    try:
        return Event.model_validate_json(line)
    except ValidationError:
        return None

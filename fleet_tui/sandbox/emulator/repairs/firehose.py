"""Data Firehose.

Upstream:
- an S3 destination is described without its time zone, which AWS always shows (UTC unless set);
- every record becomes an object of its own, and CompressionFormat is not heeded;
- every record is kept in memory for good.

Here the records of one buffering interval become one object, compressed as it was asked for. Unlike AWS' it
is there with its first record and grows, so that nobody has to wait for the interval. Records that are
partitioned or converted by what is in them are still delivered one by one.
"""

from __future__ import annotations

import gzip
import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import firehose, s3

from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response

BUFFER_SECONDS, BUFFER_MB = 300, 5
"""AWS' defaults (https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html)."""

logger = logging.getLogger(__name__)


@dataclass
class _Buffer:
    """What has come in since the first record of an object; `size` is uncompressed, as AWS counts it."""

    key: str
    opened: float
    size: int = 0
    content: bytes = b""


_buffers: dict[tuple[str, ...], _Buffer] = {}


async def _tell_time_zone(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    status, answer_headers, answer = await inner(method, path, headers, body, query)
    if status != 200 or not headers.get("x-amz-target", "").endswith(".DescribeDeliveryStream"):
        return status, answer_headers, answer
    shown = json.loads(answer)
    for destination in shown["DeliveryStreamDescription"].get("Destinations", []):
        if shown_s3 := destination.get("ExtendedS3DestinationDescription"):
            shown_s3.setdefault("CustomTimeZone", "UTC")
    return status, answer_headers, json.dumps(shown).encode()


def _deliver(stream: dict[str, Any], destination: dict[str, Any], record: bytes) -> None:
    """Add a record to the object of the interval, or begin a new one. Called with Firehose's lock held."""
    config = destination["config"]
    bucket = firehose._s3_bucket_from_arn(config["BucketARN"])
    objects = (s3._ensure_bucket(bucket) or {"objects": {}})["objects"]
    # Neither a stream that was made anew nor one whose object was deleted goes on with what was before.
    place = get_account_id(), get_region(), bucket, stream["name"], str(stream["created_at"])
    hints = config.get("BufferingHints") or {}
    now = time.time()
    buffer = _buffers.get(place)
    if (
        buffer is None
        or buffer.key not in objects
        or now - buffer.opened >= hints.get("IntervalInSeconds", BUFFER_SECONDS)
        or buffer.size >= hints.get("SizeInMBs", BUFFER_MB) * 1024**2
    ):
        buffer = _buffers[place] = _Buffer(_key_of(stream, config), now)
    zipped = config.get("CompressionFormat") == "GZIP"
    buffer.size += len(record)
    # Members of gzip that follow each other are one file of gzip (RFC 1952).
    buffer.content += gzip.compress(record, compresslevel=1) if zipped else record
    status, *_ = s3._put_object(bucket, buffer.key, buffer.content, {})
    if status >= 300:
        logger.warning("%s could not deliver into %s", stream["name"], bucket)


def _key_of(stream: dict[str, Any], config: dict[str, Any]) -> str:
    at = firehose._arrival_time(config)
    prefix = firehose._evaluate_prefix(config.get("Prefix", ""), at)
    moment = firehose._java_time("yyyy-MM-dd-HH-mm-ss", at)
    extension = config.get("FileExtension") or (".gz" if config.get("CompressionFormat") == "GZIP" else "")
    return f"{prefix}{stream['name']}-{stream['version']}-{moment}-{new_uuid()}{extension}"


def install() -> None:
    """Put the repair in place."""
    wrap("firehose", _tell_time_zone)
    one_by_one = firehose._deliver_to_s3

    def deliver(stream: Any, destination: Any, record: bytes, lambda_keys: Any = None) -> None:
        destination["records"].clear()
        config = destination["config"]
        if any(
            (config.get(part) or {}).get("Enabled")
            for part in ("DynamicPartitioningConfiguration", "DataFormatConversionConfiguration")
        ):
            one_by_one(stream, destination, record, lambda_keys)
        else:
            _deliver(stream, destination, record)

    firehose._deliver_to_s3 = deliver

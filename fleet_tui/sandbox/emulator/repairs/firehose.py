"""Data Firehose.

Upstream: an S3 destination is described without its time zone, which AWS always shows (UTC unless set).
"""

from __future__ import annotations

import json

from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response


async def _tell_time_zone(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    status, answer_headers, answer = await inner(method, path, headers, body, query)
    if status != 200 or not headers.get("x-amz-target", "").endswith(".DescribeDeliveryStream"):
        return status, answer_headers, answer
    shown = json.loads(answer)
    for destination in shown["DeliveryStreamDescription"].get("Destinations", []):
        if s3 := destination.get("ExtendedS3DestinationDescription"):
            s3.setdefault("CustomTimeZone", "UTC")
    return status, answer_headers, json.dumps(shown).encode()


def install() -> None:
    """Put the repair in place."""
    wrap("firehose", _tell_time_zone)

"""Lambda: event source mappings.

Upstream: a mapping on a stream takes 10 records a batch when none is given; AWS takes 100
(https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).
"""

from __future__ import annotations

import json
import re

from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response

_STREAM = re.compile(r":(dynamodb|kinesis):")
STREAM_BATCH = 100


async def _stream_batch_size(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    if method == "POST" and path.rstrip("/").endswith("/event-source-mappings"):
        request = json.loads(body)
        if _STREAM.search(request.get("EventSourceArn") or ""):
            body = json.dumps({"BatchSize": STREAM_BATCH, **request}).encode()
    return await inner(method, path, headers, body, query)


def install() -> None:
    """Put the repair in place."""
    wrap("lambda", _stream_batch_size)

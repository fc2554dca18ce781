"""Lambda.

Upstream:
- an event source mapping on a stream takes 10 records a batch when none is given; AWS takes 100
  (https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html);
- every function that was ever called keeps a process (65 MB with its libraries) and its unpacked code for as
  long as the emulator runs; AWS ends what is idle, and a fleet has a hundred functions.
"""

from __future__ import annotations

import json
import re
import time

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response

_STREAM = re.compile(r":(dynamodb|kinesis):")
STREAM_BATCH = 100
IDLE_SECONDS = 120.0


async def _stream_batch_size(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    if method == "POST" and path.rstrip("/").endswith("/event-source-mappings"):
        request = json.loads(body)
        if _STREAM.search(request.get("EventSourceArn") or ""):
            body = json.dumps({"BatchSize": STREAM_BATCH, **request}).encode()
    return await inner(method, path, headers, body, query)


def reap_idle_workers() -> int:
    """End the processes of functions that nobody has called for a while; returns how many."""
    now = time.time()
    idle = []
    with lambda_runtime._lock:
        for key, workers in list(lambda_runtime._workers.items()):
            kept = [worker for worker in workers if worker.in_use or now - worker.last_used < IDLE_SECONDS]
            idle += [worker for worker in workers if worker not in kept]
            if kept:
                lambda_runtime._workers[key] = kept
            else:
                del lambda_runtime._workers[key]
    lambda_runtime.kill_workers(idle)
    return len(idle)


def install() -> None:
    """Put the repair in place."""
    lambda_svc.reap_idle_workers = reap_idle_workers  # ministack calls it every 30 s
    wrap("lambda", _stream_batch_size)

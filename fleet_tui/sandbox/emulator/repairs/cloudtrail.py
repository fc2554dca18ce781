"""CloudTrail.

Upstream: CreateTrail drops the tags it is given.
"""

from __future__ import annotations

import json

from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response

TARGET = "x-amz-target"


async def _keep_tags(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    status, answer_headers, answer = await inner(method, path, headers, body, query)
    prefix, _, operation = headers.get(TARGET, "").rpartition(".")
    if operation == "CreateTrail" and status == 200 and (tags := json.loads(body).get("TagsList")):
        add = {"ResourceId": json.loads(answer)["TrailARN"], "TagsList": tags}
        await inner(method, path, {**headers, TARGET: f"{prefix}.AddTags"}, json.dumps(add).encode(), query)
    return status, answer_headers, answer


def install() -> None:
    """Put the repair in place."""
    wrap("cloudtrail", _keep_tags)

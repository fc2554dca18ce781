"""CloudFront.

Upstream: a response headers policy without custom or removed headers shows them as empty elements; AWS leaves
the elements out, and Terraform sees a difference for ever.
"""

from __future__ import annotations

import re

from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response

_EMPTY = re.compile(
    rb"<(CustomHeadersConfig|RemoveHeadersConfig)>\s*<Quantity>0</Quantity>\s*"
    rb"(?:<Items\s*/>|<Items>\s*</Items>)?\s*</\1>"
)


async def _no_empty_elements(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    status, answer_headers, answer = await inner(method, path, headers, body, query)
    if "response-headers-policy" in path and answer:
        answer = _EMPTY.sub(b"", answer)
    return status, answer_headers, answer


def install() -> None:
    """Put the repair in place."""
    wrap("cloudfront", _no_empty_elements)

"""CloudFront.

Upstream:
- a response headers policy without custom or removed headers shows them as empty elements; AWS leaves the
  elements out, and Terraform sees a difference for ever;
- visitors, who have no credentials, find the default account's distributions only;
- it fetches from a bucket in the clear where its visitor came in the clear, as everybody does here, and is
  refused by policies that ask for TLS; CloudFront itself always comes by TLS to a bucket of this kind;
- a behaviour that leads to an origin group is answered by 502. Here the group's first origin answers: it is
  in the same emulator as the second one, and never fails alone.
"""

from __future__ import annotations

import re
from typing import Any

from ministack.core.iam_evaluator import pin_request_origin
from ministack.core.responses import set_request_account_id
from ministack.services import cloudfront, s3

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


def _find_in_any_account(label: str) -> dict[str, Any] | None:
    """The distribution of this name; what comes after works in its account."""
    for (account, _), distribution in list(cloudfront._distributions._data.items()):
        if distribution.get("DomainName", "").lower() == f"{label}.cloudfront.net":
            set_request_account_id(account)
            found: dict[str, Any] = distribution
            return found
    return None


def _fetch_by_tls() -> None:
    allows = s3._cloudfront_origin_allows

    def allows_by_tls(owner: str, bucket: str, key: str, source_arn: str, identity: str) -> bool:
        pin_request_origin("127.0.0.1", True)
        allowed: bool = allows(owner, bucket, key, source_arn, identity)
        return allowed

    s3._cloudfront_origin_allows = allows_by_tls


def _serve_origin_groups() -> None:
    parse = cloudfront.parse_distribution_dataplane_config

    def parse_with_groups(distribution: dict[str, Any]) -> dict[str, Any]:
        parsed: dict[str, Any] = parse(distribution)
        for group in cloudfront._dist_config_el(distribution).iter():
            if cloudfront._local_tag_name(group) == "OriginGroup":
                members = [each for each in group.iter() if cloudfront._local_tag_name(each) == "OriginId"]
                parsed["origins"][cloudfront._text(group, "Id")] = parsed["origins"][members[0].text]
        return parsed

    cloudfront.parse_distribution_dataplane_config = parse_with_groups


def install() -> None:
    """Put the repair in place."""
    wrap("cloudfront", _no_empty_elements)
    cloudfront.find_distribution_for_label = _find_in_any_account
    _fetch_by_tls()
    _serve_origin_groups()

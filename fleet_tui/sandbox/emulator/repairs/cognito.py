"""Cognito user pools.

Upstream: calls that are made without credentials, as browsers sign people in, only reach pools of the default
account and region. The pool is found by the client id, or by the one in the access token.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cognito

from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response


def _client_id(request: dict[str, Any]) -> str | None:
    if client := request.get("ClientId"):
        return str(client)
    try:
        claims = base64.urlsafe_b64decode(request["AccessToken"].split(".")[1] + "==")
        return str(json.loads(claims)["client_id"])
    except (KeyError, IndexError, AttributeError, ValueError, binascii.Error):
        return None


def _owner(request: dict[str, Any]) -> tuple[str, str] | None:
    client = _client_id(request)
    for (account, region, _), pool in cognito._user_pools.all_items():
        if client is not None and client in (pool.get("_clients") or {}):
            return account, region
    return None


async def _find_account(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    if "authorization" not in headers and body and (owner := _owner(json.loads(body))):
        with request_scope(*owner):
            return await inner(method, path, headers, body, query)
    return await inner(method, path, headers, body, query)


def install() -> None:
    """Put the repair in place."""
    wrap("cognito-idp", _find_account)

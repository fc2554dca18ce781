"""STS sessions.

Upstream: the sessions of assumed roles are forgotten at a restart and when they expire; a call that is signed
by a forgotten session then lands, without a word, in the default account. Here sessions are persisted, and a
session that is not known or has expired is refused, as AWS does.
"""

from __future__ import annotations

import copy
from typing import Any

from ministack import app as ministack
from ministack.core.router import detect_service, extract_access_key_id
from ministack.services import sts

from fleet_tui.sandbox.emulator.registration import keep
from fleet_tui.sandbox.emulator.wire import XML_SERVICES, Headers, Query, Response, ServiceError, error_answer

SESSION_KEY = "ASIA"
"""How the access keys of sessions begin."""

INVALID = "The security token included in the request is invalid."
EXPIRED = "The security token included in the request is expired"


class Sessions:
    """ministack's table of sessions as a state to keep."""

    @staticmethod
    def get_state() -> dict[str, Any]:
        """What is persisted."""
        return {"sessions": copy.deepcopy(sts._sessions)}

    @staticmethod
    def load_persisted_state(state: dict[str, Any]) -> None:
        """Restore."""
        sts._sessions.update(state["sessions"])

    @staticmethod
    def reset() -> None:
        """ministack's own reset clears the table."""


def refusal(service: str, access_key: str) -> ServiceError | None:
    """The error for a call that is signed by this key, or None where the key is good."""
    if not access_key.startswith(SESSION_KEY):
        return None
    session = sts._sessions.get(access_key)
    xml = service in XML_SERVICES
    if session is None:
        code = (
            "InvalidAccessKeyId"
            if service == "s3"
            else "InvalidClientTokenId"
            if xml
            else "UnrecognizedClientException"
        )
        return ServiceError(403, code, INVALID)
    if sts._session_expired(session):
        return ServiceError(403, "ExpiredToken" if xml else "ExpiredTokenException", EXPIRED)
    return None


def install() -> None:
    """Put the repair in place."""
    keep("fleet_sts_sessions", Sessions())
    inner = ministack._dispatch_service_request

    async def dispatch(
        method: str, path: str, headers: Headers, body: bytes, query: Query, request_id: str
    ) -> Response:
        key = extract_access_key_id(headers, query)
        if key.startswith(SESSION_KEY):
            service = detect_service(
                method, path, headers, ministack._routing_params(method, path, headers, body, query)
            )
            if error := refusal(service, key):
                return error_answer(service, headers, error)
        answer: Response = await inner(method, path, headers, body, query, request_id)
        return answer

    ministack._dispatch_service_request = dispatch

"""Faults on order: an operation of a service fails, in an account or a region of it, until it is cleared."""

from __future__ import annotations

import re
from typing import Any

from ministack import app as ministack
from ministack.core.iam_actions import extract_iam_action
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import detect_service

from fleet_tui.sandbox.emulator.wire import Headers, Query, Response, ServiceError, error_answer

ALIASES = {
    "cloudwatch": "monitoring",
    "eventbridge": "events",
    "stepfunctions": "states",
    "apigatewayv2": "apigateway",
}
"""boto3's name of a service → ministack's."""

_CBOR_OPERATION = re.compile(r"/operation/(\w+)")
_BARE_OPERATION = re.compile(r"^/([A-Z]\w+)$")  # IVS and its like: POST /ListStreams


class Faults:
    """The faults that are on, by account, service and operation."""

    def __init__(self) -> None:
        self.active: dict[str, dict[str, Any]] = {}

    @staticmethod
    def _key(account: str, service: str, operation: str, region: str | None) -> str:
        everywhere = f"{account}/{ALIASES.get(service, service)}/{operation}"
        return f"{everywhere}/{region}" if region else everywhere

    def set(
        self,
        account: str,
        service: str,
        operation: str,
        status: int,
        code: str,
        message: str,
        region: str | None = None,
        path: str = "",
    ) -> None:
        """Make an operation fail.

        Args:
            account: where.
            service: boto3's name of it, such as `dynamodb`; `execute-api` for calls to HTTP APIs.
            operation: such as `CreateTable`; for API Gateway's control plane its HTTP verb; `*` for all.
            status: HTTP status of the answer.
            code: AWS' name of the error, such as `AccessDeniedException`.
            message: what the answer says.
            region: where alone it fails; everywhere when None.
            path: how the path of the requests ends that fail; all when empty.
        """
        entry = {"account": account, "service": service, "operation": operation}
        if region:
            entry["region"] = region
        self.active[self._key(account, service, operation, region)] = {
            **entry,
            "status": status,
            "code": code,
            "message": message,
            "path": path,
        }

    def clear(
        self, account: str | None = None, service: str | None = None, operation: str | None = None
    ) -> int:
        """Clear the faults that match all that is given; returns how many there were."""
        wanted = {"account": account, "service": service, "operation": operation}
        gone = [
            key
            for key, fault in self.active.items()
            if all(value is None or fault[name] == value for name, value in wanted.items())
        ]
        for key in gone:
            del self.active[key]
        return len(gone)

    def find(
        self, account: str, service: str, operation: str, region: str, path: str = ""
    ) -> ServiceError | None:
        """The error that this call has to end in, or None."""
        for name in (operation, "*"):
            for place in (region, None):
                fault = self.active.get(self._key(account, service, name, place))
                if fault and path.endswith(fault.get("path", "")):
                    return ServiceError(fault["status"], fault["code"], fault["message"])
        return None

    def get_state(self) -> dict[str, Any]:
        """What is persisted."""
        return {"active": dict(self.active)}

    def load_persisted_state(self, state: dict[str, Any]) -> None:
        """Restore."""
        self.active.update(state["active"])

    def reset(self) -> None:
        """Clear all."""
        self.active.clear()


faults = Faults()


def operation_of(service: str, method: str, path: str, headers: Headers, body: bytes, query: Query) -> str:
    """The name of the operation that a request asks for, or the empty string."""
    if match := _CBOR_OPERATION.search(path) or _BARE_OPERATION.match(path):
        return match.group(1)
    if target := headers.get("x-amz-target", ""):
        return target.rsplit(".", 1)[-1]
    action = extract_iam_action(service, method, path, headers, body, query)
    return action.split(":", 1)[1] if action else ""


def install() -> None:
    """Look for a fault before any service is asked."""
    inner = ministack._dispatch_service_request

    async def dispatch(
        method: str, path: str, headers: Headers, body: bytes, query: Query, request_id: str
    ) -> Response:
        account = get_account_id()
        if any(fault["account"] == account for fault in faults.active.values()):
            parameters = ministack._routing_params(method, path, headers, body, query)
            service = detect_service(method, path, headers, parameters)
            operation = operation_of(service, method, path, headers, body, parameters)
            if error := faults.find(account, service, operation, get_region(), path):
                return error_answer(service, headers, error)
        answer: Response = await inner(method, path, headers, body, query, request_id)
        return answer

    ministack._dispatch_service_request = dispatch

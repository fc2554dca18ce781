"""What is asked of the emulator, by account: whoever wants to know sets a watch, and reads what has come."""

from __future__ import annotations

from typing import Any

from ministack import app as ministack
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import detect_service

from fleet_tui.sandbox.emulator.faults import operation_of
from fleet_tui.sandbox.emulator.wire import Headers, Query, Response


class Requests:
    """The requests since the watch was set; none are written down before."""

    def __init__(self) -> None:
        self._since: list[dict[str, Any]] | None = None

    @property
    def watched(self) -> bool:
        """Whether requests are written down."""
        return self._since is not None

    def watch(self) -> None:
        """Write down every request from now on, and forget those that were."""
        self._since = []

    def add(self, request: dict[str, Any]) -> None:
        """Write one down, where a watch is set."""
        if self._since is not None:
            self._since.append(request)

    def shown(self, account: str | None) -> list[dict[str, Any]]:
        """The requests of an account, or of all, in the order in which they came."""
        return [entry for entry in self._since or () if account in (None, entry["account"])]


requests = Requests()


def install() -> None:
    """Write requests down before anything else sees them: one that is refused was asked all the same."""
    inner = ministack._dispatch_service_request

    async def dispatch(
        method: str, path: str, headers: Headers, body: bytes, query: Query, request_id: str
    ) -> Response:
        entry: dict[str, Any] = {}
        if requests.watched:
            parameters = ministack._routing_params(method, path, headers, body, query)
            service = detect_service(method, path, headers, parameters)
            operation = operation_of(service, method, path, headers, body, parameters)
            entry = {"account": get_account_id(), "region": get_region(), "service": service}
            entry |= {"operation": operation, "path": path}
            requests.add(entry)
        answer: Response = await inner(method, path, headers, body, query, request_id)
        entry["status"] = answer[0]
        return answer

    ministack._dispatch_service_request = dispatch

"""Gates on order: requests of one operation in an account are held until the gate is released.

What is tried at an exact moment (a process is killed, a connection cut) waits at a gate for that moment.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from ministack import app as ministack
from ministack.core.responses import get_account_id
from ministack.core.router import detect_service

from fleet_tui.sandbox.emulator.faults import ALIASES, operation_of
from fleet_tui.sandbox.emulator.wire import Headers, Query, Response, ServiceError, error_answer


@dataclass
class Gate:
    """A gate that is shut.

    Args:
        account: where.
        service: ministack's name of it.
        operation: such as `PutParameter`, as for a fault.
        path: how the request's path ends; empty for any.
        after: the request is carried out, and its answer is held.
        waiting: how many requests are held.
        carry_out: what becomes of them at the release; those of a client that is gone are better dropped.
    """

    account: str
    service: str
    operation: str
    path: str
    after: bool
    waiting: int = 0
    carry_out: bool = True
    opened: asyncio.Event = field(default_factory=asyncio.Event)


class Gates:
    """The gates that are shut."""

    def __init__(self) -> None:
        self.shut: list[Gate] = []

    def set(self, account: str, service: str, operation: str, *, path: str, after: bool) -> None:
        """Shut a gate; see `Gate`."""
        self.shut.append(Gate(account, ALIASES.get(service, service), operation, path, after))

    def release(self, account: str, *, carry_out: bool) -> int:
        """Open all gates of an account; returns how many requests were held."""
        opened = [gate for gate in self.shut if gate.account == account]
        self.shut = [gate for gate in self.shut if gate.account != account]
        for gate in opened:
            gate.carry_out = carry_out
            gate.opened.set()
        return sum(gate.waiting for gate in opened)

    def find(self, account: str, service: str, operation: str, path: str) -> Gate | None:
        """The gate at which this request has to wait, or None."""
        for gate in self.shut:
            named = (gate.account, gate.service, gate.operation) == (account, service, operation)
            if named and path.endswith(gate.path):
                return gate
        return None

    def shown(self, account: str) -> list[dict[str, Any]]:
        """The shut gates of an account, and how many requests each of them holds."""
        return [
            {"service": gate.service, "operation": gate.operation, "path": gate.path, "waiting": gate.waiting}
            for gate in self.shut
            if gate.account == account
        ]


gates = Gates()


def install() -> None:
    """Hold requests at their gates before any service is asked, or before its answer is sent."""
    inner = ministack._dispatch_service_request

    async def dispatch(
        method: str, path: str, headers: Headers, body: bytes, query: Query, request_id: str
    ) -> Response:
        account = get_account_id()
        gate = None
        if any(shut.account == account for shut in gates.shut):
            parameters = ministack._routing_params(method, path, headers, body, query)
            service = detect_service(method, path, headers, parameters)
            operation = operation_of(service, method, path, headers, body, parameters)
            gate = gates.find(account, service, operation, path)
        if gate is None:
            answer: Response = await inner(method, path, headers, body, query, request_id)
            return answer
        if gate.after:
            answer = await inner(method, path, headers, body, query, request_id)
        gate.waiting += 1
        await gate.opened.wait()
        if gate.after:
            return answer
        if not gate.carry_out:
            return error_answer(
                service, headers, ServiceError(503, "ServiceUnavailable", "held, then dropped")
            )
        released: Response = await inner(method, path, headers, body, query, request_id)
        return released

    ministack._dispatch_service_request = dispatch

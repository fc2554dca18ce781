"""How a service or a piece of state of our own joins ministack's router and its persistence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app as ministack
from ministack.core import router

from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response


def keep(key: str, keeper: Any) -> None:
    """Save, load and reset a state of ours together with ministack's, as `key`.json.

    Args:
        key: file name and name in the registry.
        keeper: a module or an object with `get_state() -> dict`, `load_persisted_state(dict)` and `reset()`;
            the state holds JSON values and ministack's scoped dictionaries.
    """
    ministack.SERVICE_REGISTRY[key] = {"module": key}  # what a reset walks through
    ministack._loaded_modules[key] = keeper
    ministack._state_map[key] = key


def serve(name: str, handler: Handler) -> None:
    """Let a handler answer the requests that are signed for the service `name`."""
    ministack.SERVICE_HANDLERS[name] = handler
    # Without a pattern the router's first call loads every botocore model (5 s and 400 MB).
    router.SERVICE_PATTERNS[name] = {"host_patterns": [rf"^{name}\."]}


Repair = Callable[[Handler, str, str, Headers, bytes, Query], Awaitable[Response]]


def wrap(service: str, repair: Repair) -> None:
    """Put a repair around a service's handler; it is given that handler and the request."""
    inner: Handler = ministack.SERVICE_HANDLERS[service]

    async def repaired(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Response:
        return await repair(inner, method, path, headers, body, query)

    ministack.SERVICE_HANDLERS[service] = repaired

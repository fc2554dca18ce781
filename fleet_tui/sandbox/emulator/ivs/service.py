"""The two services as ministack's router sees them: a handler each; their state is kept by `store`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from fleet_tui.sandbox.emulator.ivs import channels, chat, configurations, store, streams
from fleet_tui.sandbox.emulator.ivs.store import Record
from fleet_tui.sandbox.emulator.wire import (
    Handler,
    Headers,
    Query,
    Response,
    ServiceError,
    json_answer,
    json_error,
)

Operation = Callable[[Record], Record | None]

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def _handler(operations: Iterable[Callable[[Any], Any]]) -> Handler:
    by_name: dict[str, Operation] = {operation.__name__: operation for operation in operations}

    async def handle(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Response:
        try:
            content = json.loads(body or b"{}")
            if path.startswith("/tags/"):
                return json_answer(_tags(method, unquote(path.removeprefix("/tags/")), content, query))
            operation = by_name.get(_WORD.sub("_", path.strip("/")).lower())
            if operation is None:
                raise ServiceError(
                    400, "UnknownOperationException", f"{path.strip('/')} is not an operation here"
                )
            return json_answer(operation(content))
        except ServiceError as error:
            return json_error(error)

    return handle


def _tags(method: str, arn: str, body: Record, query: Query) -> Record:
    record = store.resources.get(arn)
    if record is None:
        raise store.not_found(arn)
    if method == "POST":
        record["tags"] = {**record["tags"], **body["tags"]}
        return {}
    if method == "DELETE":
        gone = set(query.get("tagKeys") or [])
        record["tags"] = {key: value for key, value in record["tags"].items() if key not in gone}
        return {}
    return {"tags": record["tags"]}


handle_ivs = _handler((*channels.OPERATIONS, *configurations.OPERATIONS, *streams.OPERATIONS))
"""Answers IVS: `POST /<Operation>` and the tag operations."""

handle_chat = _handler(chat.OPERATIONS)
"""Answers IVS Chat, in the same form."""

"""What stands before ministack: the back door, requests to a proxy, and the word that all is up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from ministack.core.concurrency import run_reentrant

from fleet_tui.sandbox.emulator.back_door import PREFIX, BackDoor

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


HASTE_S = 0.01
"""How long an answer to Terraform takes at least.

Go's HTTP client gives a request's body back as soon as the answer is there; when that is before its own
writer has looked for the body's end, the writer fails, the connection is dropped, and the answer with it. AWS
is never that fast; here a large apply met it several times, and what was made with a lost answer existed
already at the second try."""


def _patient(scope: Scope, send: Send) -> Send:
    """`send`, which keeps an answer to Terraform back for a moment."""
    if scope["method"] == "GET" or not any(
        name == b"user-agent" and b"Terraform/" in value for name, value in scope["headers"]
    ):
        return send

    async def send_later(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(HASTE_S)
        await send(message)

    return send_later


def direct(scope: Scope) -> Scope:
    """A request in the form for proxies, `GET http://host/path`, as one that was made to us.

    Terraform reaches S3 Control at a host name that begins with the account id, which nothing resolves; with
    HTTP_PROXY at the emulator such a request arrives here in absolute form.
    """
    if not scope["path"].startswith("http://"):
        return scope
    raw = scope.get("raw_path", b"").split(b"?", 1)[0]
    raw_path = b"/" + raw.split(b"/", 3)[3] if raw.count(b"/") >= 3 else b"/"
    host = b":".join((b"127.0.0.1", str(scope["server"][1]).encode()))
    headers = [(name, host if name == b"host" else value) for name, value in scope["headers"]]
    return {**scope, "path": urlsplit(scope["path"]).path or "/", "raw_path": raw_path, "headers": headers}


async def _whole_body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


class Front:
    """The application that is served.

    Args:
        inner: ministack.
        back_door: what answers `/_fleet/…`.
        up: called once, when everything is loaded and requests are answered.
    """

    def __init__(self, inner: Application, back_door: BackDoor, up: Callable[[], None]) -> None:
        self._inner = inner
        self._back_door = back_door
        self._up = up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, self._telling(send))
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            asked = scope["path"], await _whole_body(receive)
            if self._back_door.waits(scope["path"]):
                status, headers, body = await run_reentrant(self._back_door.answer, *asked)
            else:
                status, headers, body = self._back_door.answer(*asked)
            encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": status, "headers": encoded})
            await send({"type": "http.response.body", "body": body})
        else:
            if scope["type"] == "http":
                scope, send = direct(scope), _patient(scope, send)
            await self._inner(scope, receive, send)

    def _telling(self, send: Send) -> Send:
        async def tell(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._up()

        return tell

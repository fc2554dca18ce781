"""A server that answers like AWS, fast and always the same, in a process of its own.

It stands in for the network, so that what is measured is the caller. Run as a module it prints its port.
"""

from __future__ import annotations

import argparse
import asyncio
import json

_STREAMS = json.dumps({"streams": []}).encode()
_STATE = json.dumps({"version": 4, "serial": 7, "resources": [{"x": "y" * 40}] * 80}).encode()
_RECORD = json.dumps({"last_run": None, "drift": None}).encode()
_NO_LOCK = b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"
_ASSUMED = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{account}</AccessKeyId>"
    "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
    "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser>"
    "<Arn>arn:aws:sts::{account}:assumed-role/fleet/bench</Arn><AssumedRoleId>x</AssumedRoleId>"
    "</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
)


def _answer(path: str, body: bytes) -> tuple[str, bytes]:
    if path == "/ListStreams":
        return "200 OK", _STREAMS
    if path == "/":
        account = body.split(b"%3A%3A", 1)[1][:12].decode()
        return "200 OK", _ASSUMED.format(account=account).encode()
    if path.endswith(".tflock"):
        return "404 Not Found", _NO_LOCK
    return "200 OK", _RECORD if path.endswith("record.json") else _STATE


class _Connection(asyncio.Protocol):
    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, rest = self._received.split(b"\r\n\r\n", 1)
            lines = head.lower().split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            if len(rest) < length:
                return
            self._received = rest[length:]
            path = head.split(b" ", 2)[1].split(b"?")[0].decode()
            status, body = _answer(path, rest[:length])
            answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            if self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def _serve(delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(delay_s), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay-ms", type=float, default=0.0, help="how long each answer is held back")
    asyncio.run(_serve(parser.parse_args().delay_ms / 1000))

"""A server in the place of Slack and Telegram, which keeps what it is sent and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SLACK_PATH = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
WEBHOOK = f"https://hooks.slack.com{SLACK_PATH}"
TOKEN = "1234567890:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@dataclass
class Messengers:
    """What was sent, as paths and documents in order, and the answers: status and body of either service."""

    url: str = ""
    slack: tuple[int, str] = (200, "ok")
    telegram: tuple[int, str] = (200, '{"ok": true, "result": {}}')
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def texts(self, service: str) -> list[str]:
        """The texts that a service was sent."""
        begin = {"slack": "/services/", "telegram": "/bot"}[service]
        return [content["text"] for path, content in self.seen if path.startswith(begin)]


@contextmanager
def serving() -> Iterator[Messengers]:
    """The server, on a free port."""
    messengers = Messengers()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            messengers.seen.append((self.path, json.loads(content)))
            status, said = messengers.slack if self.path.startswith("/services/") else messengers.telegram
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{messengers.url}/services/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    messengers.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield messengers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

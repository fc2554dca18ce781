"""A real browser that opens a site served by the embedded CloudFront."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_CONSOLE = re.compile(r":CONSOLE(?:\(\d+\)|:\d+)\] (.*)")
_PATIENCE_SECONDS = 60


@dataclass
class Front:
    """What stands between the browser, which resolves no name of AWS', and the emulator.

    Args:
        url: of the emulator.
        host: the distribution's; may be set once it is known.
        live: what `GET /api/live` answers.
    """

    url: str
    host: str = ""
    live: dict[str, Any] = field(default_factory=dict)
    address: str = ""


@contextmanager
def front(url: str) -> Iterator[Front]:
    """Pass requests on as CloudFront's edge would get them, headers and all; answer those to the API."""
    standing = Front(url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/api/live":
                self._send(200, {"Content-Type": "application/json"}, json.dumps(standing.live).encode())
                return
            headers = {"Host": standing.host, "X-Forwarded-Proto": "https", "Accept-Encoding": "identity"}
            answer = httpx.get(f"{standing.url}{self.path}", headers=headers, timeout=30)
            passed = {
                name: value
                for name, value in answer.headers.items()
                if name not in ("content-length", "date", "strict-transport-security")
            }
            self._send(answer.status_code, passed, answer.content)

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standing.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield standing
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def opened(address: str, profile: Path) -> tuple[str, list[str]]:
    """The page as it is once its scripts have run, and what the browser's console says of it."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
            "--no-proxy-server", "--enable-logging=stderr", "--virtual-time-budget=4000",
            "--dump-dom", address,
        ],
        capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True,
    )  # fmt: skip
    return done.stdout, _CONSOLE.findall(done.stderr)

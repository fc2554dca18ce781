"""A small server that answers as AWS does, with the credentials and accounts that it gave out."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from fleet_tui.registry.model import Access, Creator


def creator(slug: str = "kasper", account_id: str = "111122223333", **access: str) -> Creator:
    return Creator(
        slug=slug,
        name=slug.title(),
        domain=f"{slug}.live",
        account_id=account_id,
        region="eu-central-1",
        contact=f"{slug}@example.org",
        monthly_budget=150,
        access=Access(**access),
    )


def role_of(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role/fleet-operator"


@dataclass
class Clock:
    """A clock that goes on by `step` each time that it is read."""

    step: timedelta = timedelta(0)
    at: datetime = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> datetime:
        with self.lock:
            self.at += self.step
            return self.at


@dataclass
class Aws:
    """What the server saw, and how it answers.

    `answer` gets the IVS request's body and may return a status, an error code and a message instead of
    success. Every role leads to the account `led_astray`, where that is set.
    """

    clock: Clock = field(default_factory=Clock)
    lasts: timedelta = timedelta(hours=1)
    answer: Callable[[dict[str, str]], tuple[int, str, str] | None] = lambda body: None
    deny_roles: bool = False
    led_astray: str = ""
    assumed: list[dict[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    account_of: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def sts(self, form: dict[str, str], key: str) -> tuple[int, str]:
        if form["Action"] == "GetCallerIdentity":
            account = self.account_of.get(key, "999999999999")
            return 200, (
                f"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{account}</Account>"
                f"<Arn>arn:aws:iam::{account}:user/ana</Arn><UserId>x</UserId>"
                "</GetCallerIdentityResult></GetCallerIdentityResponse>"
            )
        if self.deny_roles:
            return 403, (
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>"
                "User: arn:aws:iam::999999999999:user/ana "
                f"is not authorized to perform: sts:AssumeRole on resource: {form['RoleArn']}"
                "</Message></Error></ErrorResponse>"
            )
        account = self.led_astray or form["RoleArn"].split(":")[4]
        with self.lock:
            self.assumed.append({**form, "key": key})
            new_key = f"ASIA{account}{len(self.assumed):04d}"
            self.account_of[new_key] = account
        expires = (self.clock.at + self.lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
        return 200, (
            "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>{new_key}</AccessKeyId><SecretAccessKey>secret-of-{account}</SecretAccessKey>"
            f"<SessionToken>token-of-{account}</SessionToken><Expiration>{expires}</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/fleet-operator/ana</Arn>"
            "<AssumedRoleId>x</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
        )

    def ivs(self, body: dict[str, str], key: str) -> tuple[int, str]:
        with self.lock:
            self.calls.append((body.get("nextToken", ""), key))
        refusal = self.answer(body)
        if refusal:
            return refusal[0], json.dumps({"__type": refusal[1], "message": refusal[2]})
        return 200, json.dumps({"streams": []})


@contextmanager
def serving() -> Iterator[Aws]:
    """The server, on a port of its own choice, for as long as the block lasts."""
    state = Aws()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            match = re.search(r"Credential=([^/]+)/\d+/([\w-]+)/(\w+)/", self.headers["Authorization"])
            assert match
            if match[3] == "sts":
                form = {name: values[0] for name, values in parse_qs(body).items()}
                status, text = state.sts(form | {"region": match[2]}, match[1])
            else:
                status, text = state.ivs(json.loads(body), match[1])
            self.send_response(status)
            error = json.loads(text).get("__type") if text.startswith("{") else None
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

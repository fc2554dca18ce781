"""Ways to look at the whole house from outside."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import boto3

from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import FleetSnapshot
from fleet_tui.sandbox.world import World


@dataclass
class Demo:
    """What `fleet demo` without a terminal left behind."""

    code: int
    out: str
    err: str
    cache: Path

    @property
    def world(self) -> World:
        return World.of_checkout(self.cache / "fleet" / "sandbox")


def wait_for(fleet: Fleet, sight: Callable[[FleetSnapshot], bool], seconds: float = 60.0) -> FleetSnapshot:
    """Wait until the fleet looks so."""
    seen = threading.Event()
    end = fleet.subscribe(lambda snapshot, _changed: seen.set() if sight(snapshot) else None)
    try:
        if not sight(fleet.snapshot()):
            assert seen.wait(seconds), "the fleet never came to look so"
    finally:
        end()
    return fleet.snapshot()


def client(service: str, account: str, region: str):
    """A client of boto3's own, past all of our code."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",
    )


def inventory(account: str, region: str) -> dict[str, list[str]]:
    """What is in an account, by kind."""
    return {
        "buckets": sorted(
            bucket["Name"] for bucket in client("s3", account, region).list_buckets()["Buckets"]
        ),
        "tables": sorted(client("dynamodb", account, region).list_tables()["TableNames"]),
        "functions": sorted(
            function["FunctionName"]
            for function in client("lambda", account, region).list_functions()["Functions"]
        ),
        "channels": sorted(
            channel["name"] for channel in client("ivs", account, region).list_channels()["channels"]
        ),
        "roles": sorted(role["RoleName"] for role in client("iam", account, region).list_roles()["Roles"]),
    }


class Terminal:
    """A command in a terminal of its own, of this size."""

    def __init__(self, command: Sequence[str], cache: Path, columns: int, lines: int):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FLEET_"))
        }
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environ | {"XDG_CACHE_HOME": str(cache), "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(theirs)
        self._seen = ""

    def read_until(self, *words: str, seconds: float = 90.0) -> None:
        """Read until all of these words have been on the screen."""
        deadline = time.monotonic() + seconds
        while not all(word in self._seen for word in words):
            left = deadline - time.monotonic()
            assert left > 0, f"not seen: {words}; but: {self._seen[-2000:]}"
            if select.select([self._ours], [], [], left)[0]:
                text = os.read(self._ours, 65536).decode(errors="replace")
                self._seen += re.sub(r"\x1b\[[0-9;?<>=]*[A-Za-z]", "", text)

    def write(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def wait(self) -> int:
        """The exit code; what is still written is read meanwhile, or the other side would wait for ever."""
        while self._process.poll() is None:
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    os.read(self._ours, 65536)
                except OSError:  # the other side has been closed
                    break
        return self._process.wait(30)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)

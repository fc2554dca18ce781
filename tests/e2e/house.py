"""Ways to look at the whole house from outside."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3

from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import FleetSnapshot
from fleet_tui.sandbox.world import World
from tests.terminal import Terminal


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


def terminal(cache: Path, *words: str, columns: int, lines: int) -> Terminal:
    """`fleet` with these words in a terminal, as on a machine where nothing is set up but this cache."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FLEET_"))}
    return Terminal(
        [sys.executable, "-m", "fleet_tui.cli.main", *words],
        environ | {"XDG_CACHE_HOME": str(cache)},
        columns=columns,
        lines=lines,
    )

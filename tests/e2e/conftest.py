"""The whole way: `fleet demo` makes the world that these tests then work in."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import FleetSnapshot
from fleet_tui.sandbox.world import World
from fleet_tui.settings import load_settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.terraform)
            item.add_marker(pytest.mark.sandbox)


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


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    cache = tmp_path_factory.mktemp("cache")
    done = subprocess.run(
        [sys.executable, "-m", "fleet_tui.cli.main", "demo"],
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    return Demo(done.returncode, done.stdout, done.stderr, cache)


@pytest.fixture(scope="session")
def inside(demo: Demo) -> Iterator[World]:
    """In the world, content with what is provisioned."""
    assert demo.code == 0, demo.err
    with demo.world.visit(whole_fleet=False) as variables, pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield demo.world


@pytest.fixture
def fleet(inside: World) -> Iterator[Fleet]:
    fleet = Fleet(load_settings())
    yield fleet
    fleet.stop()


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
        "buckets": sorted(bucket["Name"] for bucket in client("s3", account, region).list_buckets()["Buckets"]),
        "tables": sorted(client("dynamodb", account, region).list_tables()["TableNames"]),
        "functions": sorted(
            function["FunctionName"] for function in client("lambda", account, region).list_functions()["Functions"]
        ),
        "channels": sorted(channel["name"] for channel in client("ivs", account, region).list_channels()["channels"]),
        "roles": sorted(role["RoleName"] for role in client("iam", account, region).list_roles()["Roles"]),
    }

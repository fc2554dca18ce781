"""The whole way: `fleet demo` makes the world that these tests then work in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet_tui.fleet import Fleet
from fleet_tui.sandbox.world import World
from fleet_tui.settings import load_settings
from tests.e2e.house import Demo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.terraform)
            item.add_marker(pytest.mark.sandbox)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    cache = tmp_path_factory.mktemp("cache")
    done = subprocess.run(
        [sys.executable, "-m", "fleet_tui.cli.main", "demo"],
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Demo(done.returncode, done.stdout, done.stderr, cache)


@pytest.fixture(scope="module")  # and no longer: others' clients must not find the way in here
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

"""One emulator for all tests of this folder; each test works in accounts of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from tests.sandbox.clients import REGION, client_of

_accounts = itertools.count(200_000_000_001)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator that runs as long as the tests do."""
    running = Emulator.start(tmp_path_factory.mktemp("emulator"), seed="tests")
    yield running
    running.stop()


@pytest.fixture
def account() -> str:
    """An account that no other test has."""
    return str(next(_accounts))


@pytest.fixture
def other_account() -> str:
    """A second account of this test's own."""
    return str(next(_accounts))


@pytest.fixture
def client(emulator: Emulator, account: str) -> Callable[..., Any]:
    """`client("ivs")` or `client("ivs", region=…, account=…)`: boto3 in the test's account."""

    def make(service: str, *, region: str = REGION, account: str = account, **credentials: str) -> Any:
        return client_of(emulator, service, account, region, **credentials)

    return make


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder for an emulator that the test starts itself."""
    return tmp_path / "emulator"

"""Fixtures; a conftest that imports both of them has them for the tests beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stripe_server.process import StripeServer


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[StripeServer]:
    """One server for all tests of this process."""
    server = StripeServer.start()
    yield server
    server.stop()


@pytest.fixture
def stripe_server(stripe_process: StripeServer) -> StripeServer:
    """A server that knows of nothing yet."""
    stripe_process.clear()
    return stripe_process

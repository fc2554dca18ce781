"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A busy machine is no failure. Half of hypothesis' own number of examples: every run tries others.
settings.register_profile("fleet", deadline=None, max_examples=50)
settings.load_profile("fleet")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that wait for Terraform begin first, so that the others fill the time."""
    items.sort(key=lambda item: item.get_closest_marker("terraform") is None)

"""A stage for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rollouts.stage import Stage


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Makes a rollout of creators, given by their waves: `staged(anna="canary", ben="early")`."""
    made: list[Stage] = []

    def make(policy: dict[str, Any] | None = None, /, **waves: str) -> Stage:
        stage = Stage(tmp_path / f"rollout-{len(made)}", waves, **(policy or {}))
        made.append(stage)
        return stage

    yield make
    for stage in made:
        stage.kill()
        stage.journal.close()

"""`[modules.analytics]`: how long single page views are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_tui.registry import load

CREATOR = """\
name = "Mina Moor"
domain = "mina-moor.live"
account_id = "210000000002"
region = "eu-west-1"
contact = "hello@mina-moor.live"
monthly_budget = 120

[modules.analytics]
retention_days = {days}
"""


def write(root: Path, days: int) -> Path:
    path = root / "mina-moor/creator.toml"
    path.parent.mkdir()
    path.write_text(CREATOR.format(days=days))
    return root


@pytest.mark.parametrize("days", [2, 3650])
def test_page_views_are_kept_until_they_are_added_up(tmp_path: Path, days: int) -> None:
    (creator,) = load(write(tmp_path, days)).creators
    assert creator.modules.analytics is not None
    assert creator.modules.analytics.retention_days == days


@pytest.mark.parametrize("days", [1, 3651])
def test_page_views_are_not_forgotten_too_early_nor_kept_for_good(tmp_path: Path, days: int) -> None:
    registry = load(write(tmp_path, days))
    assert not registry.creators
    ((error,),) = [row.errors for row in registry.invalid]
    assert "retention_days" in error.sentence

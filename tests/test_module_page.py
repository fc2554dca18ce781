"""The published table of modules is the one that was measured, and what was measured is good."""

from __future__ import annotations

import json
from pathlib import Path

from bench.module_page import MODULES, page

ROOT = Path(__file__).parents[1]
FIGURES = json.loads((ROOT / "bench/results/modules.json").read_text())


def test_the_page_is_made_from_the_figures() -> None:
    assert (ROOT / "docs/MODULES.md").read_text(encoding="utf-8") == page(FIGURES), "run `make modules`"


def test_every_module_came_and_went() -> None:
    assert list(FIGURES["modules"]) == [*MODULES, "all"]
    for name, found in FIGURES["modules"].items():
        assert found["second_plan_empty"], name
        assert found["left"] == {}, name
        assert found["own"] > 0, name


def test_every_module_has_tests() -> None:
    for name in MODULES:
        assert FIGURES["tests"][name]["terraform"] > 0, name
        assert FIGURES["tests"][name]["functions"] > 0 or name == "s3-website", name

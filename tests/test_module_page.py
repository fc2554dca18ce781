"""The published table of modules is the one that was measured, and what was measured is good."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from bench.module_page import MODULES, page
from fleet_tui.costs.pricebook import price_book

ROOT = Path(__file__).parents[1]
FIGURES = json.loads((ROOT / "bench/results/modules.json").read_text())


def test_the_page_is_made_from_the_figures() -> None:
    assert (ROOT / "docs/MODULES.md").read_text(encoding="utf-8") == page(FIGURES), "run `make modules`"


def test_every_module_came_and_went() -> None:
    assert list(FIGURES["modules"]) == [*MODULES, "all", "dearest"]
    for name, found in FIGURES["modules"].items():
        assert found["second_plan_empty"], name
        assert found["left"] == {}, name
        assert all(found["by_module"].values()), name


def test_a_creator_with_everything_costs_under_three_dollars_when_nobody_comes() -> None:
    charges = FIGURES["modules"]["all"]["charges"]
    assert 0 < sum(Decimal(charge["usd"]) for charge in charges) < 3


def test_the_estimate_knows_the_alarms_that_there_are() -> None:
    planned, price = price_book().planning.alarms, price_book()["cloudwatch_alarm"]
    for name in MODULES:
        charges = FIGURES["modules"][name]["charges"]
        measured = sum(Decimal(one["usd"]) for one in charges if one["kind"] == "aws_cloudwatch_metric_alarm")
        own = planned.get(name, Decimal(0))
        shared = planned["shared"] if name != "s3-website" else Decimal(0)
        assert measured == price.of(own + shared), name


def test_every_module_has_tests() -> None:
    for name in MODULES:
        assert FIGURES["tests"][name]["terraform"] > 0, name
        assert FIGURES["tests"][name]["functions"] > 0 or name == "s3-website", name

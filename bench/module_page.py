"""docs/MODULES.md, from the figures that `bench.modules` has measured and from the published APIs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from fleet_tui.registry.modules import Modules

ROOT = Path(__file__).parents[1]
MODULES = tuple(str(field.alias) for field in Modules.model_fields.values())
_CHARGED = {
    "aws_route53_zone": "zone",
    "aws_cloudwatch_metric_alarm": "alarms",
    "aws_kms_key": "key",
    "aws_kms_replica_key": "key",
    "aws_route53_health_check": "health check",
    "aws_wafv2_web_acl": "firewall",
}
_TOGETHER = {"all": "all of them", "dearest": "with every choice"}
_HEAD = """# Modules

What a creator's site is made of. Every figure comes from a run of `make modules`, which makes a creator with
one module and nothing else on the embedded AWS, plans again, destroys, and looks at what is left there.

| module | resources | endpoints | tests | apply | second plan | destroy | left | fixed a month |
|---|---|---|---|---|---|---|---|---|
"""
_NOTES = """
- The last row has every choice that costs more, too: firewall, a key of the creator's own, a second region.
- Resources are the module's own, and in brackets with what it shares with others (API, artifacts, queue of
  failures, mail identity).
- Tests are those of the functions and the runs of the module's `terraform test`.
- Fixed charges are list prices of what stands there when nobody comes, before AWS' free tier, in which the
  first ten alarms of an account are. Everything else is paid by use.

## What it costs when nobody comes

A creator with all modules and every choice pays for what stands there: for this, for the gigabytes that are
kept, and with a delegated domain for the second region's health check ([FAILOVER.md](FAILOVER.md)).

| what | for | US$ a month |
|---|---|---|
{charges}
## Endpoints

Described in full in [`api`](api), which `make openapi` generates from the code.
"""


def page(figures: dict[str, Any]) -> str:
    """The page, as Markdown."""
    text = (
        _HEAD
        + "".join(_row(name, found, figures) for name, found in figures["modules"].items())
        + _NOTES.replace(
            "{charges}",
            "".join(_charge_row(charge, figures) for charge in figures["modules"]["dearest"]["charges"]),
        )
    )
    for module in MODULES:
        if routes := endpoints(module):
            text += f"\n**{module}**\n\n" + "".join(f"- `{route}`\n" for route in routes)
    return text


def endpoints(module: str) -> list[str]:
    """Route keys of a module's published API."""
    path = ROOT / f"docs/api/{module}.json"
    if not path.exists():
        return []
    paths = json.loads(path.read_text(encoding="utf-8"))["paths"]
    return [f"{method.upper()} {place}" for place, methods in paths.items() for method in methods]


def _charge_row(charge: dict[str, str], figures: dict[str, Any]) -> str:
    chosen = charge["what"] not in {always["what"] for always in figures["modules"]["all"]["charges"]}
    what = charge["what"] + (" (a choice)" if chosen else "")
    return f"| {_CHARGED[charge['kind']]} | {what} | {Decimal(charge['usd']):.2f} |\n"


def _row(name: str, found: dict[str, Any], figures: dict[str, Any]) -> str:
    together = name in _TOGETHER
    counted = figures["tests"].get(name)
    cells = (
        f"**{_TOGETHER[name]}**" if together else f"[{name}](../terraform/modules/{name}/README.md)",
        f"{found['resources']}" if together else f"{found['by_module'][name]} ({found['resources']})",
        sum(len(endpoints(module)) for module in (MODULES if together else (name,))),
        f"{counted['functions']} + {counted['terraform']}" if counted else "",
        f"{found['apply_s']:.0f} s",
        "empty" if found["second_plan_empty"] else "**not empty**",
        f"{found['destroy_s']:.0f} s",
        f"**{found['left']}**" if found["left"] else "nothing",
        _dollars(found["charges"]),
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"


def _dollars(charges: list[dict[str, str]]) -> str:
    by_kind: dict[str, Decimal] = {}
    for charge in charges:
        by_kind[charge["kind"]] = by_kind.get(charge["kind"], Decimal(0)) + Decimal(charge["usd"])
    parts = ", ".join(f"{_CHARGED[kind]} {amount:.2f}" for kind, amount in by_kind.items())
    return f"${sum(by_kind.values()):.2f} ({parts})" if charges else "$0"

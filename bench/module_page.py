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
    "aws_wafv2_web_acl": "firewall",
}
_HEAD = """# Modules

What a creator's site is made of. Every figure comes from a run of `make modules`, which makes a creator with
one module and nothing else on the embedded AWS, plans again, destroys, and looks at what is left there.

| module | resources | endpoints | tests | apply | second plan | destroy | left | fixed a month |
|---|---|---|---|---|---|---|---|---|
"""
_NOTES = """
- Resources are the module's own, and in brackets with what it shares with others (API, artifacts, queue of
  failures, mail identity).
- Tests are those of the functions and the runs of the module's `terraform test`.
- Fixed charges are list prices of what stands there when nobody comes, before AWS' free tier, in which the
  first ten alarms of an account are. Everything else is paid by use.

## Endpoints

Described in full in [`api`](api), which `make openapi` generates from the code.
"""


def page(figures: dict[str, Any]) -> str:
    """The page, as Markdown."""
    text = _HEAD + "".join(_row(name, found, figures) for name, found in figures["modules"].items()) + _NOTES
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


def _row(name: str, found: dict[str, Any], figures: dict[str, Any]) -> str:
    together = name == "all"
    counted = figures["tests"].get(name)
    cells = (
        "**all of them**" if together else f"[{name}](../terraform/modules/{name}/README.md)",
        f"{found['resources']}" if together else f"{found['own']} ({found['resources']})",
        sum(len(endpoints(module)) for module in (MODULES if together else (name,))),
        f"{counted['functions']} + {counted['terraform']}" if counted else "",
        f"{found['apply_s']:.0f} s",
        "empty" if found["second_plan_empty"] else "**not empty**",
        f"{found['destroy_s']:.0f} s",
        f"**{found['left']}**" if found["left"] else "nothing",
        _dollars(found["charges"]),
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"


def _dollars(charges: dict[str, str]) -> str:
    total = sum((Decimal(amount) for amount in charges.values()), Decimal(0))
    parts = ", ".join(f"{_CHARGED[kind]} {Decimal(amount):.2f}" for kind, amount in charges.items())
    return f"${total:.2f} ({parts})" if charges else "$0"

"""What a resource costs by being there: how many of each price it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_tui.costs.pricebook import PriceName


def amount_of(name: PriceName, values: Mapping[str, Any] | None) -> int:
    """How many of a fixed price a resource takes.

    Args:
        name: one of those that the price book's charges name for the resource's type.
        values: the resource's, as Terraform has them; None where it does not exist.
    """
    if values is None:
        return 0
    if name == "cloudwatch_alarm":
        queries = values.get("metric_query") or ()
        return max(1, sum(bool(query.get("metric")) for query in queries))
    if name == "waf_rule":
        return len(values.get("rule") or ())
    if name == "route53_health_check_https":
        return int(str(values.get("type", "")).startswith("HTTPS"))
    return 1

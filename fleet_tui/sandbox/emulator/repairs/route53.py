"""Route 53.

Upstream: the first look at a change says PENDING, and Terraform's provider looks again only 30 s later. Here
a change is in sync at once, which AWS allows as well.

Upstream: only the tags of the account that happens to be in force are saved, which is none while saving.
Here every account's are.

Upstream: the regions that a health check asks from are lost. Here they are kept.
"""

from __future__ import annotations

import copy
from typing import Any

from ministack.core.responses import AccountScopedDict
from ministack.services import route53


def install() -> None:
    """Put the repairs in place."""
    new_change, get_state, load = route53._new_change, route53.get_state, route53.load_persisted_state

    def in_sync(comment: str = "") -> dict[str, Any]:
        change: dict[str, Any] = new_change(comment)
        change["status"] = "INSYNC"
        return change

    def state_with_all_tags() -> dict[str, Any]:
        tags = (
            AccountScopedDict()
        )  # a kind of dictionary that is saved with its accounts; keys have to be text
        for (account, (kind, name)), values in route53._tags._data.items():
            tags.set_scoped(account, None, f"{kind}|{name}", copy.deepcopy(values))
        return {**get_state(), "tags": {}, "all_tags": tags}

    def load_with_all_tags(state: dict[str, Any]) -> None:
        load(state)
        for (account, name), values in state.get("all_tags", AccountScopedDict())._data.items():
            route53._tags.set_scoped(account, None, tuple(name.split("|", 1)), values)

    parse = route53._parse_health_check_config

    def parse_with_regions(element: Any) -> dict[str, Any]:
        config: dict[str, Any] = parse(element)
        if (regions := route53._find(element, "Regions")) is not None:
            config["Regions"] = [found.text or "" for found in route53._findall(regions, "Region")]
        return config

    route53._new_change = in_sync
    route53._parse_health_check_config = parse_with_regions
    route53.get_state = state_with_all_tags
    route53.load_persisted_state = load_with_all_tags

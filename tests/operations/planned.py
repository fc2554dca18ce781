"""Changes of plans as `terraform show -json` tells them, in short."""

from __future__ import annotations

from typing import Any

from fleet_tui.operations.model import Action
from fleet_tui.operations.planjson import PlannedChange, changed_names
from fleet_tui.registry.model import Creator


def change(
    kind: str,
    action: Action = Action.UPDATE,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    unknown: dict[str, Any] | None = None,
    **more: Any,
) -> PlannedChange:
    """A change of `kind.this`, with the names of what differs."""
    both = before is not None and after is not None
    named = changed_names(before or {}, after or {}, unknown or {}) if both else []
    fields: dict[str, Any] = {"address": f"{kind}.this", "changed": tuple(named)} | more
    return PlannedChange(
        type=kind, action=action, before=before, after=after, unknown=unknown or {}, **fields
    )


def creator(slug: str = "kasper", account: str = "210000000001", **more: Any) -> Creator:
    """A creator with nothing but what is needed."""
    return Creator.model_validate(
        {
            "slug": slug,
            "name": slug.title(),
            "domain": f"{slug}.live",
            "account_id": account,
            "region": "eu-central-1",
            "contact": f"post@{slug}.live",
            "monthly_budget": 50,
            "access": {"profile": slug},
        }
        | more
    )

"""Which tier of membership somebody has, and until when: all that membership tells other modules.

It lies in membership's table as an item of a partition of its own (pk ENTITLEMENT#<member>, sk ENTITLEMENT),
so that a function of another module can be let read it, by `dynamodb:LeadingKeys`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a member has paid for, or may have for a while although it could not be charged.

    Args:
        tier: its id.
        until: when it is over, unless it is renewed before.
    """

    tier: str
    until: datetime


def opens(entitlement: Entitlement | None, needed: str, tiers: Sequence[str], now: datetime) -> bool:
    """Whether a member may have what is for a tier and for all above it.

    Args:
        entitlement: the member's; None where there is none.
        needed: the lowest tier that may.
        tiers: ids of all tiers there are, from the lowest to the highest; one that is not among them opens
            nothing.
        now: the moment that it is asked for.
    """
    if entitlement is None or now >= entitlement.until or entitlement.tier not in tiers:
        return False
    return tiers.index(entitlement.tier) >= tiers.index(needed)


def entitlement_key(member: str) -> dict[str, str]:
    """Where the entitlement of a member lies."""
    return {"pk": f"ENTITLEMENT#{member}", "sk": "ENTITLEMENT"}


def entitlement_in(values: Mapping[str, Any]) -> Entitlement | None:
    """The entitlement in an item of the table, whether or not it is over; None where there is no item.

    Args:
        values: of the item; empty where there is none.
    """
    if not values:
        return None
    return Entitlement(tier=str(values["tier"]), until=datetime.fromisoformat(str(values["until"])))

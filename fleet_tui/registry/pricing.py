"""Tiers of membership and their prices as somebody types them: `Bee 5, Queen 9.90`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

from fleet_tui.registry.printing import shown

_TIER = re.compile(r"(?P<name>.*\S)\s+(?P<units>[0-9]{1,6})(?:\.(?P<cents>[0-9]{2}))?")
_LOWEST, _HIGHEST = 100, 100_000  # cents, as [modules.membership] has it


def tiers_of(text: str) -> list[dict[str, Any]]:
    """The tables `[[modules.membership.tiers]]` for what was typed.

    Args:
        text: names with their prices a month in whole units or with two decimals, parted by commas, from the
            lowest tier to the highest.

    Returns:
        A table for each tier, the price in minor units; what is no tier has a text for a price, which the
        rules of the file refuse.
    """
    return [_tier(part, number) for number, part in enumerate(_parts(text), 1)]


def tier_complaint(text: str) -> str:
    """What is wrong with tiers as they were typed, to follow their name; empty where nothing is."""
    tiers = tiers_of(text)
    if not tiers:
        return "are missing: a name and a price a month, such as Bee 5"
    for part, tier in zip(_parts(text), tiers, strict=True):
        if isinstance(tier["price"], str):
            return f"{shown(part)} is no name with a price, such as Bee 5"
        if not _LOWEST <= tier["price"] <= _HIGHEST:
            return f"{shown(part)} has a price that is not from {_LOWEST // 100} to {_HIGHEST // 100}"
    twice = [name for name, times in Counter(tier["id"] for tier in tiers).items() if times > 1]
    return f"{shown(twice[0])} is there twice" if twice else ""


def _parts(text: str) -> list[str]:
    return [stripped for part in text.split(",") if (stripped := part.strip())]


def _tier(part: str, number: int) -> dict[str, Any]:
    found = _TIER.fullmatch(part)
    if found is None:
        return {"id": f"tier-{number}", "name": part, "price": part}
    price = int(found["units"]) * 100 + int(found["cents"] or 0)
    return {"id": _id_of(found["name"]) or f"tier-{number}", "name": found["name"], "price": price}


def _id_of(name: str) -> str:
    """An id from a tier's name: `queen-bee` of `Queen Bee`; empty where there is none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:31].rstrip("-")
    return found if re.match(r"[a-z]", found) else ""

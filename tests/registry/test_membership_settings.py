"""What `[modules.membership]` takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fleet_tui.registry.modules import Membership

BEE = {"id": "bee", "name": "Bee", "price": 500, "benefits": ["A badge"]}


def test_tiers_keep_their_order_from_the_lowest() -> None:
    membership = Membership.model_validate({"tiers": [BEE, {"id": "queen", "name": "Queen", "price": 1500}]})
    assert [tier.id for tier in membership.tiers] == ["bee", "queen"]
    assert (membership.currency, membership.grace_days) == ("EUR", 7)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "tiers"),
        ({"tiers": []}, "at least 1"),
        ({"tiers": [BEE] * 2}, "an id each of their own"),
        ({"tiers": [{**BEE, "id": f"bee-{number}"} for number in range(11)]}, "at most 10"),
        ({"tiers": [{**BEE, "id": "Bee"}]}, "pattern"),
        ({"tiers": [{**BEE, "price": 99}]}, "greater than or equal to 100"),
        ({"tiers": [{**BEE, "price": 4.99}]}, "integer"),
        ({"tiers": [{**BEE, "trial_days": 7}]}, "not permitted"),
        ({"tiers": [BEE], "currency": "JPY"}, "EUR"),
        ({"tiers": [BEE], "grace_days": 31}, "less than or equal to 30"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Membership.model_validate(settings)

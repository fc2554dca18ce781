"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, Json

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "MEMBERSHIP_TABLE": "membership",
    "CURRENCY": "EUR",
    "TIERS": (
        '[{"id": "bee", "name": "Bee", "price": 500, "benefits": ["A badge"]},'
        ' {"id": "queen", "name": "Queen", "price": 1500, "benefits": ["A badge", "Recordings"]}]'
    ),
    "GRACE_DAYS": "7",
    "STRIPE_KEY_PARAMETER": "/kasper/membership/stripe-secret-key",
    "WEBHOOK_SECRET_PARAMETER": "/kasper/membership/stripe-webhook-secret",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Tier(BaseModel):
    """What can be subscribed to.

    Args:
        price: minor units of the membership's currency a month.
        benefits: what the site says that one gets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    name: str = Field(min_length=1, max_length=60)
    price: int = Field(ge=100, le=100_000)
    benefits: tuple[str, ...] = Field(max_length=20)


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        membership_table: name of the table.
        currency: of every price.
        tiers: from the lowest to the highest; each has all that the ones before it have.
        grace_days: who could not be charged stays a member for so long.
        stripe_key_parameter: name of the Parameter Store parameter that holds Stripe's secret key.
        webhook_secret_parameter: name of the one that holds the webhook's signing secrets.
        stripe_api_base: another server in Stripe's place, for tests only; empty for Stripe itself.
    """

    membership_table: str = Field(min_length=3)
    currency: str = Field(pattern=r"^(EUR|USD|GBP|CHF)$")
    tiers: Json[tuple[Tier, ...]] = Field(min_length=1, max_length=10)
    grace_days: int = Field(ge=0, le=30)
    stripe_key_parameter: str = Field(pattern=r"^/")
    webhook_secret_parameter: str = Field(pattern=r"^/")
    stripe_api_base: str = Field(default="", pattern=r"^(https?://[\w.:-]+)?$")

    @property
    def grace(self) -> timedelta:
        """How long who could not be charged stays a member."""
        return timedelta(days=self.grace_days)

    @property
    def tier_ids(self) -> tuple[str, ...]:
        """From the lowest to the highest."""
        return tuple(tier.id for tier in self.tiers)

    def tier(self, tier_id: str) -> Tier | None:
        """The tier of this id, if there is one."""
        return next((tier for tier in self.tiers if tier.id == tier_id), None)


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

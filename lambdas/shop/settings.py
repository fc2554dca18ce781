"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Annotated

from pydantic import Field, Json, StringConstraints

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "PRODUCTS_TABLE": "products",
    "ORDERS_TABLE": "orders",
    "IMAGES_BUCKET": "product-images",
    "CURRENCY": "EUR",
    "HOLD_MINUTES": "30",
    "COUNTRIES": '["DE", "AT", "CH"]',
    "SHIPPING": "490",
    "PUBLISHABLE_KEY": "pk_test_0123456789",
    "STRIPE_KEY_PARAMETER": "/kasper/shop/stripe-secret-key",
    "WEBHOOK_SECRET_PARAMETER": "/kasper/shop/stripe-webhook-secret",
}
"""An environment that is valid, for the published description of the API and for tests."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        products_table: name of the table of products and their stock.
        orders_table: name of the table of orders.
        images_bucket: name of the bucket of the products' pictures.
        currency: of every price, and of shipping.
        hold_minutes: how long an order holds its items until it is paid.
        countries: that goods are sent to.
        shipping: minor units for an order that has something to send.
        publishable_key: Stripe's, which the site shows to everybody; empty while there is none.
        stripe_key_parameter: name of the Parameter Store parameter that holds Stripe's secret key.
        webhook_secret_parameter: name of the one that holds the webhook's signing secrets.
        stripe_api_base: another server in Stripe's place, for tests only; empty for Stripe itself.
    """

    products_table: str = Field(min_length=3)
    orders_table: str = Field(min_length=3)
    images_bucket: str = Field(min_length=3)
    currency: str = Field(pattern=r"^(EUR|USD|GBP|CHF)$")
    hold_minutes: int = Field(ge=5, le=1440)
    countries: Json[frozenset[Country]]
    shipping: int = Field(ge=0, le=1_000_000)
    publishable_key: str = Field(default="", pattern=r"^(pk_(test|live)_[A-Za-z0-9]{8,200})?$")
    stripe_key_parameter: str = Field(pattern=r"^/")
    webhook_secret_parameter: str = Field(pattern=r"^/")
    stripe_api_base: str = Field(default="", pattern=r"^(https?://[\w.:-]+)?$")

    @property
    def hold(self) -> timedelta:
        """How long an order holds its items until it is paid."""
        return timedelta(minutes=self.hold_minutes)


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, Json

from shared.environment import FunctionSettings
from sponsor_system.lifecycle import MAX_DAYS_LIMIT
from sponsor_system.model import Placement

SAMPLE: Mapping[str, str] = {
    "SPONSORS_TABLE": "sponsors",
    "STATS_TABLE": "sponsor-stats",
    "ASSETS_BUCKET": "sponsor-assets",
    "RATES": '{"top": 12000, "left": 8001, "creator": 0}',
    "CURRENCY": "EUR",
    "MAX_DAYS": "90",
    "CREATOR_NAME": "Kasper Kast",
    "CREATOR_DOMAIN": "kasper.live",
    "CREATOR_LANGUAGE": "en",
}
"""An environment that is valid, for the published description of the API and for tests."""

Rate = Annotated[int, Field(ge=0, le=100_000_000)]


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        sponsors_table: name of the table of bookings and slots.
        stats_table: name of the table of counters.
        assets_bucket: name of the bucket of pictures.
        rates: minor units a day of each placement that is on offer.
        currency: of the rates.
        max_days: longest booking; it has to fit one transaction.
        creator_name: under letters.
        creator_domain: of the site.
        creator_language: of letters.
    """

    sponsors_table: str = Field(min_length=3)
    stats_table: str = Field(min_length=3)
    assets_bucket: str = Field(min_length=3)
    rates: Json[dict[Placement, Rate]]
    currency: str = Field(pattern=r"^(EUR|USD|GBP|CHF)$")
    max_days: int = Field(ge=1, le=MAX_DAYS_LIMIT)
    creator_name: str
    creator_domain: str
    creator_language: Literal["en", "de"]


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

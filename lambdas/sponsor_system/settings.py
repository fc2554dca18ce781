"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Json

from sponsor_system.lifecycle import MAX_DAYS_LIMIT
from sponsor_system.model import Placement

Rate = Annotated[int, Field(ge=0, le=100_000_000)]


class Settings(BaseModel):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        sponsors_table: name of the table of bookings and slots.
        stats_table: name of the table of counters.
        rates: minor units a day of each placement that is on offer.
        currency: of the rates.
        max_days: longest booking; its approval has to fit one transaction.
        operator_account_id: account whose signed callers are operators.
    """

    model_config = ConfigDict(frozen=True)

    sponsors_table: str = Field(min_length=3)
    stats_table: str = Field(min_length=3)
    rates: Json[dict[Placement, Rate]]
    currency: str = Field(pattern=r"^(EUR|USD|GBP|CHF)$")
    max_days: int = Field(ge=1, le=MAX_DAYS_LIMIT)
    operator_account_id: str = Field(pattern=r"^[0-9]{12}$")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """The settings in an environment. Raises pydantic's ValidationError when one is missing or wrong."""
        return cls.model_validate(
            {name: environment[name.upper()] for name in cls.model_fields if name.upper() in environment}
        )


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

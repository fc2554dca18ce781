"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SAMPLE: Mapping[str, str] = {
    "POLLS_TABLE": "polls",
    "GUESTS": "true",
    "CREATOR_SLUG": "kasper",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(BaseModel):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        polls_table: name of the table of polls and votes.
        guests: whether who is not signed in may vote, where the poll lets them.
        creator_slug: whose guest tokens these are.
    """

    model_config = ConfigDict(frozen=True)

    polls_table: str = Field(min_length=3)
    guests: Literal["true", "false"]
    creator_slug: str = Field(min_length=1)

    @property
    def has_guests(self) -> bool:
        """Whether who is not signed in may vote at all."""
        return self.guests == "true"

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

"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "POLLS_TABLE": "polls",
    "GUESTS": "true",
    "CREATOR_SLUG": "kasper",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        polls_table: name of the table of polls and votes.
        guests: whether who is not signed in may vote, where the poll lets them.
        creator_slug: whose guest tokens these are.
    """

    polls_table: str = Field(min_length=3)
    guests: Literal["true", "false"]
    creator_slug: str = Field(min_length=1)

    @property
    def has_guests(self) -> bool:
        """Whether who is not signed in may vote at all."""
        return self.guests == "true"


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import EmailAddress

SAMPLE: Mapping[str, str] = {
    "CONTACT_TABLE": "contact",
    "RECIPIENT": "kasper@example.org",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(BaseModel):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        contact_table: name of the table of messages that are not delivered yet.
        recipient: the one address that messages go to.
    """

    model_config = ConfigDict(frozen=True)

    contact_table: str = Field(min_length=3)
    recipient: EmailAddress

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

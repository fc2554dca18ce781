"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pydantic import Field

from shared.environment import FunctionSettings
from shared.fields import EmailAddress

SAMPLE: Mapping[str, str] = {
    "CONTACT_TABLE": "contact",
    "RECIPIENT": "kasper@example.org",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        contact_table: name of the table of messages that are not delivered yet.
        recipient: the one address that messages go to.
    """

    contact_table: str = Field(min_length=3)
    recipient: EmailAddress


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

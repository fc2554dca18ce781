"""What Terraform tells the functions through their environment.

Which user pool it is need not be told: it is the one whose tokens are accepted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Json

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "BRANDING": '{"primary": "#e0a526", "accent": "#2b2d42", "background": "#fffaf0"}',
    "PRIVACY_MODULES": "[]",
}
"""An environment that is valid, for the published description of the API and for tests."""

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class Branding(BaseModel):
    """The creator's colours.

    Args:
        primary: of the band at the top.
        accent: around what matters.
        background: behind everything.
    """

    primary: Colour
    accent: Colour
    background: Colour


ModuleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        branding: the colours of e-mail.
        privacy_modules: the other modules that may keep something of a member; the triggers, which come
            first, know of none.
    """

    model_config = ConfigDict(frozen=True)

    branding: Json[Branding]
    privacy_modules: Json[tuple[ModuleName, ...]] = ()


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

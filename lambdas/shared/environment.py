"""What Terraform tells a module's functions through their environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict


class FunctionSettings(BaseModel):
    """A module's settings; each field is the environment variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings in an environment. Raises pydantic's ValidationError when one is missing or wrong."""
        return cls.model_validate(
            {name: environment[name.upper()] for name in cls.model_fields if name.upper() in environment}
        )

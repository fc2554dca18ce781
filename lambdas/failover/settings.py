"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pydantic import Field

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "AWS_REGION": "eu-central-1",
    "HOME_REGION": "eu-central-1",
    "SWITCH_TABLE": "region",
}
"""An environment that is valid, for the published description of the API and for tests.

`AWS_REGION` is told by Lambda itself.
"""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        home_region: the region that takes writes until an operator says otherwise.
        switch_table: name of the table whose one item says otherwise.
    """

    home_region: str = Field(min_length=3)
    switch_table: str = Field(min_length=3)


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

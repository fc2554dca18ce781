"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pydantic import Field, Json

from backup.rules import Interval
from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "DRILLS_TABLE": "kasper-drills",
    "VAULT": "kasper",
    "RESTORE_ROLE_ARN": "arn:aws:iam::100000000001:role/kasper-restore",
    "DRILL": "monthly",
    "NOT_BACKED_UP": '["kasper-contact", "kasper-drills"]',
    "CREATOR_SLUG": "kasper",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        drills_table: name of the table of drills.
        vault: name of the vault that holds the recovery points.
        restore_role_arn: what AWS Backup restores as.
        drill: how often a restore is tried.
        not_backed_up: names of tables that are left out on purpose.
        creator_slug: what the names of the creator's tables begin with.
    """

    drills_table: str = Field(min_length=3)
    vault: str = Field(min_length=2)
    restore_role_arn: str = Field(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/")
    drill: Interval
    not_backed_up: Json[frozenset[str]]
    creator_slug: str = Field(min_length=1)


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

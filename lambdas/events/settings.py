"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, Json, field_validator

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "EVENTS_TABLE": "events",
    "REMINDER_HOURS": "[24, 1]",
    "TIME_ZONE": "Europe/Berlin",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        events_table: name of the table of events and sign-ups.
        reminder_hours: hours before an event at which its guests are reminded.
        time_zone: IANA name of the zone in which letters tell the time.
    """

    events_table: str = Field(min_length=3)
    reminder_hours: Json[frozenset[Annotated[int, Field(ge=1, le=336)]]]
    time_zone: str

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("is not a time zone such as Europe/Berlin")
        return zone

    @property
    def zone(self) -> ZoneInfo:
        """The zone of `time_zone`; Lambda's Amazon Linux 2023 brings the zones' data."""
        return ZoneInfo(self.time_zone)


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pydantic import Field

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "ANALYTICS_TABLE": "analytics",
    "VISITS_TABLE": "analytics-visits",
    "EVENTS_STREAM": "kasper-analytics",
    "EVENTS_BUCKET": "kasper-analytics-100000000001",
    "RETENTION_DAYS": "90",
    "PUBLIC_COUNTERS": "true",
    "CHANNEL_ARN": "arn:aws:ivs:eu-central-1:100000000001:channel/abcDEF123456",
    "CREATOR_DOMAIN": "kasper.live",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        analytics_table: name of the table of figures and counters.
        visits_table: name of the table of salts and marks.
        events_stream: name of the Firehose stream that takes events.
        events_bucket: name of the bucket that it puts them into.
        retention_days: days that the bucket keeps them.
        public_counters: whether the views of each page are counted for everybody to see.
        channel_arn: ARN of the IVS channel whose viewers are counted; empty without one.
        creator_domain: of the site.
    """

    analytics_table: str = Field(min_length=3)
    visits_table: str = Field(min_length=3)
    events_stream: str = Field(min_length=1)
    events_bucket: str = Field(min_length=3)
    retention_days: int = Field(ge=2)
    public_counters: bool
    channel_arn: str
    creator_domain: str


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, Json

SAMPLE: Mapping[str, str] = {
    "STREAMS_TABLE": "streams",
    "CHANNEL_ARN": "arn:aws:ivs:eu-central-1:100000000001:channel/abcdEFGHijkl",
    "PLAYBACK_URL": "https://a1b2.eu-central-1.playback.live-video.net/channel.m3u8",
    "INGEST_ENDPOINT": "a1b2.global-contribute.live-video.net",
    "AUTHORIZED_PLAYBACK": "false",
    "PLAYBACK_KEY_ID": "8f0f7a3e-0000-4000-8000-00000000cafe",
    "RECORDINGS_BUCKET": "recordings",
    "RECORDINGS_SERVED": "true",
    "RECORDING_RETENTION_DAYS": "30",
    "LIVE_TOPIC_ARN": "arn:aws:sns:eu-central-1:100000000001:kasper-live",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(BaseModel):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        streams_table: name of the table of the channel's state and its recordings.
        channel_arn: the creator's one channel.
        playback_url: HLS playlist of the channel.
        ingest_endpoint: host that the encoder sends to.
        authorized_playback: whether viewers need a playback token.
        playback_key_id: key of KMS that signs playback tokens; None where playback is open.
        membership_table: name of membership's table; None where every member may watch.
        playback_tier: the lowest tier of membership that may watch; None where every member may.
        tiers: ids of all tiers of membership, from the lowest to the highest.
        recordings_bucket: name of the bucket; None where streams are not recorded.
        recordings_served: whether the creator's site serves the bucket below `/ivs/v1/`.
        recording_retention_days: days after which the bucket lets go of an object.
        live_topic_arn: topic of live notices; None where none are sent.
    """

    model_config = ConfigDict(frozen=True)

    streams_table: str = Field(min_length=3)
    channel_arn: str = Field(pattern=r"^arn:aws[a-z-]*:ivs:[a-z0-9-]+:[0-9]{12}:channel/[A-Za-z0-9-]+$")
    playback_url: str
    ingest_endpoint: str
    authorized_playback: bool
    playback_key_id: str | None = None
    membership_table: str | None = None
    playback_tier: str | None = None
    tiers: Json[tuple[str, ...]] = ()
    recordings_bucket: str | None = None
    recordings_served: bool
    recording_retention_days: int = Field(ge=1, le=3650)
    live_topic_arn: str | None = None

    @property
    def account_id(self) -> str:
        """The creator's account."""
        return self.channel_arn.split(":")[4]

    @property
    def recordings_root(self) -> str:
        """What the keys of all of the channel's recordings begin with, without a slash at the end."""
        return f"ivs/v1/{self.account_id}/{self.channel_arn.rpartition('/')[2]}"

    @property
    def retention(self) -> timedelta:
        """How long the bucket keeps an object at least."""
        return timedelta(days=self.recording_retention_days)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """The settings in an environment, in which empty is what there is not.

        Raises:
            ValidationError: one is missing or wrong.
        """
        found = {name: environment.get(name.upper()) for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in found.items() if value})


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

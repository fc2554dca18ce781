"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pydantic import Field

from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "CHAT_TABLE": "chat",
    "ROOM_ARN": "arn:aws:ivschat:eu-central-1:100000000001:room/AbCdEf012345",
    "MESSAGE_LOG": "/aws/vendedlogs/ivschat/kasper",
    "LOG_RETENTION_DAYS": "30",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    The review hook reads CHAT_TABLE by itself, and has no ROOM_ARN: the room is made after it.

    Args:
        chat_table: name of the table of members, bans and the room's own settings.
        room_arn: of the chat room.
        message_log: name of the log group that the room's messages are kept in; empty where none is kept.
        log_retention_days: days that they are kept; 0 where none is.
    """

    chat_table: str = Field(min_length=3)
    room_arn: str = Field(pattern=r"^arn:aws[a-z-]*:ivschat:[a-z0-9-]+:[0-9]{12}:room/[A-Za-z0-9-]+$")
    message_log: str = ""
    log_retention_days: int = Field(default=0, ge=0)


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

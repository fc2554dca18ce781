"""What the chat's API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivs_chat.names import DisplayName
from ivs_chat.roles import Role
from shared.fields import PlainText

MAX_BAN_MINUTES = 60 * 24 * 365
MAX_SLOW_SECONDS = 120

Reason = Annotated[PlainText, Field(max_length=200)]
"""Why something was done, in a moderator's words; IVS takes up to 256 characters."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Joining(_Value):
    """A member who wants to take part; without a name, under the one they had."""

    display_name: DisplayName | None = None


class GuestToken(_Value):
    """A token that lets its bearer connect and read.

    Args:
        endpoint: of the room's WebSocket connections; the token is the connection's subprotocol.
        token: is used within a minute, once for each connection.
        user_id: how the room knows the bearer.
        session_ends_at: then the connection ends and needs another token.
    """

    endpoint: str
    token: str
    user_id: str
    session_ends_at: datetime


class MemberToken(GuestToken):
    """A token that lets its bearer write, and moderators and admins delete and disconnect.

    Args:
        slow_mode_seconds: least seconds between two messages of one member; 0 when slow mode is off.
    """

    display_name: str
    role: Role
    slow_mode_seconds: int


class Deletion(BaseModel):
    """The query string of a deletion."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason | None = None


class Banning(_Value):
    """For how long somebody is kept out, and why: a number of minutes, or permanently."""

    minutes: int | None = Field(default=None, ge=1, le=MAX_BAN_MINUTES)
    permanent: bool = False
    reason: Reason

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.minutes is None) != self.permanent:
            raise ValueError("must have either minutes or permanent: true")
        return self


class Ban(_Value):
    """A ban as moderators see it.

    Args:
        until: None where it is permanent.
        by: id of who banned.
    """

    member: str
    display_name: str
    until: datetime | None
    reason: str
    by: str
    banned_at: datetime


class BanPage(_Value):
    """A page of bans; the last one has no cursor."""

    bans: tuple[Ban, ...]
    next_cursor: str | None


class SlowMode(_Value):
    """Least seconds between two messages of one member; 0 turns slow mode off."""

    seconds: int = Field(ge=0, le=MAX_SLOW_SECONDS)


class Act(_Value):
    """Something that a moderator did.

    Args:
        action: `message-deleted`, `banned`, `unbanned` or `slow-mode`.
        by: id of who did it.
        on: id of the member or message; empty for the room.
        detail: the reason, or the seconds of slow mode.
    """

    at: datetime
    action: str
    by: str
    on: str
    detail: str


class ActPage(_Value):
    """A page of what moderators did, newest first; the last one has no cursor."""

    acts: tuple[Act, ...]
    next_cursor: str | None


class Page(BaseModel):
    """The query string of a list; cursor is `next_cursor` of the page before."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9:.+-]+$")] | None = None

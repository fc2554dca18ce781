"""How a ban lies in the table: its end, and whether it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ivs_chat.roles import Role, may_ban

FOREVER = 9_999_999_999
"""Stored as the end of a permanent ban, in seconds since 1970: the year 2286."""


def end_of(minutes: int | None, now: datetime) -> int:
    """The end of a ban, in seconds since 1970.

    Args:
        minutes: that it lasts; None for a permanent one.
        now: when it begins.
    """
    return FOREVER if minutes is None else int((now + timedelta(minutes=minutes)).timestamp())


def moment_of(end: int) -> datetime | None:
    """The end of a ban as a moment; None for a permanent one."""
    return None if end == FOREVER else datetime.fromtimestamp(end, UTC)


def holds(end: int | None, by: Role | None, role: Role, now: datetime) -> bool:
    """Whether a ban keeps a member out.

    Args:
        end: of the ban, in seconds since 1970, or None where there is none.
        by: role of who banned.
        role: of the member today: who has become a moderator or an admin is not kept out by an equal.
        now: when it is asked.
    """
    return end is not None and by is not None and end > now.timestamp() and may_ban(by, role)

"""Who somebody is in the chat, and whom they may ban."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """A member's role in the chat."""

    MEMBER = "member"
    MODERATOR = "moderator"
    ADMIN = "admin"


def role_of(groups: Collection[str]) -> Role:
    """The highest role that the groups of a member give."""
    if "admin" in groups:
        return Role.ADMIN
    return Role.MODERATOR if "moderator" in groups else Role.MEMBER


def may_ban(actor: Role, target: Role) -> bool:
    """Nobody bans an admin, and only admins ban moderators."""
    if actor is Role.ADMIN:
        return target is not Role.ADMIN
    return actor is Role.MODERATOR and target is Role.MEMBER

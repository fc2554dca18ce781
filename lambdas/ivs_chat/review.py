"""Whether a message may be said: the rules of the review hook, with nothing around them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from ivs_chat.folding import fold
from ivs_chat.links import has_link
from ivs_chat.roles import Role
from ivs_chat.words import BlockedWords

REPEAT_SECONDS = 60
"""In this time a member does not say the same thing twice in a row."""


class Refusal(StrEnum):
    """Why a message is not delivered; the sender is told."""

    BLOCKED_WORD = "blocked-word"
    LINK = "link"
    BANNED = "banned"
    SLOW_MODE = "slow-mode"
    REPEATED = "repeated"
    SIGNED_OUT = "signed-out"
    ATTRIBUTES = "attributes"  # the site sends none, and nobody would review what is in them


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of who sends a message.

    Args:
        banned_until: seconds since 1970, or None.
        last_ms: when their last message was let through, milliseconds since 1970, or None.
        last_digest: of that message.
    """

    banned_until: int | None = None
    last_ms: int | None = None
    last_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What has to be true of a sender for a message to be let through.

    Args:
        banned_after: a ban that lasts longer than this second since 1970 holds; None where no ban does.
        spoke_after: the last message may not be later than this millisecond; None where that is free.
        digest: of the message; None where it may be said again.
        repeat_after: a last message later than this millisecond may not be the same.
    """

    banned_after: int | None
    spoke_after: int | None
    digest: str | None
    repeat_after: int


def content_refusal(text: str, role: Role, blocked: BlockedWords) -> Refusal | None:
    """What a message breaks by what it says. Words are blocked for everybody, links for members."""
    if blocked.are_in(text):
        return Refusal.BLOCKED_WORD
    if role is Role.MEMBER and has_link(text):
        return Refusal.LINK
    return None


def bounds_of(text: str, sender_id: str, role: Role, *, slow_seconds: int, now_ms: int) -> Bounds:
    """What is asked of a sender: of admins nothing, of moderators that they are not banned.

    Args:
        text: the message.
        sender_id: whose it is.
        role: of the sender.
        slow_seconds: least seconds between two messages of one member; 0 when slow mode is off.
        now_ms: milliseconds since 1970.
    """
    is_member = role is Role.MEMBER
    return Bounds(
        banned_after=None if role is Role.ADMIN else now_ms // 1000,
        spoke_after=now_ms - slow_seconds * 1000 if is_member and slow_seconds else None,
        digest=_digest_of(text, sender_id) if is_member else None,
        repeat_after=now_ms - REPEAT_SECONDS * 1000,
    )


def sender_refusal(sender: Sender, bounds: Bounds) -> Refusal | None:
    """What a message breaks by who sends it, and when."""
    last = sender.last_ms
    if bounds.banned_after is not None and (sender.banned_until or 0) > bounds.banned_after:
        return Refusal.BANNED
    if bounds.spoke_after is not None and last is not None and last > bounds.spoke_after:
        return Refusal.SLOW_MODE
    same = bounds.digest is not None and sender.last_digest == bounds.digest
    return Refusal.REPEATED if same and last is not None and last > bounds.repeat_after else None


def _digest_of(text: str, sender_id: str) -> str:
    """Tells a sender's messages apart without keeping them; spaces and punctuation make no other message."""
    said = "".join(character for character in fold(text) if character.isalnum()) or text
    return hashlib.sha256(f"{sender_id}\n{said}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

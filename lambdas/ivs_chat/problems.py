"""What the chat refuses, and what to do about it."""

from __future__ import annotations

from datetime import datetime

from shared.problems import ProblemError


def banned(until: datetime | None, reason: str) -> ProblemError:
    """403: the member is kept out of the chat, until a moment or permanently."""
    when = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "permanently"
    detail = f"You are kept out of the chat {when}. Write to the creator if you think that this is wrong."
    return ProblemError(
        403,
        "banned",
        "Kept out of the chat",
        detail,
        until=until.isoformat() if until else None,
        reason=reason,
    )


def name_taken() -> ProblemError:
    """409: somebody else has a name that looks the same."""
    return ProblemError(
        409,
        "name-taken",
        "The name is taken",
        "Somebody else has this name, or one that looks like it. Choose another one.",
    )


def too_many_tokens() -> ProblemError:
    """429: more tokens than a person needs."""
    return ProblemError(
        429, "too-many", "Too many tokens", "Wait a minute and connect again.", headers={"Retry-After": "60"}
    )

"""How much may be sent, by one visitor and in all, and how long a message may wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.problems import ProblemError

MESSAGES_PER_HOUR = 5
"""Of one visitor."""

MESSAGES_PER_DAY = 100
"""In all, UTC: a flood must neither bury the creator nor use up the account's mail; a new account may send
200 e-mails a day (https://docs.aws.amazon.com/ses/latest/dg/quotas.html)."""

KEEP_UNDELIVERED = timedelta(days=30)
"""A message that cannot be delivered is given up after this time."""

CLAIM = timedelta(minutes=5)
"""Longer than a delivery can take: in this time nobody else tries the same message."""


def too_many_of_one(now: datetime) -> ProblemError:
    """429: this visitor has sent enough for this hour."""
    wait = timedelta(hours=1) - timedelta(minutes=now.minute, seconds=now.second)
    return _too_many("You have sent several messages already. Wait until the next hour.", wait)


def too_many_of_all(now: datetime) -> ProblemError:
    """429: the form has taken enough for this day."""
    wait = timedelta(days=1) - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
    return _too_many("The form takes no more messages today. Try again tomorrow.", wait)


def _too_many(detail: str, wait: timedelta) -> ProblemError:
    seconds = str(int(wait.total_seconds()))
    return ProblemError(429, "too-many", "Too many messages", detail, headers={"Retry-After": seconds})

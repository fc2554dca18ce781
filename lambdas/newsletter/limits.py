"""How often may be asked, by one visitor and in all."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.problems import ProblemError

REQUESTS_PER_HOUR = 10
"""Of one visitor."""

REQUESTS_PER_DAY = 2_000
"""In all, UTC: nobody may use the form to flood strangers' mailboxes in the creator's name."""

TESTS_PER_HOUR = 30
"""Test letters, of all who write letters together."""


def too_many_of_one(now: datetime) -> ProblemError:
    """429: this visitor has asked enough for this hour."""
    return _too_many("You have asked several times already. Wait until the next hour.", _to_next_hour(now))


def too_many_of_all(now: datetime) -> ProblemError:
    """429: enough was asked for this day."""
    wait = timedelta(days=1) - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
    return _too_many("The newsletter takes no more subscribers today. Try again tomorrow.", wait)


def too_many_tests(now: datetime) -> ProblemError:
    """429: enough test letters for this hour."""
    return _too_many("Several test letters went out already. Wait until the next hour.", _to_next_hour(now))


def _to_next_hour(now: datetime) -> timedelta:
    return timedelta(hours=1) - timedelta(minutes=now.minute, seconds=now.second)


def _too_many(detail: str, wait: timedelta) -> ProblemError:
    seconds = str(int(wait.total_seconds()))
    return ProblemError(429, "too-many", "Too many requests", detail, headers={"Retry-After": seconds})

"""Stripe's secrets."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from shared.parameters import Parameter
from shared.problems import ProblemError

KEEP = timedelta(minutes=5)
"""How long a secret is used before it is read again: a new one is in use no later."""

STRIPE_KEY = re.compile(r"(sk|rk)_(test|live)_\w{8,}", re.ASCII)
"""A secret or restricted key of Stripe's (https://docs.stripe.com/keys)."""

WEBHOOK_SECRET = re.compile(r"whsec_[\w+/=-]{8,}", re.ASCII)
"""A webhook endpoint's signing secret."""


class Secrets:
    """The secrets in one parameter.

    Args:
        parameter: its name.
        form: what a secret looks like.
    """

    def __init__(self, parameter: str, form: re.Pattern[str]) -> None:
        self._parameter = Parameter(parameter, form, KEEP)

    def at(self, now: datetime) -> tuple[str, ...]:
        """The secrets, the first one being the newest.

        Raises:
            ProblemError: 503 `payments-not-set-up`, nobody has put one there yet.
        """
        found = tuple(match.group() for match in self._parameter.at(now))
        if not found:
            raise not_set_up()
        return found


def not_set_up() -> ProblemError:
    """503: the creator's Stripe account is not connected yet, or its keys are no longer good."""
    return ProblemError(
        503,
        "payments-not-set-up",
        "Payments are not set up",
        "This site cannot take payments yet. Try again later.",
    )

"""Stripe's secrets, from Parameter Store: read when they are needed first, and again some minutes later."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from shared.problems import ProblemError

if TYPE_CHECKING:
    from types_boto3_ssm.client import SSMClient

CLIENT: SSMClient = boto3.client(
    "ssm",
    config=Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "max_attempts": 3}),
)

KEEP = timedelta(minutes=5)
"""How long a secret is used before it is read again: a new one is in use no later."""

STRIPE_KEY = re.compile(r"(sk|rk)_(test|live)_\w{8,}", re.ASCII)
"""A secret or restricted key of Stripe's (https://docs.stripe.com/keys)."""

WEBHOOK_SECRET = re.compile(r"whsec_[\w+/=-]{8,}", re.ASCII)
"""A webhook endpoint's signing secret."""


class Secrets:
    """The secrets in one parameter, separated by spaces; several while they are being exchanged.

    Args:
        parameter: its name.
        form: what a secret looks like; Terraform's placeholder does not.
    """

    def __init__(self, parameter: str, form: re.Pattern[str]) -> None:
        self._parameter = parameter
        self._form = form
        self._read: tuple[datetime, tuple[str, ...]] | None = None

    def at(self, now: datetime) -> tuple[str, ...]:
        """The secrets, the first one being the newest.

        Raises:
            ProblemError: 503 `payments-not-set-up`, nobody has put one there yet.
        """
        if self._read is None or now - self._read[0] > KEEP:
            answer = CLIENT.get_parameter(Name=self._parameter, WithDecryption=True)
            found = tuple(text for text in answer["Parameter"]["Value"].split() if self._form.fullmatch(text))
            if not found:
                raise not_set_up()
            self._read = now, found
        return self._read[1]


def not_set_up() -> ProblemError:
    """503: the creator's Stripe account is not connected yet, or its keys are no longer good."""
    return ProblemError(
        503,
        "payments-not-set-up",
        "Payments are not set up",
        "This site cannot take payments yet. Try again later.",
    )

"""Secrets from Parameter Store: read when they are needed first, and again some minutes later."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_ssm.client import SSMClient

CLIENT: SSMClient = boto3.client(
    "ssm",
    config=Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "max_attempts": 3}),
)


class Parameter:
    """The secrets in one parameter, separated by spaces; several while they are being exchanged.

    Args:
        name: the parameter's.
        form: what a secret looks like; Terraform's placeholder does not.
        kept_for: how long one is used before it is read again.
    """

    def __init__(self, name: str, form: re.Pattern[str], kept_for: timedelta) -> None:
        self._name = name
        self._form = form
        self._kept_for = kept_for
        self._read: tuple[datetime, tuple[re.Match[str], ...]] | None = None

    def at(self, now: datetime) -> tuple[re.Match[str], ...]:
        """The secrets, the newest first; none while nobody has put one there.

        Raises:
            ClientError: Parameter Store is throttling or not well.
        """
        if self._read is None or now - self._read[0] > self._kept_for:
            answer = CLIENT.get_parameter(Name=self._name, WithDecryption=True)
            words = answer["Parameter"]["Value"].split()
            found = tuple(match for word in words if (match := self._form.fullmatch(word)))
            if not found:
                return ()
            self._read = now, found
        return self._read[1]

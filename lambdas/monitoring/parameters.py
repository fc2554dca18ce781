"""A secret of a channel, from Parameter Store: read when it is needed first, and again some minutes later."""

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

KEEP = timedelta(minutes=1)
"""How long a secret is used before it is read again: who has filled one tries it at once."""

SLACK_WEBHOOK = re.compile(r"https://hooks\.slack\.com(?P<path>/services/[A-Za-z0-9/]{20,100})", re.ASCII)
"""https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"""

TELEGRAM_TOKEN = re.compile(r"[0-9]{6,16}:[A-Za-z0-9_-]{30,60}", re.ASCII)
"""https://core.telegram.org/bots/api#authorizing-your-bot"""


class Secret:
    """The secret in one parameter.

    Args:
        parameter: its name.
        form: what the secret looks like; Terraform's placeholder does not.
    """

    def __init__(self, parameter: str, form: re.Pattern[str]) -> None:
        self._parameter = parameter
        self._form = form
        self._read: tuple[datetime, re.Match[str]] | None = None

    def at(self, now: datetime) -> re.Match[str] | None:
        """The secret, or None while nobody has put one there.

        Raises:
            ClientError: Parameter Store is throttling or not well.
        """
        if self._read is None or now - self._read[0] > KEEP:
            answer = CLIENT.get_parameter(Name=self._parameter, WithDecryption=True)
            found = self._form.fullmatch(answer["Parameter"]["Value"].strip())
            if found is None:
                return None
            self._read = now, found
        return self._read[1]

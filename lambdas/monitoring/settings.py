"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pydantic import Field, Json

from shared.environment import FunctionSettings
from shared.fields import EmailAddress

SAMPLE: Mapping[str, str] = {
    "MONITORING_TABLE": "monitoring",
    "NOTICES_TOPIC_ARN": "arn:aws:sns:eu-central-1:100000000001:kasper-notices",
    "FAILURES_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/100000000001/kasper-failures",
    "EMAILS": '["kasper@example.org", "ops@example.org"]',
    "SLACK_PARAMETER": "/kasper/monitoring/slack-webhook",
    "TELEGRAM_PARAMETER": "/kasper/monitoring/telegram-token",
    "TELEGRAM_CHAT": "-1001234567890",
    "DASHBOARD_URL": "https://eu-central-1.console.aws.amazon.com/cloudwatch/home#dashboards/dashboard/kasper",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        monitoring_table: name of the table of notices that wait, and of what was told.
        notices_topic_arn: topic whose subscribers get e-mail.
        failures_queue_url: the creator's queue of failures.
        emails: who is meant to be subscribed.
        slack_parameter: name of the Parameter Store parameter of Slack's webhook; empty where Slack is off.
        telegram_parameter: name of the one of the Telegram bot's token; empty where Telegram is off.
        telegram_chat: id of the chat that the bot writes to.
        dashboard_url: of the creator's dashboard in the AWS console.
        messengers_base: another server in the place of Slack and Telegram, for tests only; empty for
            themselves.
    """

    monitoring_table: str = Field(min_length=3)
    notices_topic_arn: str = Field(pattern=r"^arn:aws[a-z-]*:sns:")
    failures_queue_url: str = Field(pattern=r"^https?://")
    emails: Json[tuple[EmailAddress, ...]]
    slack_parameter: str = Field(default="", pattern=r"^(/.+)?$")
    telegram_parameter: str = Field(default="", pattern=r"^(/.+)?$")
    telegram_chat: str = Field(default="", pattern=r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{5,32})?$")
    dashboard_url: str = Field(pattern=r"^https://")
    messengers_base: str = Field(default="", pattern=r"^(https?://[\w.:-]+)?$")


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)

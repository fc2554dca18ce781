"""The ways to people: e-mail by a topic of SNS, Slack by an incoming webhook, Telegram by a bot.

Hosts are fixed, redirects are not followed, and an error says what happened and never quotes a URL: the
secrets are a part of it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from monitoring.settings import Settings
from monitoring.texts import Message
from shared.parameters import Parameter

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient
    from types_boto3_sns.type_defs import SubscriptionTypeDef

SLACK = "https://hooks.slack.com"
TELEGRAM = "https://api.telegram.org"

KEEP = timedelta(minutes=1)
"""How long a secret is used before it is read again: who has filled one tries it at once."""

SLACK_WEBHOOK = re.compile(r"https://hooks\.slack\.com(?P<path>/services/[A-Za-z0-9/]{20,100})", re.ASCII)
"""https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"""

TELEGRAM_TOKEN = re.compile(r"[0-9]{6,16}:[A-Za-z0-9_-]{30,60}", re.ASCII)
"""https://core.telegram.org/bots/api#authorizing-your-bot"""

MAX_SUBJECT_CHARS = 99
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: under a hundred, of ASCII."""

TIMEOUT = urllib3.Timeout(connect=2, read=5)
"""Seconds. A channel that does not answer must not keep the others waiting."""

MAX_ANSWER_BYTES = 4096

CLIENT: SNSClient = boto3.client(
    "sns", config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
)
_pool = urllib3.PoolManager(timeout=TIMEOUT, retries=False)  # which follows no redirect either


class ChannelName(StrEnum):
    """The channels, in the order in which they are told: e-mail is first and waits for nobody."""

    EMAIL = "email"
    SLACK = "slack"
    TELEGRAM = "telegram"


class ChannelError(Exception):
    """A message was not taken.

    Args:
        reason: what happened, without an address or a secret.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    """One way to people."""

    def is_set_up(self, now: datetime) -> bool:
        """Whether there is everything that sending needs. Raises ChannelError where nobody knows."""

    def send(self, message: Message, now: datetime) -> None:
        """Send a message. Raises ChannelError when it was not taken."""


class Email:
    """Everybody who has confirmed a subscription of the topic.

    Args:
        topic_arn: the topic.
    """

    def __init__(self, topic_arn: str) -> None:
        self._topic_arn = topic_arn

    def is_set_up(self, now: datetime) -> bool:
        """Always: SNS takes the message, whoever has subscribed."""
        return True

    def send(self, message: Message, now: datetime) -> None:
        """Publish it."""
        subject = message.title.encode("ascii", "replace").decode()[:MAX_SUBJECT_CHARS]
        try:
            CLIENT.publish(TopicArn=self._topic_arn, Subject=subject, Message=message.text)
        except ClientError as error:
            raise ChannelError(f"SNS: {error.response['Error']['Code']}") from None
        except BotoCoreError as error:
            raise ChannelError(f"SNS: {type(error).__name__}") from None


class Slack:
    """A channel of Slack.

    Args:
        webhook: the incoming webhook's URL.
        base: another server in Slack's place; empty for Slack itself.
    """

    def __init__(self, webhook: Parameter, base: str = "") -> None:
        self._webhook = webhook
        self._base = base

    def is_set_up(self, now: datetime) -> bool:
        """Whether somebody has filled the webhook."""
        return _read(self._webhook, now) is not None

    def send(self, message: Message, now: datetime) -> None:
        """Post it as plain text: https://docs.slack.dev/messaging/formatting-message-text#escaping"""
        found = _read(self._webhook, now)
        if found is None:
            raise ChannelError("not set up")
        text = html.escape(f"{message.title}\n{message.text}", quote=False)
        answer = {"text": text, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
        status, said = _post(f"{self._base or SLACK}{found['path']}", answer)
        if status != 200:
            raise ChannelError(f"Slack: HTTP {status} {_word(said)}".strip())


class Telegram:
    """A chat of Telegram.

    Args:
        token: the bot's.
        chat: id of the chat.
        base: another server in Telegram's place; empty for Telegram itself.
    """

    def __init__(self, token: Parameter, chat: str, base: str = "") -> None:
        self._token = token
        self._chat = chat
        self._base = base

    def is_set_up(self, now: datetime) -> bool:
        """Whether somebody has filled the token."""
        return _read(self._token, now) is not None

    def send(self, message: Message, now: datetime) -> None:
        """Send it with its title in bold: https://core.telegram.org/bots/api#html-style"""
        found = _read(self._token, now)
        if found is None:
            raise ChannelError("not set up")
        title, text = (html.escape(part, quote=False) for part in (message.title, message.text))
        content = {
            "chat_id": self._chat,
            "text": f"<b>{title}</b>\n{text}",
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        status, said = _post(f"{self._base or TELEGRAM}/bot{found[0]}/sendMessage", content)
        if status != 200:
            raise ChannelError(f"Telegram: HTTP {status}")
        if _document(said).get("ok") is not True:
            raise ChannelError("Telegram: not taken")


def channels_of(settings: Settings) -> Mapping[ChannelName, Channel]:
    """The channels that are switched on, in the order in which they are told."""
    found: dict[ChannelName, Channel] = {ChannelName.EMAIL: Email(settings.notices_topic_arn)}
    if settings.slack_parameter:
        webhook = Parameter(settings.slack_parameter, SLACK_WEBHOOK, KEEP)
        found[ChannelName.SLACK] = Slack(webhook, settings.messengers_base)
    if settings.telegram_parameter:
        token = Parameter(settings.telegram_parameter, TELEGRAM_TOKEN, KEEP)
        found[ChannelName.TELEGRAM] = Telegram(token, settings.telegram_chat, settings.messengers_base)
    return found


def subscriptions_of(topic_arn: str) -> list[SubscriptionTypeDef]:
    """All subscriptions of a topic."""
    pages = CLIENT.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    return [subscription for page in pages for subscription in page["Subscriptions"]]


def _read(secret: Parameter, now: datetime) -> re.Match[str] | None:
    try:
        return next(iter(secret.at(now)), None)
    except ClientError as error:
        raise ChannelError(f"Parameter Store: {error.response['Error']['Code']}") from None
    except BotoCoreError as error:
        raise ChannelError(f"Parameter Store: {type(error).__name__}") from None


def _post(url: str, content: Mapping[str, object]) -> tuple[int, bytes]:
    """Status and the beginning of the answer; the URL is in no error."""
    try:
        answer = _pool.request(
            "POST",
            url,
            body=json.dumps(content).encode(),
            headers={"Content-Type": "application/json"},
            preload_content=False,
        )
        try:
            return answer.status, answer.read(MAX_ANSWER_BYTES)
        finally:
            answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise ChannelError(f"no answer: {type(error).__name__}") from None


def _word(said: bytes) -> str:
    """Slack's error in a word, as `no_service`; nothing where it is anything else."""
    word = said.decode("ascii", "replace").strip()
    return word if len(word) <= 40 and word.replace("_", "").isalpha() else ""


def _document(said: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

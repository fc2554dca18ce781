"""Letters to SES, each of them once.

boto3 asks again by itself after a timeout, when SES may have taken the mail already. Here it does not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from email.utils import formataddr
from enum import StrEnum
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from newsletter.composing import Message
from newsletter.settings import settings
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from types_boto3_sesv2.client import SESV2Client
    from types_boto3_sesv2.type_defs import BodyTypeDef

CLIENT: SESV2Client = boto3.client(
    "sesv2", config=Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1})
)

# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
_OF_THIS_MAIL = frozenset({"MessageRejected", "BadRequestException"})
_OF_ALL_MAILS = frozenset(
    {
        "AccountSuspendedException",
        "SendingPausedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
    }
)
_TOO_FAST = frozenset({"TooManyRequestsException", "LimitExceededException", "ThrottlingException"})


class Outcome(StrEnum):
    """What came of asking SES."""

    SENT = "sent"
    REFUSED = "refused"
    TOO_FAST = "too-fast"
    QUOTA = "quota"
    CLOSED = "closed"
    UNCLEAR = "unclear"


def deliver(to: str, message: Message, tags: Mapping[str, str]) -> Outcome:
    """Ask SES once to send a mail.

    Args:
        to: the address.
        message: what is sent.
        tags: by which events about this mail are known again.

    Returns:
        SENT; REFUSED, this mail for good; TOO_FAST and QUOTA (the day's), it was not sent and may be later;
        CLOSED, the account or the domain may not send; UNCLEAR, it is not known whether it was sent.
    """
    outcome = _ask(to, message, tags)
    count("LettersTaken" if outcome is Outcome.SENT else "LettersNotTaken")
    return outcome


def _ask(to: str, message: Message, tags: Mapping[str, str]) -> Outcome:
    body: BodyTypeDef = {"Text": {"Data": message.text, "Charset": "UTF-8"}}
    if message.html is not None:
        body["Html"] = {"Data": message.html, "Charset": "UTF-8"}
    try:
        CLIENT.send_email(
            FromEmailAddress=formataddr((settings().creator_name, os.environ["MAIL_FROM"])),
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {
                    "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                    "Body": body,
                    "Headers": [{"Name": name, "Value": value} for name, value in message.headers.items()],
                }
            },
            EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
            ConfigurationSetName=settings().configuration_set,
        )
    except ClientError as error:
        return _outcome_of(error)
    except BotoCoreError as error:  # a timeout, a connection that broke
        logger.warning("SES did not answer", reason=type(error).__qualname__)
        return Outcome.UNCLEAR
    return Outcome.SENT


def _outcome_of(error: ClientError) -> Outcome:
    code = error.response["Error"]["Code"]
    logger.warning("mail refused", reason=code)
    message = error.response["Error"].get("Message", "").lower()
    if code == "MessageRejected" and "not verified" in message:
        return Outcome.CLOSED  # the domain is not, or the account is in the sandbox: so it is for everybody
    if code in _OF_THIS_MAIL:
        return Outcome.REFUSED
    if code in _OF_ALL_MAILS:
        return Outcome.CLOSED
    if code in _TOO_FAST:
        return Outcome.QUOTA if "daily" in message else Outcome.TOO_FAST
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500:
        return Outcome.CLOSED  # what we ask is not allowed, and would not be for anybody else
    return Outcome.UNCLEAR

"""E-mail to one person by Amazon SES, from the creator's own domain.

`MAIL_FROM` of the environment is the sender's address and `CREATOR_NAME` the name beside it. SES builds the
message from its parts, so that nothing that is typed can become a header.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from shared.telemetry import count, logger

if TYPE_CHECKING:
    from types_boto3_sesv2.client import SESV2Client
    from types_boto3_sesv2.type_defs import SendEmailRequestTypeDef

CLIENT: SESV2Client = boto3.client(
    "sesv2",
    config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}),
)

# What asking again cannot change: the address or the account is refused.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
_FINAL = frozenset(
    {
        "MessageRejected",
        "MailFromDomainNotVerifiedException",
        "AccountSuspendedException",
        "SendingPausedException",
        "BadRequestException",
    }
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message.

    Args:
        name: as the reader sees it.
        media_type: with its parameters, up to 78 characters.
    """

    name: str
    media_type: str
    content: bytes


def send(
    to: str, subject: str, text: str, *, reply_to: str | None = None, attachments: Sequence[Attachment] = ()
) -> bool:
    """Send a plain-text message.

    Args:
        to: the address.
        subject: one line.
        text: the body.
        reply_to: where an answer goes, if not to the sender.
        attachments: files that go with it.

    Returns:
        Whether SES took it. False where it refuses for good: the identity is not verified yet, or the account
        is still in the sandbox. That is counted and logged, and no error of the caller's.

    Raises:
        ClientError: SES is throttling or not well; try again.
    """
    sender = formataddr((os.environ.get("CREATOR_NAME", ""), os.environ["MAIL_FROM"]))
    message: SendEmailRequestTypeDef = {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": [to]},
        "Content": {
            "Simple": {
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
            }
        },
    }
    if attachments:
        message["Content"]["Simple"]["Attachments"] = [
            {"FileName": file.name, "ContentType": file.media_type, "RawContent": file.content}
            for file in attachments
        ]
    if reply_to:
        message["ReplyToAddresses"] = [reply_to]
    try:
        CLIENT.send_email(**message)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _FINAL:
            raise
        logger.warning("mail refused", reason=code)
        count("MailsRefused")
        return False
    count("MailsSent")
    return True

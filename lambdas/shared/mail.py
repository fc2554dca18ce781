"""E-mail to one person by Amazon SES, from the creator's own domain.

`MAIL_FROM` of the environment is the sender's address and `CREATOR_NAME` the name beside it. SES builds the
message from its parts, so that nothing that is typed can become a header.
"""

from __future__ import annotations

import os
from email.headerregistry import Address
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


def send(to: str, subject: str, text: str, *, reply_to: str | None = None) -> bool:
    """Send a plain-text message.

    Args:
        to: the address.
        subject: one line.
        text: the body.
        reply_to: where an answer goes, if not to the sender.

    Returns:
        Whether SES took it. False where it refuses for good: the identity is not verified yet, or the account
        is still in the sandbox. That is counted and logged, and no error of the caller's.

    Raises:
        ClientError: SES is throttling or not well; try again.
    """
    sender = Address(os.environ.get("CREATOR_NAME", ""), addr_spec=os.environ["MAIL_FROM"])
    message: SendEmailRequestTypeDef = {
        "FromEmailAddress": str(sender),
        "Destination": {"ToAddresses": [to]},
        "Content": {
            "Simple": {
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
            }
        },
    }
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

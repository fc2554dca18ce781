"""The topic that live notices are published to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient

CLIENT: SNSClient = boto3.client(
    "sns", config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
)

MAX_SUBJECT_CHARS = 99
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: under a hundred, of ASCII."""


def publish(topic_arn: str, subject: str, text: str) -> None:
    """Tell everyone who has subscribed.

    Raises:
        ClientError: SNS is throttling or not well.
    """
    CLIENT.publish(TopicArn=topic_arn, Subject=subject[:MAX_SUBJECT_CHARS], Message=text)

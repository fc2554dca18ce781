"""The queue of jobs: each names a letter and a few people of it by a number, and nobody by an address."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import boto3
from botocore.config import Config
from pydantic import Field

from newsletter.model import Value
from newsletter.settings import settings

CLIENT = boto3.client(
    "sqs",
    config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}),
)

_BATCH = 10  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html


class Job(Value):
    """Some people of a letter.

    Args:
        letter: its id.
        number: of the job, from 1 on.
    """

    letter: str = Field(pattern=r"^[0-9a-f]{24}$")
    number: int = Field(ge=1)


class QueueError(Exception):
    """SQS did not take all jobs; putting the same ones again does no harm."""


def enqueue(jobs: Iterable[Job]) -> int:
    """Put jobs on the queue; how many.

    Raises:
        QueueError: not all of them.
    """
    waiting, put = iter(jobs), 0
    while batch := list(islice(waiting, _BATCH)):
        answer = CLIENT.send_message_batch(
            QueueUrl=settings().queue_url,
            Entries=[{"Id": str(job.number), "MessageBody": job.model_dump_json()} for job in batch],
        )
        if answer.get("Failed"):
            raise QueueError
        put += len(batch)
    return put

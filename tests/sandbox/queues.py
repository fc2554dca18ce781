"""Queues that tests listen on."""

from __future__ import annotations

import json


class Queue:
    """A queue, and what arrives in it."""

    def __init__(self, sqs, name):
        self._sqs = sqs
        self.url = sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]
        self.arn = attributes["QueueArn"]

    def next(self, seconds=10):
        """The next message, which is taken out; None when none comes within so many seconds."""
        answer = self._sqs.receive_message(
            QueueUrl=self.url, WaitTimeSeconds=seconds, MessageAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return message
        return None

    def bodies(self, number):
        """The bodies of the next messages."""
        return [json.loads(self.next()["Body"]) for _ in range(number)]

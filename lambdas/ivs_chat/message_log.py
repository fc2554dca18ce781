"""The messages of the room, as IVS writes them into CloudWatch Logs.

https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/chat-logging.html says what a line is. Lines can be
found, and not erased one by one: they go with their day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from pydantic import JsonValue

CLIENT: Any = boto3.client(
    "logs",
    config=Config(connect_timeout=2, read_timeout=20, retries={"mode": "standard", "max_attempts": 8}),
)


def messages_of(log_group: str, member_id: str) -> Iterator[JsonValue]:
    """What a member said, the oldest first; the whole log is looked through.

    Args:
        log_group: name of the group that the room's logging configuration writes to.
        member_id: of the user pool; nothing but hex digits and hyphens, as it becomes part of a filter.
    """
    pages = CLIENT.get_paginator("filter_log_events").paginate(
        logGroupName=log_group,
        filterPattern=f'{{ $.type = "MESSAGE" && $.payload.Sender.UserId = "{member_id}" }}',
    )
    for page in pages:
        for event in page["events"]:
            line = json.loads(event["message"])
            payload = line["payload"]
            if line["type"] == "MESSAGE" and payload["Sender"]["UserId"] == member_id:
                yield {"sent_at": line["event_timestamp"], "content": payload["Content"]}

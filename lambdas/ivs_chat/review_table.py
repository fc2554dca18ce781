"""All that the review of a message asks of the table, and what it keeps there.

Table `CHAT_TABLE`: the room's settings are read (pk ROOM, sk SLOW_MODE: slow_seconds, written by moderators;
sk BLOCKED_WORDS: blocked, a JSON list, written by Terraform), and of the member (pk MEMBER#<id>, sk MEMBER)
the last message is kept: last_ms, milliseconds since 1970, and last_digest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ivs_chat.review import Bounds, Refusal, Sender, sender_refusal
from ivs_chat.words import BlockedWords
from shared.tables import CLIENT, pack, unpack

ROOM, SLOW, _WORDS = "ROOM", "SLOW_MODE", "BLOCKED_WORDS"


@dataclass(frozen=True, slots=True)
class RoomRules:
    """What holds for the whole room.

    Args:
        slow_seconds: least seconds between two messages of one member; 0 when slow mode is off.
        blocked: words that no message may hold.
    """

    slow_seconds: int
    blocked: BlockedWords


class ReviewTable:
    """Asks in one request whether a member may speak."""

    def __init__(self, name: str) -> None:
        self._name = name

    def rules(self) -> RoomRules:
        """The room's settings, in one request."""
        answer = CLIENT.query(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=pack({":pk": ROOM}),
        )
        items = {values["sk"]: values for values in map(unpack, answer["Items"])}
        return RoomRules(
            slow_seconds=int(items.get(SLOW, {}).get("slow_seconds", 0)),
            blocked=BlockedWords.of(json.loads(items.get(_WORDS, {}).get("blocked", "[]"))),
        )

    def let_speak(self, member_id: str, bounds: Bounds, now_ms: int) -> Refusal | None:
        """Note that a member speaks, if these bounds allow it: one request to DynamoDB.

        Returns:
            Why they may not speak, or None.
        """
        conditions = ["attribute_exists(pk)"]
        values: dict[str, Any] = {":now": now_ms}
        if bounds.banned_after is not None:
            conditions.append("(attribute_not_exists(banned_until) OR banned_until <= :banned_after)")
            values[":banned_after"] = bounds.banned_after
        if bounds.spoke_after is not None:
            conditions.append("(attribute_not_exists(last_ms) OR last_ms <= :spoke_after)")
            values[":spoke_after"] = bounds.spoke_after
        if bounds.digest is not None:
            conditions.append(
                "(attribute_not_exists(last_digest) OR last_digest <> :digest OR last_ms <= :repeat_after)"
            )
            values |= {":digest": bounds.digest, ":repeat_after": bounds.repeat_after}
        try:
            CLIENT.update_item(
                TableName=self._name,
                Key=member_key(member_id),
                UpdateExpression="SET last_ms = :now" + (", last_digest = :digest" if bounds.digest else ""),
                ConditionExpression=" AND ".join(conditions),
                ExpressionAttributeValues=pack(values),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return _refusal_of(error.response.get("Item"), bounds)
        return None


def member_key(member_id: str) -> dict[str, Any]:
    """The key of a member's item."""
    return pack({"pk": f"MEMBER#{member_id}", "sk": "MEMBER"})


def _refusal_of(item: Any, bounds: Bounds) -> Refusal:
    """Why a member may not speak, from their item as the condition met it."""
    if not item:
        return Refusal.SIGNED_OUT
    values = unpack(item)
    until, last = values.get("banned_until"), values.get("last_ms")
    sender = Sender(
        banned_until=None if until is None else int(until),
        last_ms=None if last is None else int(last),
        last_digest=values.get("last_digest"),
    )
    return sender_refusal(sender, bounds) or Refusal.SIGNED_OUT

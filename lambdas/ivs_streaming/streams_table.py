"""The channel's state and its recordings.

Table `STREAMS_TABLE`, keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all attributes), TTL `expires_at`:

| item      | pk             | sk        | gsi1pk             | gsi1sk            |
|-----------|----------------|-----------|--------------------|-------------------|
| channel   | CHANNEL        | CHANNEL   |                    |                   |
| recording | RECORDING#<id> | RECORDING | RECORDING#<status> | <started_at>#<id> |

The channel's streams and its last live notice are parts of its one item, so that what follows from them is
decided on all of them together. A recording that is removed stays until it would have expired, so that a late
event does not bring it back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError

from ivs_streaming.channel import Channel
from ivs_streaming.recordings import Recording, RecordingId, RecordingStatus, expires_at
from shared.cursors import bad_cursor, cursor_of, key_of
from shared.problems import busy
from shared.tables import CLIENT, attempts, epoch, pack, unpack

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import PutItemInputTypeDef, QueryInputTypeDef

Kept = TypeVar("Kept", Channel, Recording)

_KEYS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk", "expires_at"})
_CHANNEL = {"pk": "CHANNEL", "sk": "CHANNEL"}
_RECORDING_ID = TypeAdapter[str](RecordingId)


class StreamsTable:
    """Reads and writes the channel and its recordings; every write is conditional on what was read.

    Args:
        name: of the table.
        retention: how long the bucket keeps recordings.
    """

    def __init__(self, name: str, retention: timedelta) -> None:
        self._name = name
        self._retention = retention

    def channel(self, *, consistent: bool = True) -> Channel:
        """The channel; one of which nothing is known yet is empty.

        Args:
            consistent: whether to see what was written just now, at twice the price.
        """
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_CHANNEL), ConsistentRead=consistent)
        return Channel.model_validate(_values(answer["Item"])) if "Item" in answer else Channel()

    def change_channel(self, change: Callable[[Channel], Channel]) -> Channel:
        """Make the channel what `change` makes of it, and give that; what changes nothing is not written.

        Raises:
            ProblemError: whatever `change` raises; 503 contended.
        """
        return self._change(self.channel, change, self._channel_item)

    def recording(self, recording_id: str) -> Recording | None:
        """One recording, strongly consistent; None of one that is unknown."""
        try:
            _RECORDING_ID.validate_python(recording_id)
        except ValidationError:
            return None
        key = pack(_recording_key(recording_id))
        answer = CLIENT.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return Recording.model_validate(_values(answer["Item"])) if "Item" in answer else None

    def change_recording(self, opened: Recording, change: Callable[[Recording], Recording]) -> Recording:
        """Make a recording what `change` makes of it, and give that.

        Args:
            opened: what `change` is given where the recording is not known yet.
            change: gives what is to be stored; what changes nothing is not written.

        Raises:
            ProblemError: whatever `change` raises; 503 contended.
        """
        return self._change(lambda: self.recording(opened.id) or opened, change, self._recording_item)

    def page(
        self, status: RecordingStatus, *, now: datetime, limit: int, cursor: str | None = None
    ) -> tuple[list[Recording], str | None]:
        """One page of recordings of a status that have not expired, newest first.

        The index is eventually consistent: a change shows within about a second.

        Returns:
            Up to `limit` recordings, and the cursor of the next page or None.

        Raises:
            ProblemError: 400, the cursor is not one of ours or belongs to another list.
        """
        partition = f"RECORDING#{status}"
        query: QueryInputTypeDef = {
            "TableName": self._name,
            "IndexName": "gsi1",
            "KeyConditionExpression": "gsi1pk = :status AND gsi1sk > :oldest",
            "ExpressionAttributeValues": pack(
                {":status": partition, ":oldest": (now - self._retention).isoformat()}
            ),
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if cursor:
            query["ExclusiveStartKey"] = key_of(cursor, partition)
        try:
            answer = CLIENT.query(**query)
        except ClientError as error:
            if cursor and error.response["Error"]["Code"] == "ValidationException":
                raise bad_cursor() from None
            raise
        found = [Recording.model_validate(_values(item)) for item in answer["Items"]]
        return found, cursor_of(answer.get("LastEvaluatedKey"))

    def _change(
        self, read: Callable[[], Kept], change: Callable[[Kept], Kept], item: Callable[[Kept], Any]
    ) -> Kept:
        for _ in attempts():
            seen = read()
            made = change(seen)
            if made == seen and seen.version:
                return seen
            made = made.model_copy(update={"version": seen.version + 1})
            if self._put(item(made), seen.version):
                return made
        raise busy()

    def _put(self, item: dict[str, Any], seen: int) -> bool:
        """Write an item over the version that was seen, 0 for none; whether it was still that."""
        put: PutItemInputTypeDef = {
            "TableName": self._name,
            "Item": pack(item),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if seen:
            put["ConditionExpression"] = "#version = :seen"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = pack({":seen": seen})
        try:
            CLIENT.put_item(**put)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def _channel_item(self, channel: Channel) -> dict[str, Any]:
        return {**channel.model_dump(mode="json", exclude_none=True), **_CHANNEL}

    def _recording_item(self, recording: Recording) -> dict[str, Any]:
        return {
            **recording.model_dump(mode="json", exclude_none=True),
            **_recording_key(recording.id),
            "gsi1pk": f"RECORDING#{recording.status}",
            "gsi1sk": f"{recording.started_at.isoformat()}#{recording.id}",
            "expires_at": epoch(expires_at(recording, self._retention)),
        }


def _recording_key(recording_id: str) -> dict[str, str]:
    return {"pk": f"RECORDING#{recording_id}", "sk": "RECORDING"}


def _values(item: Any) -> dict[str, Any]:
    return {name: value for name, value in unpack(item).items() if name not in _KEYS}

"""DynamoDB as every module uses it: the client, values, optimistic writes.

Every table has the keys pk and sk and the TTL attribute `expires_at`; most have an index `gsi1` (gsi1pk,
gsi1sk, all attributes).
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

from shared.problems import busy

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Item = dict[str, Any]

# Created at import, so that a warm function reuses its connections. Endpoint, region and credentials come
# from the environment. DynamoDB answers in milliseconds: waiting long only holds a viewer up.
CLIENT: DynamoDBClient = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "max_attempts": 3}),
)

_ATTEMPTS = 8
_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 0.4
_CANCELLED = frozenset({"TransactionCanceledException", "TransactionInProgressException"})
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def pack(values: Mapping[str, Any]) -> Item:
    """Python values as DynamoDB attributes; None is left out."""
    return {name: _serialize(value) for name, value in values.items() if value is not None}


def unpack(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB attributes as Python values; numbers are Decimal, bytes are boto3's Binary."""
    return {name: _deserialize(value) for name, value in item.items()}


def epoch(moment: datetime) -> int:
    """A moment as DynamoDB's TTL wants it: whole seconds since 1970."""
    return int(moment.timestamp())


def attempts() -> Iterator[int]:
    """Rounds of an optimistic write, with a growing, jittered wait between them.

    The caller leaves the loop when a round succeeds or cannot succeed any more, and is busy after the last.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            longest = min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S)
            time.sleep(random.uniform(longest / 4, longest))  # noqa: S311 - spreads rivals, keeps no secret
        yield attempt


def write_together(actions: Sequence[TransactWriteItemTypeDef]) -> tuple[str, ...]:
    """Write all items or none.

    Returns:
        Empty when written. Otherwise each action's reason for the cancellation, such as `None`,
        `ConditionalCheckFailed` or `TransactionConflict`.
    """
    try:
        CLIENT.transact_write_items(TransactItems=actions)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _CANCELLED:
            raise
        reasons = error.response.get("CancellationReasons") or []
        return tuple(reason.get("Code", "None") for reason in reasons) or ("TransactionConflict",)
    return ()


def read_together(table: str, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Read up to 100 items by (pk, sk), strongly consistent, in any order; missing ones are left out."""
    wanted: Any = {table: {"Keys": [pack({"pk": pk, "sk": sk}) for pk, sk in keys], "ConsistentRead": True}}
    found: list[dict[str, Any]] = []
    for _ in attempts():
        answer = CLIENT.batch_get_item(RequestItems=wanted)
        found += [unpack(item) for item in answer["Responses"].get(table, [])]
        wanted = answer.get("UnprocessedKeys")
        if not wanted:
            return found
    raise busy()

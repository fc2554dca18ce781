"""Messages until they are delivered, and what keeps them from being too many.

Table `CONTACT_TABLE`, keys pk and sk, TTL `expires_at`:

| item    | pk        | sk   | attributes                                                         |
|---------|-----------|------|--------------------------------------------------------------------|
| message | MESSAGE   | <id> | received_at, name, email, subject, message, consent; once a        |
|         |           |      | delivery was tried: claimed_until (seconds since 1970), tries      |
| day     | DAY#<day> | DAY  | messages                                                           |

The items of `shared.visits` and `shared.idempotency` lie beside them. A delivered message is deleted.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from contact_form.limits import CLAIM, KEEP_UNDELIVERED, MESSAGES_PER_DAY
from contact_form.model import Form, Message, Undelivered
from shared.fields import address_key
from shared.idempotency import Idempotency
from shared.problems import busy
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together
from shared.visits import expiry_of

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_PK = "MESSAGE"
_ID_TIME = "%Y%m%dT%H%M%SZ"


class MessagesTable:
    """Keeps messages until they are delivered."""

    def __init__(self, name: str) -> None:
        self._name = name

    def is_full(self, day: date) -> bool:
        """Take note of one more message of this UTC day; whether it is one too many."""
        try:
            CLIENT.update_item(
                TableName=self._name,
                Key=pack({"pk": f"DAY#{day}", "sk": "DAY"}),
                UpdateExpression="ADD messages :one SET expires_at = :expires_at",
                ConditionExpression="attribute_not_exists(messages) OR messages < :limit",
                ExpressionAttributeValues=pack(
                    {":one": 1, ":limit": MESSAGES_PER_DAY, ":expires_at": expiry_of(day)}
                ),
            )
        except ClientError as error:
            if _is_refused(error):
                return True
            raise
        return False

    def add(self, form: Form, idempotency: Idempotency | None, now: datetime) -> None:
        """Keep a message, unless the idempotency key came with the same one before.

        Raises:
            ProblemError: 422 when the key came with another message; 503 when the table stays contended.
        """
        message_id = f"{now:{_ID_TIME}}-{secrets.token_hex(8)}"
        values = {
            "pk": _PK,
            "sk": message_id,
            "received_at": now.isoformat(),
            "expires_at": epoch(now + KEEP_UNDELIVERED),
            **form.model_dump(exclude={"website"}),
        }
        writes: list[TransactWriteItemTypeDef] = [{"Put": {"TableName": self._name, "Item": pack(values)}}]
        if idempotency:
            writes.append(idempotency.put(self._name, message_id, now))
        for _ in attempts():
            if not write_together(writes) or (idempotency and idempotency.earlier(self._name, now)):
                return
        raise busy()

    def claim(self, message_id: str, now: datetime) -> Message | None:
        """A message for the caller alone to deliver, for the time of `CLAIM`.

        Returns:
            The message, or None: it is delivered or given up, or somebody else is at it.
        """
        try:
            answer = CLIENT.update_item(
                TableName=self._name,
                Key=_key(message_id),
                UpdateExpression="SET claimed_until = :until ADD tries :one",
                ConditionExpression=(
                    "expires_at > :now AND (attribute_not_exists(claimed_until) OR claimed_until <= :now)"
                ),
                ExpressionAttributeValues=pack({":until": epoch(now + CLAIM), ":now": epoch(now), ":one": 1}),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if _is_refused(error):
                return None
            raise
        return _message(unpack(answer["Attributes"]))

    def remove(self, message_id: str) -> None:
        """Forget a message: it is delivered."""
        CLIENT.delete_item(TableName=self._name, Key=_key(message_id))

    def waiting(self, now: datetime) -> list[str]:
        """Ids of all messages that wait, those that were tried least often first, then the oldest.

        A message that is refused again and again therefore stands in nobody's way.
        """
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk",
            "FilterExpression": "expires_at > :now",
            "ProjectionExpression": "sk, tries",
            "ExpressionAttributeValues": pack({":pk": _PK, ":now": epoch(now)}),
            "ConsistentRead": True,
        }
        pages = CLIENT.get_paginator("query").paginate(**query)
        found = [unpack(item) for page in pages for item in page["Items"]]
        return [item["sk"] for item in sorted(found, key=lambda item: (item.get("tries", 0), item["sk"]))]

    def of_person(self, email: str) -> list[Message]:
        """The messages that wait and came from this address, the oldest first.

        All that wait are looked through: 100 a day come in at most, and what is delivered is gone.
        """
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": pack({":pk": _PK}),
            "ConsistentRead": True,
        }
        pages = CLIENT.get_paginator("query").paginate(**query)
        messages = (_message(unpack(item)) for page in pages for item in page["Items"])
        return [message for message in messages if address_key(message.email) == address_key(email)]


def undelivered_of(waiting: list[str]) -> Undelivered:
    """What waits, told without what was written or by whom."""
    if not waiting:
        return Undelivered(waiting=0, oldest=None)
    oldest = datetime.strptime(min(waiting).partition("-")[0], _ID_TIME).replace(tzinfo=UTC)
    return Undelivered(waiting=len(waiting), oldest=oldest)


def _message(values: Mapping[str, Any]) -> Message:
    kept = {name: values.get(name) for name in Message.model_fields if name != "id"}
    return Message.model_validate({"id": values["sk"], **kept})


def _key(message_id: str) -> dict[str, Any]:
    return pack({"pk": _PK, "sk": message_id})


def _is_refused(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"

"""How often one visitor comes, kept for the day only.

Any table may hold these items beside its own; keys pk and sk, TTL `expires_at`:

| item | pk                   | sk            | attributes   |
|------|----------------------|---------------|--------------|
| salt | SALT#<day>           | SALT          | salt (bytes) |
| rate | RATE#<day>#<visitor> | <span's name> | events       |
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from shared.api import Call
from shared.problems import busy
from shared.tables import CLIENT, epoch, pack, unpack
from shared.visitors import SALT_BYTES, visitor_of

_KEEP_PAST_DAY = timedelta(hours=1)  # salt, seen and rate items have no use once their day is over


def expiry_of(day: date) -> int:
    """When items that belong to a UTC day only may go, as DynamoDB's TTL wants it."""
    return epoch(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) + _KEEP_PAST_DAY)


class Visits:
    """Keeps the day's salt, and counts what a visitor does within a span of time."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._salt: tuple[date, bytes] | None = None

    def visitor_of(self, call: Call) -> str:
        """The day's pseudonym of who calls."""
        return visitor_of(call.source_ip, call.user_agent, self._salt_of(call.now.date()))

    def over_rate(self, visitor: str, now: datetime, *, span: str, limit: int) -> bool:
        """Take note of one more event of this visitor; whether it is one too many within this span.

        Args:
            visitor: the pseudonym of the day.
            now: when it happened.
            span: strftime format that names the span, `MINUTE#%H:%M` or `HOUR#%H`; begin it with a word of
                its own where one visitor is counted for several things.
            limit: most events in a span.
        """
        answer = CLIENT.update_item(
            TableName=self._table,
            Key=pack({"pk": f"RATE#{now.date()}#{visitor}", "sk": now.strftime(span)}),
            UpdateExpression="ADD events :one SET expires_at = :expires_at",
            ExpressionAttributeValues=pack({":one": 1, ":expires_at": expiry_of(now.date())}),
            ReturnValues="UPDATED_NEW",
        )
        return bool(unpack(answer["Attributes"])["events"] > limit)

    def forget(self, day: date) -> None:
        """Delete the salt of a day that is over, where that cannot wait: DynamoDB's TTL may take days."""
        CLIENT.delete_item(TableName=self._table, Key=_salt_key(day))

    def _salt_of(self, day: date) -> bytes:
        """The day's salt; the first who asks for it makes it."""
        if self._salt is None or self._salt[0] != day:
            self._salt = (day, self._stored_salt(day) or self._new_salt(day))
        return self._salt[1]

    def _stored_salt(self, day: date) -> bytes | None:
        answer = CLIENT.get_item(TableName=self._table, Key=_salt_key(day), ConsistentRead=True)
        return bytes(unpack(answer["Item"])["salt"]) if "Item" in answer else None

    def _new_salt(self, day: date) -> bytes:
        salt = secrets.token_bytes(SALT_BYTES)
        try:
            CLIENT.put_item(
                TableName=self._table,
                Item={**_salt_key(day), **pack({"salt": salt, "expires_at": expiry_of(day)})},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            stored = self._stored_salt(day)
            if stored is None:  # lost to a rival, and then gone: only an expired day's can be
                raise busy() from None
            return stored
        return salt


def _salt_key(day: date) -> dict[str, Any]:
    return pack({"pk": f"SALT#{day}", "sk": "SALT"})

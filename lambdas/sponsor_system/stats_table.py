"""Views and clicks, each counted once for a visitor and day. The layout of the table is in `tables`."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from shared.problems import busy
from sponsor_system.tables import CLIENT, attempts, epoch, pack, unpack, write_together
from sponsor_system.visitors import SALT_BYTES

SHARDS = 16
"""Counter items for each booking and day."""

EVENTS_PER_MINUTE = 60
"""What one visitor may send. A page shows at most five sponsors, so this is a reload every five seconds."""

_KEEP_PAST_DAY = timedelta(hours=1)  # salt, seen and rate items have no use once their day is over


class Kind(StrEnum):
    """What a visitor did."""

    VIEW = "view"
    CLICK = "click"


class Drop(StrEnum):
    """Why an event was not counted."""

    BOT = "bot"
    RATE = "rate"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


class StatsTable:
    """Counts events and keeps the day's salt."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._salt: tuple[date, bytes] | None = None

    def salt_of(self, day: date) -> bytes:
        """The day's salt; the first who asks for it makes it."""
        if self._salt is None or self._salt[0] != day:
            self._salt = (day, self._stored_salt(day) or self._new_salt(day))
        return self._salt[1]

    def over_rate(self, visitor: str, now: datetime) -> bool:
        """Take note of one more event of this visitor; whether it is one too many within this minute."""
        answer = CLIENT.update_item(
            TableName=self._name,
            Key=pack({"pk": f"RATE#{now.date()}#{visitor}", "sk": f"MINUTE#{now:%H:%M}"}),
            UpdateExpression="ADD events :one SET expires_at = :expires_at",
            ExpressionAttributeValues=pack({":one": 1, ":expires_at": _expiry(now.date())}),
            ReturnValues="UPDATED_NEW",
        )
        return bool(unpack(answer["Attributes"])["events"] > EVENTS_PER_MINUTE)

    def count(self, booking_id: str, kind: Kind, visitor: str, day: date) -> bool:
        """Count an event, if it is this visitor's first of its kind for the booking on this day.

        One transaction: the mark that the visitor was seen, if there is none, and the counter.

        Returns:
            Whether it was counted.

        Raises:
            ProblemError: 503 when the counter stays contended; nothing is counted then.
        """
        seen: Any = {
            "TableName": self._name,
            "Item": pack(
                {"pk": f"SEEN#{day}#{visitor}", "sk": f"{kind}#{booking_id}", "expires_at": _expiry(day)}
            ),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        counter: Any = {
            "TableName": self._name,
            "Key": _counter_key(f"BOOKING#{booking_id}", day),
            "UpdateExpression": "ADD #count :one",
            "ExpressionAttributeNames": {"#count": f"{kind}s"},
            "ExpressionAttributeValues": pack({":one": 1}),
        }
        for _ in attempts():
            refused = write_together([{"Put": seen}, {"Update": counter}])
            if not refused:
                return True
            if refused[0] == "ConditionalCheckFailed":
                return False
        raise busy()

    def drop(self, reason: Drop, booking_id: str | None, day: date) -> None:
        """Note an event that was not counted.

        Args:
            reason: why not.
            booking_id: what it was for, or None where that is unknown: made-up ids must not fill the table.
            day: of the event.
        """
        CLIENT.update_item(
            TableName=self._name,
            Key=_counter_key(f"BOOKING#{booking_id}" if booking_id else "UNKNOWN", day),
            UpdateExpression="ADD #dropped :one",
            ExpressionAttributeNames={"#dropped": f"dropped_{reason}"},
            ExpressionAttributeValues=pack({":one": 1}),
        )

    def _stored_salt(self, day: date) -> bytes | None:
        answer = CLIENT.get_item(TableName=self._name, Key=_salt_key(day), ConsistentRead=True)
        return bytes(unpack(answer["Item"])["salt"]) if "Item" in answer else None

    def _new_salt(self, day: date) -> bytes:
        salt = secrets.token_bytes(SALT_BYTES)
        try:
            CLIENT.put_item(
                TableName=self._name,
                Item={**_salt_key(day), **pack({"salt": salt, "expires_at": _expiry(day)})},
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


def _counter_key(owner: str, day: date) -> dict[str, Any]:
    return pack({"pk": owner, "sk": f"DAY#{day}#{secrets.randbelow(SHARDS):02d}"})


def _expiry(day: date) -> int:
    return epoch(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) + _KEEP_PAST_DAY)

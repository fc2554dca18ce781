"""Views and clicks, each counted once for a visitor and day.

Table `STATS_TABLE`, keys pk and sk, TTL `expires_at`:

| item    | pk                   | sk                   | attributes                                 |
|---------|----------------------|----------------------|--------------------------------------------|
| counter | BOOKING#<id>         | DAY#<day>#<shard>    | views, clicks, dropped_bot/_rate/_repeated |
| unknown | UNKNOWN              | DAY#<day>#<shard>    | dropped_unknown                            |
| seen    | SEEN#<day>#<visitor> | <view or click>#<id> | (none)                                     |

The items of `shared.visits` lie beside them. The count of a booking and day is the sum over its shards; a
single counter would be contended, since transactions on one item cancel each other.
"""

from __future__ import annotations

import secrets
from datetime import date
from enum import StrEnum
from typing import Any

from shared.problems import busy
from shared.tables import CLIENT, attempts, pack, unpack, write_together
from shared.visits import expiry_of

SHARDS = 16
"""Counter items for each booking and day."""


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
    """Counts events, and reads what was counted."""

    def __init__(self, name: str) -> None:
        self._name = name

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
                {"pk": f"SEEN#{day}#{visitor}", "sk": f"{kind}#{booking_id}", "expires_at": expiry_of(day)}
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

    def days(self, booking_id: str) -> dict[date, dict[str, int]]:
        """What was counted for a booking: day → counter (`views`, `clicks`, `dropped_bot` …) → events."""
        found: dict[date, dict[str, int]] = {}
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :days)",
            "ExpressionAttributeValues": pack({":pk": f"BOOKING#{booking_id}", ":days": "DAY#"}),
        }
        while True:
            answer = CLIENT.query(**query)
            for values in map(unpack, answer["Items"]):
                counters = found.setdefault(date.fromisoformat(values["sk"].split("#")[1]), {})
                for name in values.keys() - {"pk", "sk"}:
                    counters[name] = counters.get(name, 0) + int(values[name])
            if "LastEvaluatedKey" not in answer:
                return found
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _counter_key(owner: str, day: date) -> dict[str, Any]:
    return pack({"pk": owner, "sk": f"DAY#{day}#{secrets.randbelow(SHARDS):02d}"})

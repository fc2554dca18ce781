"""The room's slow mode, and what moderators did.

Table `CHAT_TABLE`, keys pk and sk, TTL `expires_at`:

| item      | pk    | sk                | attributes                                       |
|-----------|-------|-------------------|--------------------------------------------------|
| slow mode | ROOM  | SLOW_MODE         | slow_seconds                                     |
| act       | AUDIT | <moment>-<random> | action, acted_at, acted_by, acted_on, detail;    |
|           |       |                   | kept for 90 days                                 |
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ivs_chat.model import Act, ActPage
from ivs_chat.review_table import ROOM, SLOW
from shared.problems import busy
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

AUDIT = "AUDIT"
_KEEP_ACTS = timedelta(days=90)


class RoomTable:
    """Keeps the room's settings and its audit."""

    def __init__(self, name: str) -> None:
        self._name = name

    def slow_seconds(self) -> int:
        """Least seconds between two messages of one member."""
        answer = CLIENT.get_item(TableName=self._name, Key=pack({"pk": ROOM, "sk": SLOW}))
        return int(unpack(answer.get("Item", {})).get("slow_seconds", 0))

    def set_slow_mode(self, seconds: int, *, by: str, now: datetime) -> None:
        """Change slow mode, and note who did it.

        Raises:
            ProblemError: 503, the table stays contended.
        """
        slow: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._name,
                "Item": pack({"pk": ROOM, "sk": SLOW, "slow_seconds": seconds}),
            }
        }
        for _ in attempts():
            if not write_together(
                [slow, act_put(self._name, "slow-mode", by=by, on="", detail=f"{seconds} s", now=now)]
            ):
                return
        raise busy()

    def note(self, action: str, *, by: str, on: str, detail: str, now: datetime) -> None:
        """Note what somebody did."""
        put = act_put(self._name, action, by=by, on=on, detail=detail, now=now)["Put"]
        CLIENT.put_item(TableName=put["TableName"], Item=put["Item"])

    def acts(self, *, limit: int, cursor: str | None, now: datetime) -> ActPage:
        """A page of what moderators did, newest first."""
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk",
            "FilterExpression": "expires_at > :now",
            "ExpressionAttributeValues": pack({":pk": AUDIT, ":now": epoch(now)}),
            "ScanIndexForward": False,
            "Limit": limit,
            **({"ExclusiveStartKey": pack({"pk": AUDIT, "sk": cursor})} if cursor else {}),
        }
        answer = CLIENT.query(**query)
        found = [unpack(item) for item in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        return ActPage(
            acts=tuple(
                Act(
                    at=datetime.fromisoformat(values["acted_at"]),
                    action=values["action"],
                    by=values["acted_by"],
                    on=values["acted_on"],
                    detail=values["detail"],
                )
                for values in found
            ),
            next_cursor=unpack(last)["sk"] if last else None,
        )


def act_put(
    table: str, action: str, *, by: str, on: str, detail: str, now: datetime
) -> TransactWriteItemTypeDef:
    """The part of a transaction that notes who did what."""
    values = {
        "pk": AUDIT,
        "sk": f"{now:%Y-%m-%dT%H:%M:%S.%f}-{secrets.token_hex(4)}",
        "action": action,
        "acted_at": now.isoformat(),
        "acted_by": by,
        "acted_on": on,
        "detail": detail,
        "expires_at": epoch(now + _KEEP_ACTS),
    }
    return {"Put": {"TableName": table, "Item": pack(values)}}

"""Drills: the one that goes on, and those that were.

Table `DRILLS_TABLE`, keys pk and sk, TTL `expires_at`:

| item    | pk      | sk                | attributes                                          |
|---------|---------|-------------------|-----------------------------------------------------|
| current | CURRENT | CURRENT           | drill (JSON), claimed_until (seconds since 1970)    |
| drill   | DRILL   | <started_at>#<id> | drill (JSON); kept for two years                    |
| since   | SINCE   | SINCE             | since: when drills were first looked for            |
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from backup.model import Drill
from shared.problems import busy
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together

LEASE = timedelta(minutes=16)
"""Longer than a function can run: in this time nobody else goes on with the drill."""

_KEEP = timedelta(days=730)
_CURRENT = {"pk": "CURRENT", "sk": "CURRENT"}
_SINCE = {"pk": "SINCE", "sk": "SINCE"}


class DrillsTable:
    """Keeps drills."""

    def __init__(self, name: str) -> None:
        self._name = name

    def current(self) -> Drill | None:
        """The drill that goes on."""
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_CURRENT), ConsistentRead=True)
        return _drill(unpack(answer["Item"])) if "Item" in answer else None

    def begin(self, drill: Drill, now: datetime) -> bool:
        """Make this the drill that goes on, for the caller alone; False when there is one already."""
        return self._write_current(drill, now + LEASE, "attribute_not_exists(pk)")

    def claim(self, now: datetime) -> Drill | None:
        """The drill that goes on, for the caller alone for the time of `LEASE`; None without a free one."""
        try:
            answer = CLIENT.update_item(
                TableName=self._name,
                Key=pack(_CURRENT),
                UpdateExpression="SET claimed_until = :until",
                ConditionExpression="attribute_exists(pk) AND claimed_until <= :now",
                ExpressionAttributeValues=pack({":until": epoch(now + LEASE), ":now": epoch(now)}),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if _is_refused(error):
                return None
            raise
        return _drill(unpack(answer["Attributes"]))

    def go_on(self, drill: Drill, now: datetime) -> None:
        """Keep how far the caller's drill is; it stays the caller's."""
        self._write_current(drill, now + LEASE, "attribute_exists(pk)")

    def release(self, drill: Drill, now: datetime) -> None:
        """Keep how far the caller's drill is; whoever comes next goes on with it."""
        self._write_current(drill, now, "attribute_exists(pk)")

    def drop(self) -> None:
        """Forget the caller's drill, of which nothing was done."""
        CLIENT.delete_item(TableName=self._name, Key=pack(_CURRENT))

    def finish(self, drill: Drill) -> None:
        """Keep the drill for good. Raises ProblemError 503 when the table stays contended."""
        item = {
            "pk": "DRILL",
            "sk": f"{drill.started_at.isoformat(timespec='seconds')}#{drill.id}",
            "drill": drill.model_dump_json(),
            "expires_at": epoch(drill.started_at + _KEEP),
        }
        for _ in attempts():
            if not write_together(
                [
                    {"Put": {"TableName": self._name, "Item": pack(item)}},
                    {"Delete": {"TableName": self._name, "Key": pack(_CURRENT)}},
                ]
            ):
                return
        raise busy()

    def drills(self) -> list[Drill]:
        """All drills that ended, the newest first."""
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :drills",
            "ExpressionAttributeValues": pack({":drills": "DRILL"}),
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        pages = CLIENT.get_paginator("query").paginate(**query)
        return [_drill(unpack(item)) for page in pages for item in page["Items"]]

    def look(self, now: datetime) -> None:
        """Note when drills were first looked for."""
        CLIENT.update_item(
            TableName=self._name,
            Key=pack(_SINCE),
            UpdateExpression="SET since = if_not_exists(since, :now)",
            ExpressionAttributeValues=pack({":now": now.isoformat()}),
        )

    def since(self) -> datetime | None:
        """When drills were first looked for; None before."""
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_SINCE))
        return datetime.fromisoformat(unpack(answer["Item"])["since"]) if "Item" in answer else None

    def _write_current(self, drill: Drill, claimed_until: datetime, condition: str) -> bool:
        item = {**_CURRENT, "drill": drill.model_dump_json(), "claimed_until": epoch(claimed_until)}
        try:
            CLIENT.put_item(TableName=self._name, Item=pack(item), ConditionExpression=condition)
        except ClientError as error:
            if _is_refused(error):
                return False
            raise
        return True


def _drill(values: dict[str, Any]) -> Drill:
    return Drill.model_validate_json(values["drill"])


def _is_refused(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"

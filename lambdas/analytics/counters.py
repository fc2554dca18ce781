"""How often each page was seen, today and in all, counted as it happens.

Table `ANALYTICS_TABLE`, keys pk and sk, TTL `expires_at`:

| item    | pk          | sk      | attributes                  |
|---------|-------------|---------|-----------------------------|
| counter | PAGE#<page> | COUNTER | views, day, views_of_day    |
| new     | PAGES       | <day>   | pages (that were seen first) |

A page has one item, and is not spread over several: DynamoDB takes 1,000 writes a second of one item
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html), the API lets
20 views a second through, and single updates of one item wait for each other instead of being cancelled.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from botocore.exceptions import ClientError

from analytics.model import Counters
from shared.problems import busy
from shared.tables import CLIENT, attempts, pack, unpack
from shared.visits import expiry_of

NEW_PAGES_PER_DAY = 1000
"""Pages of which there is no counter yet: addresses that somebody makes up must not fill the table."""


class CountersTable:
    """Counts views of pages, and tells how many there were."""

    def __init__(self, name: str) -> None:
        self._name = name

    def count(self, page: str, now: datetime) -> None:
        """Count a view. One of a page that is new, after enough were new on this day, is not counted.

        Raises:
            ProblemError: 503 when rivals come between every time.
        """
        today = now.date()
        for _ in attempts():
            if self._counted_of_day(page, today) or self._counted_first_of_day(page, today):
                return
            if self._counted_late(page, today):
                return
            if not self._may_be_new(today) or self._counted_first(page, today):
                return
        raise busy()

    def counters(self, page: str, today: date) -> Counters:
        """The counters of a page; zero of one that nobody has seen."""
        answer = CLIENT.get_item(TableName=self._name, Key=_key(page))
        values = unpack(answer.get("Item", {}))
        of_day = values.get("views_of_day", 0) if values.get("day") == str(today) else 0
        return Counters(page=page, today=of_day, total=values.get("views", 0))

    def _counted_of_day(self, page: str, today: date) -> bool:
        return self._update(page, "ADD #views :one, views_of_day :one", "#day = :today", today)

    def _counted_first_of_day(self, page: str, today: date) -> bool:
        change = "SET #day = :today, views_of_day = :one ADD #views :one"
        return self._update(page, change, "attribute_exists(pk) AND #day < :today", today)

    def _counted_late(self, page: str, today: date) -> bool:
        """The view came in before midnight, and others since."""
        return self._update(page, "ADD #views :one", "attribute_exists(pk) AND #day > :today", today)

    def _counted_first(self, page: str, today: date) -> bool:
        change = "SET #day = :today, views_of_day = :one, #views = :one"
        return self._update(page, change, "attribute_not_exists(pk)", today)

    def _update(self, page: str, change: str, condition: str, today: date) -> bool:
        names = {"#views": "views", "#day": "day"}
        return self._written(
            Key=_key(page),
            UpdateExpression=change,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=pack({":one": 1, ":today": str(today)}),
        )

    def _may_be_new(self, today: date) -> bool:
        return self._written(
            Key=pack({"pk": "PAGES", "sk": str(today)}),
            UpdateExpression="ADD pages :one SET expires_at = :expires_at",
            ConditionExpression="attribute_not_exists(pages) OR pages < :limit",
            ExpressionAttributeValues=pack(
                {":one": 1, ":limit": NEW_PAGES_PER_DAY, ":expires_at": expiry_of(today)}
            ),
        )

    def _written(self, **update: Any) -> bool:
        try:
            CLIENT.update_item(TableName=self._name, **update)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _key(page: str) -> dict[str, Any]:
    return pack({"pk": f"PAGE#{page}", "sk": "COUNTER"})

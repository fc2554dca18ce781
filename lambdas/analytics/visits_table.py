"""Which visitor has seen which page lately, for the day only.

Table `VISITS_TABLE`, keys pk and sk, TTL `expires_at`:

| item | pk                   | sk          | attributes                     |
|------|----------------------|-------------|--------------------------------|
| seen | SEEN#<day>#<visitor> | PAGE#<page> | counted_at (seconds since 1970) |

The items of `shared.visits` lie beside them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from shared.tables import CLIENT, epoch, pack
from shared.visits import expiry_of

ONE_VIEW = timedelta(minutes=30)
"""A visitor who comes back to a page within this time has seen it once."""


class VisitsTable:
    """Tells views from repetitions."""

    def __init__(self, name: str) -> None:
        self._name = name

    def is_view(self, visitor: str, page: str, now: datetime) -> bool:
        """Whether this is a view, and not the repetition of one that was counted less than `ONE_VIEW` ago.

        Of any number of requests at once it is one.
        """
        try:
            CLIENT.update_item(
                TableName=self._name,
                Key=pack({"pk": f"SEEN#{now.date()}#{visitor}", "sk": f"PAGE#{page}"}),
                UpdateExpression="SET counted_at = :now, expires_at = :expires_at",
                ConditionExpression="attribute_not_exists(counted_at) OR counted_at <= :before",
                ExpressionAttributeValues=pack(
                    {
                        ":now": epoch(now),
                        ":before": epoch(now - ONE_VIEW),
                        ":expires_at": expiry_of(now.date()),
                    }
                ),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

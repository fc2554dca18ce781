"""Lists of a table's index `gsi1`, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError
from pydantic import Field

from shared.cursors import bad_cursor, cursor_of, key_of
from shared.tables import CLIENT, pack, unpack

MAX_LIMIT = 100

Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
"""Most items on a page."""

Cursor = Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_=-]+$")]
"""`next_cursor` of the page before."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of one partition of the index.

    Args:
        table: its name.
        partition: their gsi1pk.
        prefix: what their gsi1sk begins with.
        newest_first: the order of gsi1sk.
    """

    table: str
    partition: str
    prefix: str = ""
    newest_first: bool = False

    def page(self, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """Up to `limit` items as values, and the cursor of the next page or None.

        The index is eventually consistent: a change shows within about a second.

        Raises:
            ProblemError: 400, the cursor is not one of this list's.
        """
        query: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "gsi1",
            "KeyConditionExpression": "gsi1pk = :partition",
            "ExpressionAttributeValues": pack({":partition": self.partition}),
            "ScanIndexForward": not self.newest_first,
            "Limit": limit,
        }
        if self.prefix:
            query["KeyConditionExpression"] += " AND begins_with(gsi1sk, :prefix)"
            query["ExpressionAttributeValues"] |= pack({":prefix": self.prefix})
        if cursor:
            query["ExclusiveStartKey"] = key_of(cursor, self.partition, self.prefix)
        try:
            answer = CLIENT.query(**query)
        except ClientError as error:
            if cursor and error.response["Error"]["Code"] == "ValidationException":
                raise bad_cursor() from None
            raise
        return [unpack(item) for item in answer["Items"]], cursor_of(answer.get("LastEvaluatedKey"))

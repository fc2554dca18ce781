"""Lists of a table's index `gsi1`, page by page."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError
from pydantic import Field

from shared.problems import ProblemError
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
            query["ExclusiveStartKey"] = self._key_of(cursor)
        try:
            answer = CLIENT.query(**query)
        except ClientError as error:
            if cursor and error.response["Error"]["Code"] == "ValidationException":
                raise _bad_cursor() from None
            raise
        last = answer.get("LastEvaluatedKey")
        return [unpack(item) for item in answer["Items"]], _cursor_of(last) if last else None

    def _key_of(self, cursor: str) -> Any:
        try:
            values = json.loads(base64.urlsafe_b64decode(cursor))
        except (binascii.Error, ValueError):
            raise _bad_cursor() from None
        if (
            not isinstance(values, list)
            or len(values) != 4
            or not all(isinstance(value, str) for value in values)
            or values[0] != self.partition
            or not values[1].startswith(self.prefix)
        ):
            raise _bad_cursor()
        return pack(dict(zip(("gsi1pk", "gsi1sk", "pk", "sk"), values, strict=True)))


def _cursor_of(key: Any) -> str:
    values = unpack(key)
    parts = [values["gsi1pk"], values["gsi1sk"], values["pk"], values["sk"]]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _bad_cursor() -> ProblemError:
    return ProblemError(
        400,
        "bad-cursor",
        "The cursor is not valid",
        "Use `next_cursor` of the page before, with the same query.",
    )

"""Where a page of a table's index `gsi1` ends, as text that clients hand back unread."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from shared.problems import ProblemError
from shared.tables import pack, unpack

_PARTS = ("gsi1pk", "gsi1sk", "pk", "sk")


def cursor_of(last_key: Any) -> str | None:
    """The cursor of the next page; None where there is none.

    Args:
        last_key: DynamoDB's LastEvaluatedKey.
    """
    if not last_key:
        return None
    values = unpack(last_key)
    text = json.dumps([values[part] for part in _PARTS], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def key_of(cursor: str, partition: str, prefix: str = "") -> Any:
    """DynamoDB's ExclusiveStartKey of a cursor.

    Args:
        cursor: as a client sent it.
        partition: gsi1pk of the list that is asked for: a cursor opens no other.
        prefix: what the list's gsi1sk begins with.

    Raises:
        ProblemError: 400, the cursor is not one of this list's.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    if (
        not isinstance(values, list)
        or len(values) != len(_PARTS)
        or not all(isinstance(value, str) and value for value in values)
        or values[0] != partition
        or not values[1].startswith(prefix)
    ):
        raise bad_cursor()
    return pack(dict(zip(_PARTS, values, strict=True)))


def bad_cursor() -> ProblemError:
    """400: a cursor that is not one of the list's."""
    return ProblemError(
        400,
        "bad-cursor",
        "The cursor is not valid",
        "Use `next_cursor` of the page before, of the same list.",
    )

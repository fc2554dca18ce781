"""Items of a table by the e-mail address of whom they are about.

An item that has somebody's address carries it as `person`, without case, and the table's index `person`
(person, pk; keys only) finds it. One person's data is asked for a few times a year, so that nothing else is
copied into the index: what is found is read from the table itself, as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.fields import address_key
from shared.tables import CLIENT, pack, read_together, unpack

INDEX = "person"
_AT_ONCE = 100  # DynamoDB reads no more together


def person_key(email: str) -> dict[str, str]:
    """What an item carries to be found."""
    return {INDEX: address_key(email)}


def items_of(table: str, email: str) -> Iterator[dict[str, Any]]:
    """The items that carry an address, in any case of letters; the index knows them after about a second."""
    pages = CLIENT.get_paginator("query").paginate(
        TableName=table,
        IndexName=INDEX,
        KeyConditionExpression="person = :person",
        ExpressionAttributeValues=pack({":person": address_key(email)}),
    )
    found = [unpack(item) for page in pages for item in page["Items"]]
    keys = sorted((str(item["pk"]), str(item["sk"])) for item in found)
    for start in range(0, len(keys), _AT_ONCE):
        yield from read_together(table, keys[start : start + _AT_ONCE])

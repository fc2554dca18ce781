"""What days came to: written whole, as often as one likes.

Table `ANALYTICS_TABLE`, keys pk and sk, beside the counters of `counters.py`:

| item    | pk      | sk    | attributes                             |
|---------|---------|-------|----------------------------------------|
| day     | DAYS    | <day> | written_at, figures (JSON, DayFigures) |
| streams | STREAMS | <day> | written_at, figures (JSON, Streams)    |

An item is replaced by what was read later, and never by what was read before: two that add up the same day at
the same time leave the figures of the one that began last.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from analytics.figures import DayFigures
from analytics.model import Value
from analytics.viewers import Stream
from shared.tables import CLIENT, pack, unpack

Kept = TypeVar("Kept", bound=Value)

_DAYS, _STREAMS = "DAYS", "STREAMS"


class Streams(Value):
    """The streams that began on one day."""

    streams: tuple[Stream, ...]


class DaysTable:
    """Keeps and shows what days came to."""

    def __init__(self, name: str) -> None:
        self._name = name

    def put_day(self, figures: DayFigures) -> None:
        """Keep the figures of a day in the place of those that were there."""
        self._put(_DAYS, figures.day, figures, figures.counted_at)

    def put_streams(self, day: date, streams: tuple[Stream, ...], now: datetime) -> None:
        """Keep the streams that began on a day in the place of those that were there."""
        self._put(_STREAMS, day, Streams(streams=streams), now)

    def day(self, day: date) -> DayFigures | None:
        """The figures of a day; None where it was not added up."""
        answer = CLIENT.get_item(TableName=self._name, Key=_key(_DAYS, day), ConsistentRead=True)
        return _read(answer["Item"], DayFigures) if "Item" in answer else None

    def days(self, first: date, last: date) -> Iterator[DayFigures]:
        """The figures of days, the first first; those that were not added up are left out."""
        return (_read(item, DayFigures) for item in self._between(_DAYS, first, last))

    def streams(self, first: date, last: date) -> Iterator[Stream]:
        """The streams that began on one of these days, the first first."""
        for item in self._between(_STREAMS, first, last):
            yield from _read(item, Streams).streams

    def _put(self, kind: str, day: date, figures: Value, now: datetime) -> None:
        values = {"written_at": now.isoformat(timespec="microseconds"), "figures": figures.model_dump_json()}
        try:
            CLIENT.put_item(
                TableName=self._name,
                Item={**_key(kind, day), **pack(values)},
                ConditionExpression="attribute_not_exists(pk) OR written_at <= :now",
                ExpressionAttributeValues=pack({":now": values["written_at"]}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _between(self, kind: str, first: date, last: date) -> Iterator[dict[str, Any]]:
        pages = CLIENT.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :kind AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=pack({":kind": kind, ":first": str(first), ":last": str(last)}),
        )
        return (item for page in pages for item in page["Items"])


def _key(kind: str, day: date) -> dict[str, Any]:
    return pack({"pk": kind, "sk": str(day)})


def _read(item: dict[str, Any], model: type[Kept]) -> Kept:
    return model.model_validate_json(unpack(item)["figures"])

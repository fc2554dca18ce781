"""Events, in the table `EVENTS_TABLE`.

Keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all), TTL `expires_at`, a stream of keys:

| item      | pk           | sk              | gsi1pk          | gsi1sk                       |
|-----------|--------------|-----------------|-----------------|------------------------------|
| event     | EVENT#<id>   | EVENT           | PROGRAMME       | <ends_at>#<id>               |
| news      | GUESTS#<id>  | NEWS#<version>  |                 |                              |
| sign-up   | GUESTS#<id>  | SIGN_UP#<id>    | SIGN_UPS#<id>   | <state>#<number or moment>#… |
| person    | GUESTS#<id>  | WHO#<hash>      | WHO#<hash>      | <event>                      |
| in line   | GUESTS#<id>  | LINE#<number>   |                 |                              |
| counter   | GUESTS#<id>  | NUMBERS         |                 |                              |
| asked     | GUESTS#<id>  | ASKED#<hash>    |                 |                              |

News tell the stream of what guests have to hear. The other items of guests are those of `sign_ups_table`; the
secret and the items of `shared.idempotency` and `shared.visits` lie beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from events.event import Event
from events.ids import is_event_id
from events.problems import no_such_event
from events.seating import CONDITION_NAMES, CONDITION_VALUES, Step
from shared.cursors import bad_cursor, cursor_of, key_of
from shared.idempotency import Idempotency
from shared.problems import busy
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

NEWS = "NEWS#"

_PROGRAMME = "PROGRAMME"
_KEEP_NEWS = timedelta(days=7)
_NO_FIELDS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk"})
_COUNTERS = frozenset({"taken", "waiting"})


class EventsTable:
    """Reads and writes events; every write is conditional on what was read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def add(self, event: Event, idempotency: Idempotency | None, now: datetime) -> Event:
        """Store a new event; the earlier one when the idempotency key came with the same content before.

        Raises:
            ProblemError: 422 when the key came with other content before; 503 when the table stays contended.
        """
        values = {**event.model_dump(mode="json"), **_keys(event)}
        writes: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": self._name,
                    "Item": pack(values),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
        ]
        if idempotency:
            writes.append(idempotency.put(self._name, event.id, now))
        for _ in attempts():
            if not write_together(writes):
                return event
            earlier = idempotency.earlier(self._name, now) if idempotency else None
            if earlier and (stored := self.get(earlier)):
                return stored
        raise busy()

    def get(self, event_id: str) -> Event | None:
        """One event, strongly consistent."""
        if not is_event_id(event_id):
            return None
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_key(event_id)), ConsistentRead=True)
        return _event(unpack(answer["Item"])) if "Item" in answer else None

    def expect(self, event_id: str) -> Event:
        """One event, strongly consistent. Raises 404 where there is none."""
        event = self.get(event_id)
        if event is None:
            raise no_such_event()
        return event

    def change(self, event_id: str, rule: Callable[[Event], Event], now: datetime) -> Event:
        """Make an event what `rule` makes of it, all but its counters.

        Raises:
            ProblemError: 404 unknown; whatever `rule` raises; 503 contended.
        """
        for _ in attempts():
            seen = self.expect(event_id)
            made = rule(seen)
            if made == seen:
                return seen
            writes = [self._update(made, seen)]
            if (made.cancelled_at, made.moves) != (seen.cancelled_at, seen.moves):
                writes.append(self._news(made, now))
            if not write_together(writes):
                return made
        raise busy()

    def ahead(self, since: datetime) -> Iterator[Event]:
        """Events that end after a moment, by their end."""
        return self.between(since, datetime.max.replace(tzinfo=UTC))

    def between(self, first: datetime, last: datetime) -> Iterator[Event]:
        """Events that end after `first` and before `last`, by their end."""
        pages = CLIENT.get_paginator("query").paginate(**self._query(first, last))
        for page in pages:
            yield from (_event(unpack(item)) for item in page["Items"])

    def page(
        self, now: datetime, *, past: bool, limit: int, cursor: str | None
    ) -> tuple[list[Event], str | None]:
        """One page of the events to come, the first to end first, or of those that are over, the last first.

        Raises:
            ProblemError: 400, the cursor is not one of this list's.
        """
        span = (datetime.min.replace(tzinfo=UTC), now) if past else (now, datetime.max.replace(tzinfo=UTC))
        query: Any = {**self._query(*span), "Limit": limit, "ScanIndexForward": not past}
        if cursor:
            query["ExclusiveStartKey"] = key_of(cursor, _PROGRAMME)
        try:
            answer = CLIENT.query(**query)
        except ClientError as error:
            if cursor and error.response["Error"]["Code"] == "ValidationException":
                raise bad_cursor() from None
            raise
        found = [_event(unpack(item)) for item in answer["Items"]]
        return found, cursor_of(answer.get("LastEvaluatedKey"))

    def step(self, event_id: str, step: Step) -> TransactWriteItemTypeDef:
        """The part of a transaction that changes the counters; refused when that is not right any more."""
        used = {name: value for name, value in CONDITION_VALUES.items() if name in step.condition}
        update: Any = {
            "TableName": self._name,
            "Key": pack(_key(event_id)),
            "UpdateExpression": "ADD taken :taken, waiting :waiting",
            "ConditionExpression": f"attribute_exists(pk) AND ({step.condition})",
            "ExpressionAttributeValues": pack({":taken": step.taken, ":waiting": step.waiting, **used}),
        }
        if names := {short: name for short, name in CONDITION_NAMES.items() if short in step.condition}:
            update["ExpressionAttributeNames"] = names
        return {"Update": update}

    def _update(self, made: Event, seen: Event) -> TransactWriteItemTypeDef:
        values = {**made.model_dump(mode="json", exclude=set(_COUNTERS)), **_keys(made)}
        values = {name: value for name, value in values.items() if name not in ("pk", "sk")}
        present = {name: value for name, value in values.items() if value is not None}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in present)
        if gone := sorted(values.keys() - present.keys()):
            expression += " REMOVE " + ", ".join(f"#{name}" for name in gone)
        return {
            "Update": {
                "TableName": self._name,
                "Key": pack(_key(made.id)),
                "UpdateExpression": expression,
                "ConditionExpression": "#version = :seen",
                "ExpressionAttributeNames": {f"#{name}": name for name in values},
                "ExpressionAttributeValues": pack(
                    {**{f":{name}": value for name, value in present.items()}, ":seen": seen.version}
                ),
            }
        }

    def _news(self, event: Event, now: datetime) -> TransactWriteItemTypeDef:
        values = {
            "pk": f"GUESTS#{event.id}",
            "sk": f"{NEWS}{event.version}",
            "expires_at": epoch(now + _KEEP_NEWS),
        }
        return {"Put": {"TableName": self._name, "Item": pack(values)}}

    def _query(self, first: datetime, last: datetime) -> dict[str, Any]:
        return {
            "TableName": self._name,
            "IndexName": "gsi1",
            "KeyConditionExpression": "gsi1pk = :programme AND gsi1sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": pack(
                # An id follows the moment: "#~" is after all of them.
                {":programme": _PROGRAMME, ":first": f"{_sortable(first)}#~", ":last": f"{_sortable(last)}#~"}
            ),
        }


def _key(event_id: str) -> dict[str, str]:
    return {"pk": f"EVENT#{event_id}", "sk": "EVENT"}


def _keys(event: Event) -> dict[str, str]:
    return {**_key(event.id), "gsi1pk": _PROGRAMME, "gsi1sk": f"{_sortable(event.ends_at)}#{event.id}"}


def _event(values: Mapping[str, Any]) -> Event:
    return Event.model_validate({name: value for name, value in values.items() if name not in _NO_FIELDS})


def _sortable(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

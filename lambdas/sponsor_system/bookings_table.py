"""Bookings, and what lies beside them.

Table `SPONSORS_TABLE`, keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all attributes), TTL `expires_at`:

| item    | pk                     | sk                | gsi1pk            | gsi1sk             |
|---------|------------------------|-------------------|-------------------|--------------------|
| booking | BOOKING#<id>           | BOOKING           | STATUS#pending    | <created_at>#<id>  |
|         |                        |                   | STATUS#approved   | <start_day>#<id>   |
|         |                        |                   | STATUS#rejected … | <decided_at>#<id>  |
| token   | BOOKING#<id>           | TOKEN#<sha256>    |                   |                    |
| letter  | BOOKING#<id>           | LETTER#<name>     |                   |                    |
| slot    | SLOT#<placement>#<day> | SLOT              |                   |                    |

`slots.py`, `tokens.py`, `letters.py` and `shared.idempotency` tell of the items beside the bookings, and
`shared.person_index` of the index that finds a booking by its contact's address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError

from shared.api import Call
from shared.cursors import bad_cursor, cursor_of, key_of
from shared.idempotency import Idempotency
from shared.person_index import items_of, person_key
from shared.problems import busy, not_found
from shared.tables import CLIENT, attempts, epoch, pack, read_together, unpack, write_together
from sponsor_system import slots, tokens
from sponsor_system.lifecycle import MAX_DAYS_LIMIT, status_on
from sponsor_system.model import Booking, BookingId, Status

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import QueryInputTypeDef, TransactWriteItemTypeDef

# How long items stay, until DynamoDB's TTL takes them. What was approved once is a business record and stays.
_KEEP_UNDECIDED = timedelta(days=90)  # after their last day
_KEEP_ENDED = timedelta(days=180)  # after the decision, for questions about it

_KEYS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk", "person", "expires_at"})
_BOOKING_ID = TypeAdapter[str](BookingId)
_AFTER_EVERY_ID = "~"


def is_booking_id(text: str) -> bool:
    """Whether this can be the id of a booking at all."""
    try:
        _BOOKING_ID.validate_python(text)
    except ValidationError:
        return False
    return True


class BookingsTable:
    """Reads and writes bookings; every write is conditional on what was read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def add(
        self, booking: Booking, token: str, idempotency: Idempotency | None, now: datetime
    ) -> tuple[Booking, bool]:
        """Store a new booking with its token, and hold its days.

        One transaction. Rivals for a slot therefore see exactly one of them succeed.

        Returns:
            The booking and True; or, when the idempotency key came with the same content before, the
            booking of that time and False: the token belongs to that one then.

        Raises:
            ProblemError: 409 `slot-held` or `slot-taken`; 422 when the key came with other content before;
                503 when the table stays contended.
        """
        writes = [
            self._put(booking, None),
            tokens.put_of(self._name, booking, token),
            *slots.holds_of(self._name, booking, now),
        ]
        if idempotency:
            writes.append(idempotency.put(self._name, booking.id, now))
        for _ in attempts():
            if not write_together(writes):
                return booking, True
            earlier = idempotency.earlier(self._name, now) if idempotency else None
            if earlier and (stored := self.get(earlier)):
                CLIENT.put_item(**tokens.put_of(self._name, stored, token)["Put"])
                return stored, False
            others = slots.others_of(slots.holders_of(self._name, booking), booking, now)
            if others:
                raise slots.refused(booking, others, tell_who=False)
        raise busy()

    def get(self, booking_id: str) -> Booking | None:
        """One booking, strongly consistent."""
        if not is_booking_id(booking_id):
            return None
        answer = CLIENT.get_item(
            TableName=self._name, Key=pack(_booking_key(booking_id)), ConsistentRead=True
        )
        return booking_of(answer["Item"]) if "Item" in answer else None

    def own(self, call: Call) -> Booking:
        """The booking in the call's path, for who has a token of it; 404 for everybody else."""
        booking_id = call.path["id"]
        if is_booking_id(booking_id):
            tokens.expect_token(self._name, booking_id, call)
            if booking := self.get(booking_id):
                return booking
        raise tokens.no_such_booking()

    def change(self, booking_id: str, change: Callable[[Booking], Booking], now: datetime) -> Booking:
        """Make a booking what `change` makes of it, and take or give back its days as its status wants it.

        One transaction: the booking, if it is still what was read, and one slot for each of its days. Rivals
        for a booking or a slot therefore see exactly one of them succeed.

        Raises:
            ProblemError: 404 unknown; whatever `change` raises; 409 `slot-taken` or `slot-held`; 503
                contended.
        """
        for _ in attempts():
            seen = self.get(booking_id)
            if seen is None:
                raise not_found("such booking")
            changed = change(seen)
            writes = [self._put(changed, seen)]
            takes = changed.status is Status.APPROVED and seen.status is not Status.APPROVED
            if takes:
                writes += slots.takes_of(self._name, changed, now)
            elif changed.status in (Status.REJECTED, Status.CANCELLED):
                writes += slots.releases_of(self._name, changed)
            if not write_together(writes):
                return changed
            if takes and (others := slots.others_of(slots.holders_of(self._name, changed), changed, now)):
                raise slots.refused(changed, others, tell_who=True)
        raise busy()

    def active_on(self, day: date) -> list[Booking]:
        """The bookings that hold a slot on this day, at most one for each placement, strongly consistent."""
        ids = slots.sold_on(self._name, day)
        if not ids:
            return []
        keys = [(key["pk"], key["sk"]) for key in map(_booking_key, ids)]
        bookings = [_from_values(values) for values in read_together(self._name, keys)]
        return [booking for booking in bookings if status_on(booking, day) is Status.ACTIVE]

    def pending(self) -> list[Booking]:
        """All bookings that wait, oldest first."""
        return self._all(self._query(Status.PENDING, date.min))

    def running_lately(self, today: date, days: int) -> list[Booking]:
        """Approved bookings that began today or before and were running within the last days."""
        first = today - timedelta(days=MAX_DAYS_LIMIT + days)
        query: QueryInputTypeDef = {
            "TableName": self._name,
            "IndexName": "gsi1",
            "KeyConditionExpression": "gsi1pk = :status AND gsi1sk BETWEEN :first AND :today",
            "FilterExpression": "end_day >= :since",
            "ExpressionAttributeValues": pack(
                {
                    ":status": f"STATUS#{Status.APPROVED}",
                    ":first": f"{first}",
                    ":today": f"{today}#{_AFTER_EVERY_ID}",
                    ":since": f"{today - timedelta(days=days)}",
                }
            ),
        }
        return self._all(query)

    def of_person(self, email: str) -> list[Booking]:
        """All bookings that have this contact, the oldest first."""
        found = map(_from_values, items_of(self._name, email))
        return sorted(found, key=lambda booking: (booking.created_at, booking.id))

    def forget(self, booking_id: str, may_go: Callable[[Booking], bool]) -> bool:
        """Delete a booking with all that lies beside it, and give back its days.

        Args:
            booking_id: of the booking.
            may_go: whether it may be deleted, by what it is at that moment; may be asked several times.

        Returns:
            Whether it was there and is gone now.

        Raises:
            ProblemError: 503 contended.
        """
        for _ in attempts():
            seen = self.get(booking_id)
            if seen is None or not may_go(seen):
                return False
            if not write_together([self._delete(seen), *slots.releases_of(self._name, seen)]):
                self._delete_beside(booking_id)
                return True
        raise busy()

    def page(
        self, status: Status, *, today: date, limit: int, cursor: str | None
    ) -> tuple[list[Booking], str | None]:
        """One page of bookings that have this status today.

        Pending ones come oldest first, approved and active ones by start day, completed ones latest start
        first, rejected and cancelled ones latest decision first. The index is eventually consistent: a
        decision shows within about a second.

        Returns:
            Up to `limit` bookings, and the cursor of the next page or None.

        Raises:
            ProblemError: 400, the cursor is not one of ours or belongs to another list.
        """
        query = self._query(status, today)
        start = key_of(cursor, _partition(status)) if cursor else None
        found: list[Booking] = []
        while len(found) < limit:
            query["Limit"] = limit - len(found)
            if start:
                query["ExclusiveStartKey"] = start
            try:
                answer = CLIENT.query(**query)
            except ClientError as error:
                if cursor and error.response["Error"]["Code"] == "ValidationException":
                    raise bad_cursor() from None
                raise
            found += [booking_of(item) for item in answer["Items"]]
            start = answer.get("LastEvaluatedKey")
            if not start:
                return found, None
        return found, cursor_of(start)

    def _query(self, status: Status, today: date) -> QueryInputTypeDef:
        values: dict[str, Any] = {":status": _partition(status)}
        condition = "gsi1pk = :status"
        query: QueryInputTypeDef = {"TableName": self._name, "IndexName": "gsi1"}
        query["ScanIndexForward"] = status in (Status.PENDING, Status.APPROVED, Status.ACTIVE)
        if status is Status.APPROVED:
            condition += " AND gsi1sk > :today"
            values[":today"] = f"{today}#{_AFTER_EVERY_ID}"
        elif status is Status.ACTIVE:
            condition += " AND gsi1sk BETWEEN :first AND :today"
            # What is still running today cannot have begun earlier than the longest booking lasts.
            values[":first"] = f"{today - timedelta(days=MAX_DAYS_LIMIT - 1)}"
            values[":today"] = f"{today}#{_AFTER_EVERY_ID}"
            query["FilterExpression"] = "end_day >= :day"
            values[":day"] = f"{today}"
        elif status is Status.COMPLETED:
            condition += " AND gsi1sk < :day"
            query["FilterExpression"] = "end_day < :day"
            values[":day"] = f"{today}"
        query["KeyConditionExpression"] = condition
        query["ExpressionAttributeValues"] = pack(values)
        return query

    def _all(self, query: QueryInputTypeDef) -> list[Booking]:
        found: list[Booking] = []
        while True:
            answer = CLIENT.query(**query)
            found += [booking_of(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return found
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _delete_beside(self, booking_id: str) -> None:
        """Delete the marks of tokens and letters: hashes and names, which expire if this breaks off."""
        pages = CLIENT.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=pack({":pk": f"BOOKING#{booking_id}"}),
            ProjectionExpression="pk, sk",
        )
        for page in pages:
            for key in page["Items"]:
                CLIENT.delete_item(TableName=self._name, Key=key)

    def _delete(self, seen: Booking) -> TransactWriteItemTypeDef:
        return {
            "Delete": {
                "TableName": self._name,
                "Key": pack(_booking_key(seen.id)),
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": pack({":version": seen.version}),
            }
        }

    def _put(self, booking: Booking, seen: Booking | None) -> TransactWriteItemTypeDef:
        put: Any = {"TableName": self._name, "Item": _item(booking)}
        if seen:
            put["ConditionExpression"] = "#version = :version"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = pack({":version": seen.version})
        else:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        return {"Put": put}


def _booking_key(booking_id: str) -> dict[str, str]:
    return {"pk": f"BOOKING#{booking_id}", "sk": "BOOKING"}


def _item(booking: Booking) -> dict[str, Any]:
    place, expires_at = _place(booking)
    return pack(
        {
            **booking.model_dump(mode="json"),
            **_booking_key(booking.id),
            **person_key(booking.contact),
            "gsi1pk": f"STATUS#{booking.status}",
            "gsi1sk": f"{place}#{booking.id}",
            "expires_at": expires_at,
        }
    )


def _place(booking: Booking) -> tuple[str, int | None]:
    """Where a booking stands in the list of its status, and when its item may go."""
    if booking.status is Status.APPROVED:
        return booking.start_day.isoformat(), None
    if booking.last is None:
        last_day = datetime.combine(booking.end_day, time(), UTC)
        return booking.created_at.isoformat(timespec="milliseconds"), epoch(last_day + _KEEP_UNDECIDED)
    stays = any(change.status is Status.APPROVED for change in booking.history) or booking.refund
    expires_at = None if stays else epoch(booking.last.at + _KEEP_ENDED)
    return booking.last.at.isoformat(timespec="milliseconds"), expires_at


def booking_of(item: Mapping[str, Any]) -> Booking:
    """The booking in an item as DynamoDB and its streams have it."""
    return _from_values(unpack(item))


def _partition(status: Status) -> str:
    stored = Status.APPROVED if status in (Status.ACTIVE, Status.COMPLETED) else status
    return f"STATUS#{stored}"


def _from_values(values: Mapping[str, Any]) -> Booking:
    return Booking.model_validate({name: value for name, value in values.items() if name not in _KEYS})

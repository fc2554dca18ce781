"""Bookings and the slots they hold, in the sponsors table. The layout is in `tables`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import TypeAdapter, ValidationError

from shared.problems import ProblemError, busy, not_found
from sponsor_system.lifecycle import MAX_DAYS_LIMIT, days_of, slot_taken, status_on
from sponsor_system.model import Booking, BookingId, Placement, Status
from sponsor_system.tables import CLIENT, attempts, epoch, pack, read_together, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import QueryInputTypeDef, TransactWriteItemTypeDef

# How long items stay, after which DynamoDB's TTL takes them. Approved bookings are business records and stay.
_KEEP_UNDECIDED = timedelta(days=90)  # after their last day
_KEEP_REFUSED = timedelta(days=180)  # after the decision, for questions about it
_KEEP_SLOT = timedelta(days=7)  # after its day
_KEEP_IDEMPOTENCY = timedelta(days=1)

_KEYS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk", "expires_at"})
_BOOKING_ID = TypeAdapter[str](BookingId)
_AFTER_EVERY_ID = "~"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's promise that requests with this key are one request.

    Args:
        key_digest: hex SHA-256 of the Idempotency-Key header.
        fingerprint: hex SHA-256 of what was sent with it.
    """

    key_digest: str
    fingerprint: str


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

    def add(self, booking: Booking, idempotency: Idempotency | None, now: datetime) -> tuple[Booking, bool]:
        """Store a new booking.

        Returns:
            The booking and True; or, when the idempotency key came with the same content before, the
            booking of that time and False.

        Raises:
            ProblemError: 422 when the key came with other content before; 503 when the table stays contended.
        """
        writes = [self._put(booking, "attribute_not_exists(pk)")]
        if idempotency:
            writes.append(self._put_idempotency(booking, idempotency, now))
        for _ in attempts():
            if not write_together(writes):
                return booking, True
            earlier = self._earlier(idempotency, now) if idempotency else None
            if earlier:
                return earlier, False
        raise busy()

    def get(self, booking_id: str) -> Booking | None:
        """One booking, strongly consistent."""
        if not is_booking_id(booking_id):
            return None
        answer = CLIENT.get_item(
            TableName=self._name, Key=pack(_booking_key(booking_id)), ConsistentRead=True
        )
        return _booking(answer["Item"]) if "Item" in answer else None

    def decide(self, booking_id: str, decision: Callable[[Booking], Booking]) -> Booking:
        """Make a pending booking what `decision` makes of it, and hold its slots when that is approved.

        One transaction: the booking, if it is still what was read, and one slot for each of its days, if
        nobody holds it. Rivals for a booking or a slot therefore see exactly one of them succeed.

        Raises:
            ProblemError: 404 unknown; whatever `decision` raises; 409 `slot-taken`; 503 contended.
        """
        for _ in attempts():
            seen = self.get(booking_id)
            if seen is None:
                raise not_found("such booking")
            decided = decision(seen)
            writes = [self._put(decided, "#status = :status AND #version = :version", seen)]
            if decided.status is Status.APPROVED:
                writes += [
                    self._put_slot(decided, day) for day in days_of(decided.start_day, decided.end_day)
                ]
            if not write_together(writes):
                return decided
            if decided.status is Status.APPROVED and (taken := self._taken(decided)):
                raise slot_taken(decided.placement, taken)
        raise busy()

    def active_on(self, day: date) -> list[Booking]:
        """The bookings that hold a slot on this day, at most one for each placement, strongly consistent."""
        slots = read_together(self._name, [_slot_key(placement, day) for placement in Placement])
        ids = sorted({slot["booking"] for slot in slots})
        if not ids:
            return []
        keys = [(key["pk"], key["sk"]) for key in map(_booking_key, ids)]
        bookings = [_from_values(values) for values in read_together(self._name, keys)]
        return [booking for booking in bookings if status_on(booking, day) is Status.ACTIVE]

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
        start = _decode_cursor(cursor, query["ExpressionAttributeValues"][":status"]) if cursor else None
        found: list[Booking] = []
        while len(found) < limit:
            query["Limit"] = limit - len(found)
            if start:
                query["ExclusiveStartKey"] = start
            try:
                answer = CLIENT.query(**query)
            except ClientError as error:
                if cursor and error.response["Error"]["Code"] == "ValidationException":
                    raise _bad_cursor() from None
                raise
            found += [_booking(item) for item in answer["Items"]]
            start = answer.get("LastEvaluatedKey")
            if not start:
                return found, None
        return found, _encode_cursor(start) if start else None

    def _query(self, status: Status, today: date) -> QueryInputTypeDef:
        stored = Status.APPROVED if status in (Status.ACTIVE, Status.COMPLETED) else status
        values: dict[str, Any] = {":status": f"STATUS#{stored}"}
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

    def _put(self, booking: Booking, condition: str, seen: Booking | None = None) -> TransactWriteItemTypeDef:
        put: Any = {"TableName": self._name, "Item": _item(booking), "ConditionExpression": condition}
        if seen:
            put["ExpressionAttributeNames"] = {"#status": "status", "#version": "version"}
            put["ExpressionAttributeValues"] = pack({":status": seen.status.value, ":version": seen.version})
        return {"Put": put}

    def _put_slot(self, booking: Booking, day: date) -> TransactWriteItemTypeDef:
        pk, sk = _slot_key(booking.placement, day)
        item = pack(
            {
                "pk": pk,
                "sk": sk,
                "booking": booking.id,
                "expires_at": _midnight(day, booking) + _s(_KEEP_SLOT),
            }
        )
        return {
            "Put": {"TableName": self._name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        }

    def _put_idempotency(
        self, booking: Booking, idempotency: Idempotency, now: datetime
    ) -> TransactWriteItemTypeDef:
        values = {
            **_idempotency_key(idempotency),
            "booking": booking.id,
            "fingerprint": idempotency.fingerprint,
            "expires_at": epoch(now + _KEEP_IDEMPOTENCY),
        }
        return {
            "Put": {
                "TableName": self._name,
                "Item": pack(values),
                # DynamoDB removes expired items late, so an expired one must not stand in the way.
                "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
                "ExpressionAttributeValues": pack({":now": epoch(now)}),
            }
        }

    def _earlier(self, idempotency: Idempotency, now: datetime) -> Booking | None:
        key = pack(_idempotency_key(idempotency))
        answer = CLIENT.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        values = unpack(answer.get("Item", {}))
        if not values or values["expires_at"] <= epoch(now):
            return None
        if values["fingerprint"] != idempotency.fingerprint:
            raise ProblemError(
                422,
                "idempotency-key-reused",
                "The idempotency key was used before",
                "Another request came with this key. Use a new key for a new booking.",
            )
        return self.get(values["booking"])

    def _taken(self, booking: Booking) -> dict[date, str]:
        days = {_slot_key(booking.placement, day): day for day in days_of(booking.start_day, booking.end_day)}
        slots = read_together(self._name, list(days))
        return {
            days[slot["pk"], slot["sk"]]: slot["booking"] for slot in slots if slot["booking"] != booking.id
        }


def _booking_key(booking_id: str) -> dict[str, str]:
    return {"pk": f"BOOKING#{booking_id}", "sk": "BOOKING"}


def _slot_key(placement: Placement, day: date) -> tuple[str, str]:
    return f"SLOT#{placement}#{day}", "SLOT"


def _idempotency_key(idempotency: Idempotency) -> dict[str, str]:
    return {"pk": f"IDEMPOTENCY#{idempotency.key_digest}", "sk": "IDEMPOTENCY"}


def _item(booking: Booking) -> dict[str, Any]:
    if booking.status is Status.APPROVED:
        place, expires_at = booking.start_day.isoformat(), None
    elif booking.status is Status.PENDING:
        place = booking.created_at.isoformat(timespec="milliseconds")
        expires_at = _midnight(booking.end_day, booking) + _s(_KEEP_UNDECIDED)
    else:
        decided_at = booking.decided_at or booking.created_at
        place = decided_at.isoformat(timespec="milliseconds")
        expires_at = epoch(decided_at + _KEEP_REFUSED)
    return pack(
        {
            **booking.model_dump(mode="json"),
            **_booking_key(booking.id),
            "gsi1pk": f"STATUS#{booking.status}",
            "gsi1sk": f"{place}#{booking.id}",
            "expires_at": expires_at,
        }
    )


def _booking(item: Any) -> Booking:
    return _from_values(unpack(item))


def _from_values(values: dict[str, Any]) -> Booking:
    return Booking.model_validate({name: value for name, value in values.items() if name not in _KEYS})


def _midnight(day: date, booking: Booking) -> int:
    return epoch(datetime.combine(day + timedelta(days=1), time(), booking.created_at.tzinfo))


def _s(span: timedelta) -> int:
    return int(span.total_seconds())


def _encode_cursor(key: Any) -> str:
    values = unpack(key)
    text = json.dumps([values["gsi1pk"], values["gsi1sk"], values["pk"]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode_cursor(cursor: str, status: Any) -> Any:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None
    if (
        not isinstance(values, list)
        or len(values) != 3
        or not all(isinstance(value, str) for value in values)
    ):
        raise _bad_cursor()
    gsi1pk, gsi1sk, pk = values
    if {"S": gsi1pk} != status:
        raise _bad_cursor()
    return pack({"gsi1pk": gsi1pk, "gsi1sk": gsi1sk, "pk": pk, "sk": "BOOKING"})


def _bad_cursor() -> ProblemError:
    return ProblemError(
        400,
        "bad-cursor",
        "The cursor is not valid",
        "Use `next_cursor` of the page before, with the same status.",
    )

"""Who has a placement on a day: a pending booking for a while, an approved one for good.

One item for each placement and day, pk `SLOT#<placement>#<day>`, sk `SLOT`. It names its booking; while that
is pending it has `held_until`, after which the item counts as not there. DynamoDB's TTL removes such items
late, so every condition compares the moment itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from shared.problems import ProblemError
from shared.tables import epoch, pack, read_together
from sponsor_system.lifecycle import days_of
from sponsor_system.model import Booking, Placement

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_KEEP = timedelta(days=7)  # after its day

_FREE = "attribute_not_exists(pk) OR held_until <= :now"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a slot.

    Args:
        held_until: None where it is for good.
    """

    booking: str
    held_until: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether the slot is not free."""
        return self.held_until is None or self.held_until > now


def slot_key(placement: Placement, day: date) -> tuple[str, str]:
    """The slot's pk and sk."""
    return f"SLOT#{placement}#{day}", "SLOT"


def holds_of(table: str, booking: Booking, now: datetime) -> list[TransactWriteItemTypeDef]:
    """The writes that hold a new booking's days; each is refused where somebody has the slot."""
    values = {"held_until": epoch(booking.held_until), "expires_at": epoch(booking.held_until)}
    return [
        _put(table, booking, day, values, _FREE, {":now": epoch(now)})
        for day in days_of(booking.start_day, booking.end_day)
    ]


def takes_of(table: str, booking: Booking, now: datetime) -> list[TransactWriteItemTypeDef]:
    """The writes that give an approved booking its days; each is refused where somebody else has the slot."""
    return [
        _put(
            table,
            booking,
            day,
            {"expires_at": _midnight_after(day) + int(_KEEP.total_seconds())},
            f"{_FREE} OR booking = :booking",
            {":now": epoch(now), ":booking": booking.id},
        )
        for day in days_of(booking.start_day, booking.end_day)
    ]


def releases_of(table: str, booking: Booking) -> list[TransactWriteItemTypeDef]:
    """The writes that give back the days that a booking has; each is refused where it has lost the slot."""
    return [
        {
            "Delete": {
                "TableName": table,
                "Key": pack(dict(zip(("pk", "sk"), slot_key(booking.placement, day), strict=True))),
                "ConditionExpression": "booking = :booking",
                "ExpressionAttributeValues": pack({":booking": booking.id}),
            }
        }
        for day, holder in holders_of(table, booking).items()
        if holder.booking == booking.id
    ]


def holders_of(table: str, booking: Booking) -> dict[date, Holder]:
    """Who has the slots that a booking is about, by day; days that nobody has are left out."""
    days = {slot_key(booking.placement, day): day for day in days_of(booking.start_day, booking.end_day)}
    slots = read_together(table, list(days))
    return {days[slot["pk"], slot["sk"]]: _holder(slot) for slot in slots}


def sold_on(table: str, day: date) -> list[str]:
    """Ids of the approved bookings that have a slot on this day, at most one for each placement."""
    slots = read_together(table, [slot_key(placement, day) for placement in Placement])
    return sorted({str(slot["booking"]) for slot in slots if "held_until" not in slot})


def others_of(holders: Mapping[date, Holder], booking: Booking, now: datetime) -> dict[date, Holder]:
    """Those who keep the booking from its days."""
    return {
        day: holder for day, holder in holders.items() if holder.booking != booking.id and holder.holds(now)
    }


def refused(booking: Booking, others: Mapping[date, Holder], *, tell_who: bool) -> ProblemError:
    """409: others have the placement on some of the days; `slot-held` where all of them may lose it again.

    Args:
        booking: what was to have the days.
        others: who has them, by day.
        tell_who: whether the bookings are named; a sponsor has no business knowing them.
    """
    ends = [holder.held_until for holder in others.values()]
    free_from = max((end for end in ends if end), default=None) if all(ends) else None
    name = "slot-held" if free_from else "slot-taken"
    said = "is held for" if free_from else "is taken by"
    until = f" until {free_from.isoformat()} at the latest, unless it is approved" if free_from else ""
    extensions: dict[str, Any] = {"days": [day.isoformat() for day in sorted(others)]}
    if tell_who:
        extensions["conflicts"] = _by_booking(booking.placement, others)
    return ProblemError(
        409,
        name,
        "The placement is held" if free_from else "The placement is taken",
        f"The placement {booking.placement} {said} another booking on {len(others)} of the days{until}.",
        free_from=free_from.isoformat() if free_from else None,
        **extensions,
    )


def _by_booking(placement: Placement, others: Mapping[date, Holder]) -> list[dict[str, object]]:
    days: dict[str, list[str]] = {}
    for day in sorted(others):
        days.setdefault(others[day].booking, []).append(day.isoformat())
    return [
        {"booking": booking, "placement": placement.value, "days": listed} for booking, listed in days.items()
    ]


def _put(
    table: str,
    booking: Booking,
    day: date,
    values: Mapping[str, int],
    condition: str,
    condition_values: Mapping[str, object],
) -> TransactWriteItemTypeDef:
    pk, sk = slot_key(booking.placement, day)
    return {
        "Put": {
            "TableName": table,
            "Item": pack({"pk": pk, "sk": sk, "booking": booking.id, **values}),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": pack(condition_values),
        }
    }


def _holder(slot: Mapping[str, Any]) -> Holder:
    held_until = slot.get("held_until")
    return Holder(
        booking=str(slot["booking"]),
        held_until=None if held_until is None else datetime.fromtimestamp(int(held_until), UTC),
    )


def _midnight_after(day: date) -> int:
    return epoch(datetime.combine(day + timedelta(days=1), time(), UTC))

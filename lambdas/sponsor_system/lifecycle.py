"""The rules of a booking's life. All pure: the moment is passed in, days are UTC calendar days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from shared.problems import ProblemError, invalid
from sponsor_system.model import Approval, Booking, Placement, Rejection, Status, Submission
from sponsor_system.pricing import price_of

TRANSACTION_ITEMS = 100
"""DynamoDB's limit on items in one transaction
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)."""

MAX_DAYS_LIMIT = TRANSACTION_ITEMS - 1
"""No booking can be longer: approval writes the booking and one slot a day in one transaction."""

MAX_AHEAD_DAYS = 365
"""How far ahead a booking may start."""


def days_of(start_day: date, end_day: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    return (start_day + timedelta(days=offset) for offset in range((end_day - start_day).days + 1))


def status_on(booking: Booking, today: date) -> Status:
    """The status to show: an approved booking is active on its days and completed after them."""
    if booking.status is not Status.APPROVED or today < booking.start_day:
        return booking.status
    return Status.ACTIVE if today <= booking.end_day else Status.COMPLETED


def open_booking(
    submission: Submission,
    *,
    booking_id: str,
    now: datetime,
    rates: Mapping[Placement, int],
    currency: str,
    max_days: int,
) -> Booking:
    """The pending booking that a submission becomes.

    Args:
        submission: what the sponsor sent.
        booking_id: a fresh identifier.
        now: when it came in.
        rates: minor units a day of each placement that is on offer.
        currency: of the rates.
        max_days: longest booking, at most `MAX_DAYS_LIMIT`.

    Raises:
        ProblemError: 422, the placement is not on offer or the days cannot be booked.
    """
    today = now.date()
    days = (submission.end_day - submission.start_day).days + 1
    latest = today + timedelta(days=MAX_AHEAD_DAYS)
    errors: list[tuple[str, str]] = []
    rate = rates.get(submission.placement)
    if rate is None:
        errors.append(("/placement", "is not on offer here"))
    if submission.start_day < today:
        errors.append(("/start_day", f"must not be before today, {today} (UTC)"))
    if submission.start_day > latest:
        errors.append(("/start_day", f"must not be after {latest}"))
    if days < 1:
        errors.append(("/end_day", "must not be before start_day"))
    if days > max_days:
        errors.append(("/end_day", f"a booking has at most {max_days} days"))
    if errors or rate is None:
        raise invalid(errors)
    return Booking(
        **dict(submission),
        id=booking_id,
        status=Status.PENDING,
        version=1,
        price=price_of(submission.placement, days, rate, currency),
        created_at=now,
    )


def approve(booking: Booking, approval: Approval, *, operator: str, now: datetime) -> Booking:
    """The approved booking. Whether its days are free is for the table to say.

    Raises:
        ProblemError: 409 as for `_decidable`; 409 `over` when its last day has passed.
    """
    _decidable(booking, approval.version)
    if booking.end_day < now.date():
        raise ProblemError(
            409,
            "over",
            "The booking's days have passed",
            f"Its last day was {booking.end_day}. Reject it instead.",
        )
    return _decided(booking, Status.APPROVED, operator, now, None)


def reject(booking: Booking, rejection: Rejection, *, operator: str, now: datetime) -> Booking:
    """The rejected booking.

    Raises:
        ProblemError: 409 as for `_decidable`.
    """
    _decidable(booking, rejection.version)
    return _decided(booking, Status.REJECTED, operator, now, rejection.reason)


def slot_taken(placement: Placement, taken: Mapping[date, str]) -> ProblemError:
    """409: other bookings hold the placement on some of the days.

    Args:
        placement: what was to be held.
        taken: day → id of the booking that holds it.
    """
    holders: dict[str, list[str]] = {}
    for day in sorted(taken):
        holders.setdefault(taken[day], []).append(day.isoformat())
    return ProblemError(
        409,
        "slot-taken",
        "The placement is taken",
        f"The placement {placement} is held by another booking on {len(taken)} of the days.",
        conflicts=[
            {"booking": holder, "placement": placement.value, "days": days}
            for holder, days in holders.items()
        ],
    )


def _decidable(booking: Booking, version: int) -> None:
    """Raises 409 `already-decided` with who and when, or 409 `changed` when another version was seen."""
    if booking.status is not Status.PENDING:
        decided_at = booking.decided_at.isoformat() if booking.decided_at else None
        raise ProblemError(
            409,
            "already-decided",
            "The booking is decided already",
            f"It is {booking.status}"
            + (f" since {decided_at}, by {booking.decided_by}." if decided_at else "."),
            booking_status=booking.status.value,
            decided_by=booking.decided_by,
            decided_at=decided_at,
            version=booking.version,
        )
    if booking.version != version:
        raise ProblemError(
            409,
            "changed",
            "The booking has changed",
            f"It is at version {booking.version} now. Read it again before you decide.",
            version=booking.version,
        )


def _decided(booking: Booking, status: Status, operator: str, now: datetime, reason: str | None) -> Booking:
    return booking.model_copy(
        update={
            "status": status,
            "version": booking.version + 1,
            "decided_at": now,
            "decided_by": operator,
            "reason": reason,
        }
    )

"""The rules of a booking's life. All pure: the moment is passed in, days are UTC calendar days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from shared.problems import ProblemError, invalid
from sponsor_system.model import (
    Approval,
    Booking,
    Cancellation,
    Change,
    CreativeState,
    Placement,
    Refund,
    RefundNote,
    Rejection,
    Status,
    Submission,
    Version,
    Withdrawal,
)
from sponsor_system.pricing import price_of

TRANSACTION_ITEMS = 100
"""DynamoDB's limit on items in one transaction
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)."""

MAX_DAYS_LIMIT = TRANSACTION_ITEMS - 3
"""No booking can be longer: it is made in one transaction with its token, the idempotency key and one slot a
day."""

MAX_AHEAD_DAYS = 365
"""How far ahead a booking may start."""

HOLD = timedelta(hours=48)
"""For how long a new booking keeps its days from others, and for how long it may stay without a picture."""

SPONSOR = "sponsor"
"""Who withdrew."""

SYSTEM = "system"
"""Who cancels what nobody cares for any more."""

DAYS_PASSED = "Its days have passed without a decision"
NO_PICTURE = "No picture came in time"


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
        **submission.model_dump(exclude={"creative_type"}),
        id=booking_id,
        status=Status.PENDING,
        version=1,
        price=price_of(submission.placement, days, rate, currency),
        created_at=now,
        held_until=now + HOLD,
    )


def approve(booking: Booking, approval: Approval, *, operator: str, now: datetime) -> Booking:
    """The approved booking. Whether its days are free is for the table to say.

    Raises:
        ProblemError: 409 as for `_expect`; 409 `over` when its last day has passed; 409 `creative-not-ready`.
    """
    _expect(booking, approval.version, now, Status.PENDING)
    if booking.end_day < now.date():
        raise ProblemError(
            409,
            "over",
            "The booking's days have passed",
            f"Its last day was {booking.end_day}. Reject it instead.",
        )
    if booking.creative.state is not CreativeState.READY:
        raise ProblemError(
            409,
            "creative-not-ready",
            "There is no picture to show",
            f"The booking's picture is {booking.creative.state}. Approve when it is ready.",
            creative_state=booking.creative.state.value,
            version=booking.version,
        )
    return _moved(booking, Status.APPROVED, operator, now)


def reject(booking: Booking, rejection: Rejection, *, operator: str, now: datetime) -> Booking:
    """The rejected booking.

    Raises:
        ProblemError: 409 as for `_expect`.
    """
    _expect(booking, rejection.version, now, Status.PENDING)
    return _moved(booking, Status.REJECTED, operator, now, rejection.reason)


def cancel(booking: Booking, cancellation: Cancellation, *, operator: str, now: datetime) -> Booking:
    """The booking that an operator ends before its time, even while it runs.

    Raises:
        ProblemError: 409 as for `_expect`.
    """
    _expect(booking, cancellation.version, now, Status.PENDING, Status.APPROVED, Status.ACTIVE)
    return _moved(booking, Status.CANCELLED, operator, now, cancellation.reason)


def withdraw(booking: Booking, withdrawal: Withdrawal, *, now: datetime) -> Booking:
    """The booking that its sponsor takes back, as long as it does not run yet.

    Raises:
        ProblemError: 409 as for `_expect`.
    """
    _expect(booking, withdrawal.version, now, Status.PENDING, Status.APPROVED)
    return _moved(booking, Status.CANCELLED, SPONSOR, now, withdrawal.reason)


def refund(booking: Booking, note: RefundNote, *, operator: str, now: datetime) -> Booking:
    """The booking whose money was given back, after it has ended in one way or another.

    Raises:
        ProblemError: 409 as for `_expect`; 422, more than was paid.
    """
    _expect(booking, note.version, now, Status.REJECTED, Status.CANCELLED, Status.COMPLETED)
    if note.amount > booking.price.total:
        raise invalid([("/amount", f"is more than the price, {booking.price.total}")])
    given = Refund(amount=note.amount, reference=note.reference, at=now, by=operator)
    return _moved(booking, Status.REFUNDED, operator, now).model_copy(update={"refund": given})


def given_up(booking: Booking, now: datetime) -> str | None:
    """Why a pending booking is given up now, or None while somebody may still care for it."""
    if booking.status is not Status.PENDING:
        return None
    if booking.end_day < now.date():
        return DAYS_PASSED
    if booking.creative.state is not CreativeState.READY and booking.created_at + HOLD <= now:
        return NO_PICTURE
    return None


def give_up(booking: Booking, seen: Version, now: datetime) -> Booking:
    """The booking that is cancelled because nobody cares for it any more.

    Raises:
        ProblemError: 409 as for `_expect`.
    """
    _expect(booking, seen, now, Status.PENDING)
    return _moved(booking, Status.CANCELLED, SYSTEM, now, given_up(booking, now))


def _expect(booking: Booking, version: int, now: datetime, *wanted: Status) -> None:
    """Raises 409 `already-decided` with who and when, or 409 `changed` when another version was seen."""
    status = status_on(booking, now.date())
    if status not in wanted:
        last = booking.last
        since = f" since {last.at.isoformat()}, by {last.by}" if last else ""
        raise ProblemError(
            409,
            "already-decided",
            "The booking is not in a state for this",
            f"It is {status}{since}.",
            booking_status=status.value,
            decided_by=last.by if last else None,
            decided_at=last.at.isoformat() if last else None,
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


def _moved(booking: Booking, status: Status, by: str, now: datetime, reason: str | None = None) -> Booking:
    return booking.model_copy(
        update={
            "status": status,
            "version": booking.version + 1,
            "history": (*booking.history, Change(status=status, at=now, by=by, reason=reason)),
        }
    )

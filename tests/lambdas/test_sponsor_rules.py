"""Price, days, status and decisions: pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.images import ImageType
from shared.problems import ProblemError
from sponsor_system.lifecycle import (
    MAX_AHEAD_DAYS,
    MAX_DAYS_LIMIT,
    TRANSACTION_ITEMS,
    approve,
    cancel,
    days_of,
    give_up,
    given_up,
    open_booking,
    refund,
    reject,
    status_on,
    withdraw,
)
from sponsor_system.model import (
    Approval,
    Booking,
    Cancellation,
    Creative,
    CreativeState,
    Placement,
    RefundNote,
    Rejection,
    Status,
    Submission,
    Withdrawal,
)
from sponsor_system.pricing import discount_percent, price_of

NOW = datetime(2026, 5, 20, 23, 59, 59, tzinfo=UTC)
TODAY = NOW.date()
RATES = {Placement.TOP: 12_000, Placement.LEFT: 7}
rates = st.integers(0, 100_000_000)
lengths = st.integers(1, MAX_DAYS_LIMIT)


def submission(start: int = 1, days: int = 1, placement: Placement = Placement.TOP) -> Submission:
    first = TODAY + timedelta(days=start)
    return Submission(
        sponsor="S",
        contact="a@b.example",
        placement=placement,
        start_day=first,
        end_day=first + timedelta(days=days - 1),
        title="T",
        target_url="https://b.example/",
        creative_type=ImageType.PNG,
    )


def opened(wish: Submission, max_days: int = 90) -> Booking:
    return open_booking(
        wish, booking_id="0123456789abc", now=NOW, rates=RATES, currency="EUR", max_days=max_days
    )


@given(rates, lengths)
def test_lines_add_up_to_the_total(rate: int, days: int) -> None:
    price = price_of(Placement.TOP, days, rate, "EUR")
    assert price.total == sum(line.amount for line in price.lines)
    assert 0 <= price.total <= rate * days
    assert price.lines[0].amount == rate * days
    assert all(line.amount <= 0 for line in price.lines[1:])


@given(lengths, lengths)
def test_a_longer_booking_never_has_a_smaller_discount(one: int, other: int) -> None:
    short, long = sorted((one, other))
    assert discount_percent(short) <= discount_percent(long) < 100


@given(st.integers(0, 1_000_000), lengths, lengths)
def test_a_day_never_gets_dearer_with_length(rate: int, one: int, other: int) -> None:
    short, long = sorted((one, other))
    # Less than one minor unit of rounding for the whole booking is all that may lie between.
    per_day_short = price_of(Placement.TOP, short, rate, "EUR").total / short
    per_day_long = price_of(Placement.TOP, long, rate, "EUR").total / long
    assert per_day_long <= per_day_short + 1 / long


@given(rates, lengths)
def test_a_discount_never_exceeds_its_percentage_and_misses_it_by_less_than_one_unit(
    rate: int, days: int
) -> None:
    price = price_of(Placement.TOP, days, rate, "EUR")
    discount = rate * days - price.total
    exact = rate * days * discount_percent(days)
    assert discount * 100 <= exact < (discount + 1) * 100


@pytest.mark.parametrize(
    ("days", "total", "labels"),
    [
        (1, 12_000, ["top: 1 day at 120.00 EUR"]),
        (6, 72_000, ["top: 6 days at 120.00 EUR"]),
        (7, 79_800, ["top: 7 days at 120.00 EUR", "5 % off from 7 days"]),
        (14, 151_200, ["top: 14 days at 120.00 EUR", "10 % off from 14 days"]),
        (30, 306_000, ["top: 30 days at 120.00 EUR", "15 % off from 30 days"]),
    ],
)
def test_price_list(days: int, total: int, labels: list[str]) -> None:
    price = price_of(Placement.TOP, days, 12_000, "EUR")
    assert (price.total, [line.label for line in price.lines]) == (total, labels)


def test_half_a_unit_of_discount_is_not_given() -> None:
    assert [line.amount for line in price_of(Placement.LEFT, 7, 7, "EUR").lines] == [49, -2]  # 5 % are 2.45


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), lengths)
def test_days_are_all_days_from_first_to_last(start: date, length: int) -> None:
    days = list(days_of(start, start + timedelta(days=length - 1)))
    assert len(days) == len(set(days)) == length
    assert days[0] == start
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_the_longest_booking_fits_one_transaction() -> None:
    assert MAX_DAYS_LIMIT + 3 == TRANSACTION_ITEMS == 100


@given(st.integers(-5, 5), st.integers(1, 5))
def test_the_calendar_makes_an_approved_booking_active_and_completed(start: int, days: int) -> None:
    booking = opened(submission(10, days)).model_copy(
        update={
            "status": Status.APPROVED,
            "start_day": TODAY + timedelta(days=start),
            "end_day": TODAY + timedelta(days=start + days - 1),
        }
    )
    expected = Status.APPROVED if start > 0 else Status.ACTIVE if start + days > 0 else Status.COMPLETED
    assert status_on(booking, TODAY) is expected


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.CANCELLED, Status.REFUNDED])
def test_the_calendar_changes_nothing_else(status: Status) -> None:
    booking = opened(submission(0, 1)).model_copy(update={"status": status})
    assert status_on(booking, TODAY + timedelta(days=3)) is status


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        (submission(-1, 3), "/start_day"),
        (submission(MAX_AHEAD_DAYS + 1), "/start_day"),
        (submission(1, 0), "/end_day"),
        (submission(1, 91), "/end_day"),
        (submission(1, 1, Placement.RIGHT), "/placement"),
    ],
)
def test_what_cannot_be_booked(wish: Submission, pointer: str) -> None:
    with pytest.raises(ProblemError) as caught:
        opened(wish)
    assert caught.value.status == 422
    assert [error["pointer"] for error in caught.value.extensions["errors"]] == [pointer]


@pytest.mark.parametrize("wish", [submission(0), submission(MAX_AHEAD_DAYS), submission(0, 90)])
def test_the_edges_can_be_booked(wish: Submission) -> None:
    assert opened(wish).status is Status.PENDING


READY = Creative(state=CreativeState.READY, key="media/creatives/a.png")
DECIDABLE = {
    "approve": {Status.PENDING},
    "reject": {Status.PENDING},
    "cancel": {Status.PENDING, Status.APPROVED, Status.ACTIVE},
    "withdraw": {Status.PENDING, Status.APPROVED},
    "refund": {Status.REJECTED, Status.CANCELLED, Status.COMPLETED},
    "give_up": {Status.PENDING},
}
"""From which status each step leads on: what the rules say, said once more."""
BECOMES = {
    "approve": Status.APPROVED,
    "reject": Status.REJECTED,
    "cancel": Status.CANCELLED,
    "withdraw": Status.CANCELLED,
    "refund": Status.REFUNDED,
    "give_up": Status.CANCELLED,
}
BY = {"withdraw": "sponsor", "give_up": "system"}


def ready(wish: Submission) -> Booking:
    return opened(wish).model_copy(update={"creative": READY})


def step(booking: Booking, kind: str, version: int, now: datetime = NOW) -> Booking:
    match kind:
        case "approve":
            return approve(booking, Approval(version=version), operator="ana", now=now)
        case "reject":
            return reject(booking, Rejection(version=version, reason="no"), operator="ana", now=now)
        case "cancel":
            return cancel(booking, Cancellation(version=version, reason="off"), operator="ana", now=now)
        case "withdraw":
            return withdraw(booking, Withdrawal(version=version), now=now)
        case "refund":
            note = RefundNote(version=version, amount=1, reference="B-17")
            return refund(booking, note, operator="ana", now=now)
        case _:
            return give_up(booking, version, now)


steps = st.tuples(st.sampled_from(sorted(DECIDABLE)), st.integers(0, 1), st.integers(0, 2))


@given(st.lists(steps, max_size=8))
def test_a_booking_goes_only_the_ways_there_are_and_each_on_the_version_that_was_seen(
    tries: list[tuple[str, int, int]],
) -> None:
    booking, now = ready(submission(1, 2)), NOW
    for kind, behind, days in tries:
        now += timedelta(days=days)
        status, seen = status_on(booking, now.date()), booking
        version = max(1, booking.version - behind)
        may = status in DECIDABLE[kind] and version == booking.version
        if kind == "approve" and booking.end_day < now.date():
            may = False
        if may:
            booking = step(seen, kind, version, now)
            assert (booking.status, booking.version) == (BECOMES[kind], seen.version + 1)
            assert booking.last
            assert (booking.last.at, booking.last.by) == (now, BY.get(kind, "ana"))
            assert booking.history[:-1] == seen.history
        else:
            with pytest.raises(ProblemError) as caught:
                step(seen, kind, version, now)
            assert caught.value.status == 409
            if status not in DECIDABLE[kind]:
                assert caught.value.name == "already-decided"
                assert caught.value.extensions["booking_status"] == status.value
    assert booking.version == 1 + len(booking.history)


def test_a_booking_whose_days_have_passed_can_be_rejected_only() -> None:
    booking = ready(submission(1, 2))
    late = NOW + timedelta(days=3)
    with pytest.raises(ProblemError, match="over"):
        step(booking, "approve", 1, late)
    assert step(booking, "reject", 1, late).status is Status.REJECTED
    assert step(booking, "approve", 1, NOW + timedelta(days=2)).version == 2


@pytest.mark.parametrize("state", [CreativeState.MISSING, CreativeState.CHECKING, CreativeState.REFUSED])
def test_nothing_is_approved_without_a_picture(state: CreativeState) -> None:
    booking = opened(submission()).model_copy(update={"creative": Creative(state=state)})
    with pytest.raises(ProblemError, match="creative-not-ready") as caught:
        step(booking, "approve", 1)
    assert caught.value.extensions["creative_state"] == state.value


@given(st.integers(1, 50_000))
def test_no_more_is_given_back_than_was_paid(amount: int) -> None:
    booking = step(ready(submission(1, 3)), "cancel", 1)
    note = RefundNote(version=2, amount=amount, reference="B-17")
    if amount > booking.price.total:
        with pytest.raises(ProblemError) as caught:
            refund(booking, note, operator="ana", now=NOW)
        assert caught.value.extensions["errors"] == [
            {"pointer": "/amount", "detail": "is more than the price, 36000"}
        ]
    else:
        given_back = refund(booking, note, operator="ana", now=NOW).refund
        assert given_back
        assert (given_back.amount, given_back.reference, given_back.by) == (amount, "B-17", "ana")


@given(st.sampled_from(CreativeState), st.integers(0, 100), st.integers(1, 5))
def test_what_nobody_cares_for_is_given_up(state: CreativeState, hours: int, days: int) -> None:
    booking = opened(submission(0, days)).model_copy(update={"creative": Creative(state=state)})
    now = NOW + timedelta(hours=hours)
    passed = now.date() > booking.end_day
    without = hours >= 48 and state is not CreativeState.READY
    assert bool(given_up(booking, now)) is (passed or without)
    assert given_up(step(booking, "reject", 1), now) is None

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.bookings.conflicts import conflicts
from fleet_tui.bookings.model import Booking, BookingStatus, Price

FIRST = date(2026, 3, 1)


def booking(
    id_: str, start: int, end: int, placement: str = "top", status: BookingStatus = BookingStatus.PENDING
) -> Booking:
    return Booking(
        id=id_,
        sponsor="Bienenwachs GmbH",
        placement=placement,
        start_day=FIRST + timedelta(days=start),
        end_day=FIRST + timedelta(days=end),
        status=status,
        version=1,
        price=Price(currency="EUR", total=0),
        created_at=datetime(2026, 2, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ((0, 3), (3, 5), True),  # both days are included
        ((0, 3), (4, 5), False),
        ((0, 9), (2, 3), True),
        ((5, 5), (5, 5), True),
    ],
)
def test_days(first: tuple[int, int], second: tuple[int, int], meet: bool) -> None:
    found = conflicts([booking("b", *second), booking("a", *first)])
    assert found == ({"a": ("b",), "b": ("a",)} if meet else {})


def test_another_placement_is_no_conflict() -> None:
    assert conflicts([booking("a", 0, 3), booking("b", 0, 3, "left")]) == {}


@pytest.mark.parametrize("status", BookingStatus)
def test_only_who_still_wants_or_has_the_days(status: BookingStatus) -> None:
    claims = status in {BookingStatus.PENDING, BookingStatus.APPROVED, BookingStatus.ACTIVE}
    found = conflicts([booking("a", 0, 3), booking("b", 2, 3, status=status)])
    assert bool(found) is claims


def test_one_long_booking_over_several_short_ones() -> None:
    found = conflicts([booking("long", 0, 20), *(booking(f"s{day}", day, day) for day in range(0, 20, 5))])
    assert found["long"] == ("s0", "s10", "s15", "s5")
    assert all(found[f"s{day}"] == ("long",) for day in range(0, 20, 5))


@st.composite
def fleets(draw: st.DrawFn) -> list[Booking]:
    count = draw(st.integers(0, 14))
    starts = [draw(st.integers(0, 20)) for _ in range(count)]
    return [
        booking(
            f"id{number}",
            start,
            start + draw(st.integers(0, 8)),
            draw(st.sampled_from(["top", "left", "creator"])),
            draw(st.sampled_from(BookingStatus)),
        )
        for number, start in enumerate(starts)
    ]


@given(fleets(), st.randoms())
def test_the_same_as_comparing_each_with_each(bookings: list[Booking], order: st.randoms) -> None:  # type: ignore[valid-type]
    def days(one: Booking) -> set[date]:
        return {one.start_day + timedelta(days=n) for n in range((one.end_day - one.start_day).days + 1)}

    claiming = {"pending", "approved", "active"}
    expected: dict[str, set[str]] = {}
    for one in bookings:
        for other in bookings:
            if (
                one.id != other.id
                and one.placement == other.placement
                and {one.status.value, other.status.value} <= claiming
                and days(one) & days(other)
            ):
                expected.setdefault(one.id, set()).add(other.id)
    order.shuffle(bookings)
    found = conflicts(bookings)
    assert found == {id_: tuple(sorted(others)) for id_, others in expected.items()}
    assert list(found) == sorted(found)

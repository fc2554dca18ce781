"""What an operator is told of a booking's picture."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fleet_tui.bookings.model import Booking, BookingStatus, Creative, CreativeState, Price
from fleet_tui.present.inbox import InboxItem, booking_detail
from fleet_tui.present.line import plain
from fleet_tui.present.states import booking_badge, creative_badge

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def detail(creative: Creative, url: str | None = None) -> list[str]:
    booking = Booking(
        id="b1",
        sponsor="Honey",
        placement="top",
        start_day=date(2026, 6, 1),
        end_day=date(2026, 6, 2),
        status=BookingStatus.PENDING,
        version=1,
        price=Price(currency="EUR", total=100),
        creative=creative,
        creative_url=url,
        created_at=NOW,
    )
    return [plain(line).rstrip() for line in booking_detail(InboxItem("kasper", "Kasper", booking), NOW)]


@pytest.mark.parametrize(
    ("creative", "words"),
    [
        (Creative(), "? missing"),
        (Creative(state=CreativeState.CHECKING), "… being checked"),
        (Creative(state=CreativeState.REFUSED, refusal="animated"), "✗ refused · animated"),
        (
            Creative(state=CreativeState.READY, type="image/png", width=728, height=90),
            "✓ ready · image/png, 728 × 90",
        ),
    ],
)
def test_where_the_picture_is(creative: Creative, words: str) -> None:
    assert [line for line in detail(creative) if line.startswith("picture")] == [f"picture     {words}"]


def test_the_address_of_the_picture_comes_last_because_it_is_long() -> None:
    url = "https://bucket.example/picture?" + "x" * 900
    assert detail(Creative(state=CreativeState.READY), url)[-2:] == ["the picture, for some minutes:", url]
    assert not any("the picture," in line for line in detail(Creative()))


def test_every_state_has_its_word() -> None:
    assert len({creative_badge(state).word for state in CreativeState}) == len(CreativeState)
    assert len({booking_badge(status).word for status in BookingStatus}) == len(BookingStatus)

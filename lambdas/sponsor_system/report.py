"""What a booking has brought: views, clicks, and what was not counted and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sponsor_system.model import Value

_RATE_DIGITS = 4


class Dropped(Value):
    """Events that were not counted: of programs, too many a minute of a visitor, and repeated on a day."""

    bot: int = 0
    rate: int = 0
    repeated: int = 0


class Figures(Value):
    """What was counted.

    Args:
        click_rate: clicks for each view, or None without a view.
    """

    views: int
    clicks: int
    click_rate: float | None
    dropped: Dropped


class DayFigures(Figures):
    """What was counted on one UTC day."""

    day: date


class Report(Value):
    """What was counted for a booking, day by day and altogether; days without an event are left out."""

    booking: str
    total: Figures
    days: tuple[DayFigures, ...]


def report_of(booking_id: str, counted: Mapping[date, Mapping[str, int]]) -> Report:
    """The report from a booking's counters.

    Args:
        booking_id: whose.
        counted: day → counter (`views`, `clicks`, `dropped_bot` …) → events.
    """
    total: dict[str, int] = {}
    for counters in counted.values():
        for name, value in counters.items():
            total[name] = total.get(name, 0) + value
    return Report(
        booking=booking_id,
        total=Figures(**_figures(total)),
        days=tuple(DayFigures(day=day, **_figures(counted[day])) for day in sorted(counted)),
    )


def _figures(counters: Mapping[str, int]) -> dict[str, object]:
    views, clicks = counters.get("views", 0), counters.get("clicks", 0)
    return {
        "views": views,
        "clicks": clicks,
        "click_rate": round(clicks / views, _RATE_DIGITS) if views else None,
        "dropped": Dropped(**{name: counters.get(f"dropped_{name}", 0) for name in Dropped.model_fields}),
    }

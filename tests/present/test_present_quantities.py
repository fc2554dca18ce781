"""Amounts and times as they are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.present import quantity, spark

NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "long", "short"),
    [
        (timedelta(seconds=-5), "0s", "0s"),
        (timedelta(seconds=59), "59s", "59s"),
        (timedelta(minutes=20), "20m", "20m"),
        (timedelta(hours=1, minutes=12), "1h 12m", "1h"),
        (timedelta(hours=3), "3h", "3h"),
        (timedelta(days=2, hours=4), "2d 4h", "2d"),
        (timedelta(days=31, hours=4), "31d", "31d"),
    ],
)
def test_durations(span: timedelta, long: str, short: str) -> None:
    assert quantity.duration(span) == long
    assert quantity.brief(span) == short


def test_the_unknown_is_a_dash() -> None:
    assert (
        quantity.age(None, NOW)
        == quantity.count(None)
        == quantity.dollars(None)
        == quantity.bitrate(None)
        == "–"
    )


def test_money() -> None:
    assert quantity.dollars(Decimal("1204.5")) == "$1,205"
    assert quantity.dollars(Decimal("-3.456"), cents=True) == "-$3.46"
    assert quantity.dollars(Decimal("-0.2")) == "$0"
    assert quantity.money(120_000, "EUR") == "€1,200.00"
    assert quantity.money(-6_005, "CHF") == "-CHF 60.05"


def test_bitrates_and_days() -> None:
    assert quantity.bitrate(5_900_000) == "5.9 Mb/s"
    assert quantity.bitrate(850_000) == "850 kb/s"
    assert quantity.bitrate(999_900) == "1.0 Mb/s"
    assert quantity.days(date(2026, 11, 24), date(2026, 11, 30)) == "24 Nov – 30 Nov · 7 days"
    assert quantity.days(date(2026, 11, 24), date(2026, 11, 24)) == "24 Nov · 1 day"


amounts = st.decimals(min_value=0, max_value=10_000, places=2)


@given(amounts, amounts, amounts, st.integers(min_value=1, max_value=40))
def test_the_budget_bar_fills_its_width_and_tells_when_it_is_over(
    spent: Decimal, forecast: Decimal, budget: Decimal, width: int
) -> None:
    bar = spark.budget_bar(spent, forecast, budget, width)
    assert len(bar) == width
    assert (spark.OVER in bar) is (forecast > budget)


@given(st.lists(st.floats(min_value=0, max_value=1e9), max_size=200), st.integers(min_value=1, max_value=60))
def test_drawings_are_never_wider_than_asked(values: list[float], width: int) -> None:
    assert len(spark.sparkline(values, width)) == min(len(values), width)
    rows = spark.chart(values, width, 3, top=max(values, default=0.0))
    assert [len(row) for row in rows] == [min(len(values), width)] * 3


def test_a_drop_looks_like_a_drop() -> None:
    assert spark.sparkline([6, 6, 0, 3], 4) == "▇▇▁▄"
    assert spark.sparkline([6, 6, 0, 3], 4, top=12) == "▄▄▁▃"
    assert spark.chart([1, 2], 2, 2, top=2) == (" █", "██")

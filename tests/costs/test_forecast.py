from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.costs.forecast import forecast

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
MONEY = st.decimals(0, 10_000, places=4)


def month_of(today: date, costs: list[Decimal]) -> dict[date, Decimal]:
    """Costs for the days from the first of the month until today, as far as they go."""
    first = today.replace(day=1)
    return {first + timedelta(days=place): cost for place, cost in enumerate(costs[: today.day])}


@given(DAYS, st.lists(MONEY, max_size=31), MONEY)
def test_a_forecast_is_never_below_what_was_billed(today: date, costs: list[Decimal], estimate: Decimal):
    by_day = month_of(today, costs)
    assert forecast(by_day, estimate, today) >= sum(by_day.values())


@given(DAYS.filter(lambda day: day.day > 4), MONEY, MONEY)
def test_a_steady_spender_goes_on_like_that(today: date, daily: Decimal, estimate: Decimal):
    by_day = month_of(today, [daily] * (today.day - 1))
    days = calendar.monthrange(today.year, today.month)[1]
    assert abs(forecast(by_day, estimate, today) - daily * days) <= Decimal("0.01")


@given(DAYS, st.lists(MONEY, min_size=31, max_size=31), st.integers(0, 30), MONEY, MONEY)
def test_who_spends_more_is_never_expected_to_spend_less(
    today: date, costs: list[Decimal], place: int, more: Decimal, estimate: Decimal
):
    dearer = [cost + more if at == place else cost for at, cost in enumerate(costs)]
    low = forecast(month_of(today, costs), estimate, today)
    assert low <= forecast(month_of(today, dearer), estimate, today)


@given(DAYS, MONEY, MONEY)
def test_days_of_other_months_do_not_count(today: date, cost: Decimal, estimate: Decimal):
    other = {today.replace(day=1) - timedelta(days=1): cost}
    assert forecast(other, estimate, today) == forecast({}, estimate, today)


def test_on_the_first_the_estimate_stands():
    assert forecast({}, Decimal("93.10"), date(2026, 11, 1)) == Decimal("93.10")


def test_todays_bill_is_a_floor_and_no_rate():
    today = date(2026, 11, 11)
    by_day = month_of(today, [Decimal(1)] * 10 + [Decimal(100)])
    assert forecast(by_day, Decimal(0), today) == Decimal(110)
    by_day = month_of(today, [Decimal(1)] * 10 + [Decimal("0.1")])
    assert forecast(by_day, Decimal(0), today) == Decimal(30)


def test_fees_of_the_first_day_are_not_taken_for_a_habit():
    today = date(2026, 11, 6)
    by_day = month_of(today, [Decimal(50), *[Decimal(1)] * 4])
    assert forecast(by_day, Decimal(0), today) == Decimal(54 + 25)


def test_only_the_last_week_tells_what_comes():
    today = date(2026, 11, 21)
    by_day = month_of(today, [Decimal(10)] * 13 + [Decimal(2)] * 7)
    assert forecast(by_day, Decimal(0), today) == Decimal(130 + 14 + 20)

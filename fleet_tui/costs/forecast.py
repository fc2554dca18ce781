"""What a month will have cost when it is over."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

RECENT_DAYS = 7
"""Streaming follows the week: the last seven complete days are what the next ones will look like."""

ENOUGH_DAYS = 3
"""From so many complete days on the bill speaks for itself; before, the estimate fills up what is missing."""

_CENT = Decimal("0.01")


def forecast(by_day: Mapping[date, Decimal], estimate: Decimal, today: date) -> Decimal:
    """The expected cost of the whole month.

    What the complete days cost, and for every other day of the month the mean of the recent complete days.
    Days before today are complete; today's bill is not, and counts only as the floor. The first of the month
    is left out of the mean when there are enough other days, because fees by the month (hosted zones) are
    billed on it. With fewer than `ENOUGH_DAYS` the missing ones are taken from the estimate.

    Args:
        by_day: the bill of the month so far, US dollars by day (UTC). Days without an entry cost nothing.
        estimate: what the price book says of the whole month, US dollars.
        today: the present day, in UTC; the month is its month.

    Returns:
        US dollars, rounded up to cents; never less than what was billed already.
    """
    first = today.replace(day=1)
    days = calendar.monthrange(today.year, today.month)[1]
    complete = [by_day.get(first + timedelta(days=past), Decimal(0)) for past in range((today - first).days)]
    recent = complete[1:] if len(complete) > ENOUGH_DAYS else complete
    recent = recent[-RECENT_DAYS:]
    missing = max(0, ENOUGH_DAYS - len(recent))
    rate = (sum(recent, Decimal(0)) + missing * estimate / days) / (len(recent) + missing)
    billed = sum((cost for day, cost in by_day.items() if day.replace(day=1) == first), Decimal(0))
    expected = sum(complete, Decimal(0)) + rate * (days - len(complete))
    return max(expected, billed).quantize(_CENT, ROUND_CEILING)

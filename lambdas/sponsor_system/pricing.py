"""What a booking costs: rate times days, less one discount for its length. Integer minor units throughout."""

from __future__ import annotations

from sponsor_system.model import Placement, Price, PriceLine

DISCOUNTS = ((30, 15), (14, 10), (7, 5))
"""From so many days on, so many per cent off the whole booking; the longest that is reached counts alone."""

_MINOR_PER_MAJOR = 100  # every currency that can be configured (EUR, USD, GBP, CHF) has cents


def discount_percent(days: int) -> int:
    """Per cent off for a booking of this many days."""
    return next((percent for from_days, percent in DISCOUNTS if days >= from_days), 0)


def price_of(placement: Placement, days: int, rate: int, currency: str) -> Price:
    """The price of a booking, line by line.

    A discount that is not a whole minor unit is rounded down, so that it never exceeds its percentage.
    A day's average price never rises with length; the total can fall where a discount begins (29 to 30 days).

    Args:
        placement: what is booked.
        days: how many days, at least 1.
        rate: minor units a day, at least 0.
        currency: ISO 4217 code of a currency with two decimals.
    """
    base = rate * days
    lines = [
        PriceLine(
            label=f"{placement}: {days} {'day' if days == 1 else 'days'} at {_amount(rate, currency)}",
            amount=base,
        )
    ]
    percent = discount_percent(days)
    if percent:
        from_days = next(start for start, value in DISCOUNTS if value == percent)
        lines.append(
            PriceLine(label=f"{percent} % off from {from_days} days", amount=-(base * percent // 100))
        )
    return Price(currency=currency, total=sum(line.amount for line in lines), lines=tuple(lines))


def _amount(minor: int, currency: str) -> str:
    major, cents = divmod(minor, _MINOR_PER_MAJOR)
    return f"{major}.{cents:02d} {currency}"

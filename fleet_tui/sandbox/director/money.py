"""What the creators' accounts cost: plausible days, scaled to each creator's budget. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from fleet_tui.registry.modules import ChannelType
from fleet_tui.sandbox.director.cast import Member
from fleet_tui.sandbox.director.dice import about, fraction

IVS = "Amazon Interactive Video Service"

SHARES: dict[str, tuple[float, float]] = {
    IVS: (0.62, 0.0),
    "Amazon CloudFront": (0.10, 0.34),
    "Amazon Simple Storage Service": (0.06, 0.12),
    "Amazon DynamoDB": (0.05, 0.16),
    "AWS Lambda": (0.04, 0.12),
    "Amazon API Gateway": (0.04, 0.10),
    "AmazonCloudWatch": (0.05, 0.10),
    "Amazon Route 53": (0.04, 0.06),
}
"""Service → its share of a month's cost for a creator who streams, and for one who does not."""

USE_OF_BUDGET = {"juno-jade": 1.55, "pia-prisma": 0.58, "otto-okto": 0.93, "kasper": 0.84}
"""Share of the budget that a month comes to; juno-jade is heading over hers."""

USUAL_USE = 0.7
SMALLEST = Decimal("0.0001")
RESTS = 2 / 7
"""Share of days without a stream."""

INPUT_SHARE = 0.5
"""Share of what IVS costs that is for input; the rest is for output."""

INPUT_HOUR = {
    ChannelType.BASIC: 0.20,
    ChannelType.STANDARD: 2.00,
    ChannelType.ADVANCED_SD: 0.50,
    ChannelType.ADVANCED_HD: 0.85,
}
OUTPUT_HOUR = 0.075
"""US dollars an hour, near enough for the usage to match the bill (https://aws.amazon.com/ivs/pricing/)."""
MONTH_DAYS = 30.4


class Spending(NamedTuple):
    """What a service costs on a day, in US dollars."""

    day: date
    service: str
    usd: Decimal


def first_day(today: date) -> date:
    """Where the books begin: the first day of the month before."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def spendings(member: Member, start: date, today: date, elapsed: float, seed: int) -> Iterator[Spending]:
    """What was spent from `start` until today.

    Args:
        member: whose account.
        start: the first day.
        today: the last day, which is not over.
        elapsed: share of today that has passed, 0 to 1.
        seed: of the story.
    """
    day = start
    while day <= today:
        for service, usd in _day(member, day, seed):
            yield Spending(
                day, service, (usd * Decimal(str(elapsed)) if day == today else usd).quantize(SMALLEST)
            )
        day += timedelta(days=1)


def _day(member: Member, day: date, seed: int) -> Iterator[tuple[str, Decimal]]:
    usual = float(member.budget) * USE_OF_BUDGET.get(member.slug, USUAL_USE) / MONTH_DAYS
    for service, (streaming, resting) in SHARES.items():
        share = resting if member.channel_type is None else streaming
        if service == IVS:
            share *= _air_time(member, day, seed)
        if share > 0:
            yield service, Decimal(str(about(usual * share, 0.12, seed, member.slug, service, day)))


def _air_time(member: Member, day: date, seed: int) -> float:
    """How much of an average day's streaming a day has."""
    return 0.0 if fraction(seed, member.slug, "rest", day) < RESTS else 1 / (1 - RESTS)


class Usage(NamedTuple):
    """How long was streamed on a day, and watched by all viewers together, in seconds."""

    day: date
    live_input: float
    live_delivered: float


def usage(member: Member, start: date, today: date, elapsed: float, seed: int) -> Iterator[Usage]:
    """The streaming that the spendings of IVS are for; arguments as for `spendings`."""
    if member.channel_type is None:
        return
    for spending in spendings(member, start, today, elapsed, seed):
        if spending.service == IVS:
            usd = float(spending.usd)
            hours = usd * INPUT_SHARE / INPUT_HOUR[member.channel_type]
            watched = usd * (1 - INPUT_SHARE) / OUTPUT_HOUR
            yield Usage(spending.day, hours * 3600, watched * 3600)

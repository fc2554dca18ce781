"""Amounts and times as a person reads them at a glance: few digits, unit always there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

UNKNOWN = "–"
"""What stands where nothing is known. It never looks like a good value."""

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}


def duration(span: timedelta) -> str:
    """At most two units: `14s`, `20m`, `1h 12m`, `2d 4h`, `31d`. Negative spans count as none."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 60:
        return f"{minutes}m"
    if hours < 24:
        return f"{hours}h {minutes % 60}m" if minutes % 60 else f"{hours}h"
    if days < 7 and hours % 24:
        return f"{days}d {hours % 24}h"
    return f"{days}d"


def brief(span: timedelta) -> str:
    """One unit only, for narrow places: `14s`, `20m`, `5h`, `2d`."""
    return duration(span).split(" ", 1)[0]


def age(moment: datetime | None, now: datetime, *, short: bool = False) -> str:
    """How long ago `moment` was, as `duration` writes it; `–` where it is unknown."""
    if moment is None:
        return UNKNOWN
    return (brief if short else duration)(now - moment)


def count(number: float | None) -> str:
    """`1,204`; `–` where it is unknown."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def dollars(amount: Decimal | None, *, cents: bool = False) -> str:
    """`$1,204`, or `$1,204.50` with cents; `–` where it is unknown."""
    if amount is None:
        return UNKNOWN
    exact = amount.quantize(Decimal("0.01") if cents else Decimal(1), rounding=ROUND_HALF_UP)
    return f"-${-exact:,}" if exact < 0 else f"${abs(exact):,}"


def money(minor: int, currency: str) -> str:
    """Minor units of a currency with two decimals: `€1,200.00`, `-€60.00`, `CHF 20.00`."""
    sign = _SIGNS.get(currency, f"{currency} ")
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{sign}{whole:,}.{cents:02d}"


def bitrate(bits_per_second: float | None) -> str:
    """`5.9 Mb/s`, `850 kb/s`; `–` where it is unknown."""
    if bits_per_second is None:
        return UNKNOWN
    if bits_per_second >= 999_500:
        return f"{bits_per_second / 1e6:.1f} Mb/s"
    return f"{bits_per_second / 1e3:.0f} kb/s"


def days(start: date, end: date) -> str:
    """Both days included: `24 Nov – 30 Nov · 7 days`."""
    length = (end - start).days + 1
    if length == 1:
        return f"{start:%-d %b} · 1 day"
    return f"{start:%-d %b} – {end:%-d %b} · {length} days"

"""Orders as rows for bookkeeping: CSV that no spreadsheet takes for anything but text and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from shared.problems import invalid
from shared.spreadsheets import csv_of_rows
from shop.order import Order

MAX_DAYS = 366
MAX_ROWS = 10_000
"""Some 2.5 MB, under the 6 MB that a function can answer with."""

COLUMNS = (
    "order",
    "status",
    "paid_at",
    "email",
    "name",
    "country",
    "items",
    "shipping",
    "total",
    "given_back",
    "currency",
    "payment",
)


def span_of(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments between which the days (UTC) lie, both days included.

    Raises:
        ProblemError: 422, the last day is before the first or too long after it.
    """
    days = (last - first).days + 1
    if not 1 <= days <= MAX_DAYS or last == date.max:
        raise invalid([("/to", f"must be 0 to {MAX_DAYS - 1} days after from")])
    start = datetime.combine(first, time(), UTC)
    return start, start + timedelta(days=days)


def csv_of(orders: Iterable[Order]) -> str:
    """A header and a row for each order, by the time of payment; amounts in minor units.

    Raises:
        ProblemError: 422, there are more than `MAX_ROWS`.
    """
    found: list[Order] = []
    for order in orders:
        found.append(order)
        if len(found) > MAX_ROWS:
            raise invalid([("/from", f"There are more than {MAX_ROWS} orders; ask for fewer days")])
    by_payment = sorted(found, key=lambda order: (order.paid_at or order.created_at, order.id))
    return csv_of_rows(COLUMNS, map(_row, by_payment))


def _row(order: Order) -> tuple[str | int, ...]:
    return (
        order.id,
        order.status.value,
        order.paid_at.isoformat(timespec="seconds") if order.paid_at else "",
        order.email,
        order.address.name if order.address else "",
        order.address.country if order.address else "",
        "; ".join(f"{line.quantity} x {line.title} at {line.price}" for line in order.lines),
        order.shipping,
        order.total,
        order.given_back,
        order.currency,
        order.payment_intent or "",
    )

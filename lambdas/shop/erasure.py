"""What of a customer's orders stays when they want to be forgotten, and why. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from shared.privacy import Kept, tax_reason, tax_records_until
from shop.order import Order

LATE_PAYMENT = timedelta(days=30)
"""After the hold: long enough for every late payment. What was not paid by then is forgotten."""

# Who of the shop did what, how the order is guarded and how the table keeps it say nothing of the customer.
_NOT_THE_CUSTOMERS: Mapping[str, Any] = {
    "token_salt": True,
    "token_digest": True,
    "version": True,
    "holding": True,
    "fulfilled_by": True,
    "review": True,
    "refunds": {"__all__": {"by": True}},
    "lines": {"__all__": {"counted": True}},
}


def document_of(order: Order) -> JsonValue:
    """An order as its customer gets it."""
    document: JsonValue = order.model_dump(mode="json", exclude=_NOT_THE_CUSTOMERS)
    return document


def why_kept(order: Order, now: datetime) -> tuple[str, str] | None:
    """What an order is that has to stay, and why; None where it may go.

    Args:
        order: as it is.
        now: the moment of the question.
    """
    if order.paid_at:
        until = tax_records_until(max([order.paid_at, *(refund.asked_at for refund in order.refunds)]))
        if now.date() <= until:
            return "paid orders", tax_reason(until)
    elif order.review:
        return "orders with a payment that does not fit them", "until the shop has cleared them up"
    elif order.payment_intent and not order.cancelled_at and now < order.hold_until + LATE_PAYMENT:
        until = (order.hold_until + LATE_PAYMENT).date()
        return (
            "orders that may still be paid",
            f"the payment was begun; not paid, they go by {until} by themselves",
        )
    return None


def kept_of(orders: Iterable[Order], now: datetime) -> tuple[Kept, ...]:
    """What stays of these orders, by what and why."""
    reasons = Counter(reason for order in orders if (reason := why_kept(order, now)))
    return tuple(Kept(what=what, count=count, why=why) for (what, why), count in sorted(reasons.items()))

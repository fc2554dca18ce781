"""Which mails an order's customer is due.

The first one comes with the money: before it nobody has shown that the address is their own, and anyone could
have mail sent to anyone.
"""

from __future__ import annotations

from collections.abc import Iterator

from shop.order import SHOP, Order
from shop.texts import Mail


def mails_due(order: Order) -> Iterator[tuple[str, Mail]]:
    """Every mail that the facts call for: its name, of which each goes out once, and what it is about."""
    if order.paid_at is None:
        return
    if any(refund.by == SHOP for refund in order.refunds):
        yield Mail.SOLD_OUT.value, Mail.SOLD_OUT
        return
    yield Mail.PAID.value, Mail.PAID
    if order.fulfilled_at:
        yield Mail.FULFILLED.value, Mail.FULFILLED
    if order.given_back:
        yield f"{Mail.REFUNDED}-{order.given_back}", Mail.REFUNDED

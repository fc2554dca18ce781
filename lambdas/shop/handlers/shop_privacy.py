"""What the shop keeps of a customer: handed out, or erased as far as it may be."""

from __future__ import annotations

from datetime import datetime

from shared.privacy import Erased, Exported, Person, privacy
from shared.telemetry import logger
from shop.erasure import document_of, kept_of, why_kept
from shop.order import Order
from shop.orders_table import OrdersTable
from shop.products_table import ProductsTable
from shop.settings import settings

orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))


def export(person: Person) -> Exported:
    """The orders that were placed with the person's address."""
    found = _found(person)
    return Exported(documents={"orders": [document_of(order) for order in found]} if found else {})


def erase(person: Person, now: datetime) -> Erased:
    """Delete the orders that nothing speaks for keeping; those that hold goods give them back."""
    found = _found(person)
    gone = sum(
        orders.forget(order.id, lambda seen: why_kept(seen, now) is None, now)
        for order in found
        if why_kept(order, now) is None
    )
    logger.info("customer erased", orders=gone)
    return Erased(erased=gone, kept=kept_of(found, now))


def _found(person: Person) -> list[Order]:
    """Orders know nothing of members: the address is all that they are found by."""
    return orders.of_person(person.email) if person.email else []


handler = privacy(export, erase)

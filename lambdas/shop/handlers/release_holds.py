"""Every few minutes: orders that nobody paid give their items back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.background import background
from shared.problems import ProblemError
from shared.telemetry import count, logger
from shop.orders_table import OrdersTable
from shop.payment import expire
from shop.products_table import ProductsTable
from shop.settings import settings

orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))


def release_holds(event: dict[str, Any], now: datetime) -> None:
    """Expire every open order whose hold is over; what is contended waits for the next time."""
    for order in orders.overdue(now):
        try:
            _, is_changed = orders.change(order.id, lambda seen: expire(seen, now), now)
        except ProblemError as problem:
            logger.warning("hold not released", order=order.id, problem=problem.name)
            count("HoldsContended")
            continue
        if is_changed:
            logger.info("hold released", order=order.id)
            count("HoldsReleased")


handler = background(release_holds)

"""Refunds that were asked for are made at Stripe: as soon as an order asks, and on time what was left over.

Asking again is safe, because every refund has an idempotency key of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.background import background
from shared.problems import ProblemError
from shared.stripe_secrets import STRIPE_KEY, Secrets
from shared.telemetry import count, logger
from shop.order import Order, Refund, RefundState, Status
from shop.orders_table import OrdersTable, order_of
from shop.payment import refund_made, refund_refused
from shop.products_table import ProductsTable
from shop.settings import settings
from shop.stripe_api import RefundRefusedError, connection

orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))
keys = Secrets(settings().stripe_key_parameter, STRIPE_KEY)


def make_refunds(event: dict[str, Any], now: datetime) -> None:
    """Make what is due of the orders that have changed, or of all when the schedule calls.

    Raises:
        ProblemError: some could not be made and are still due; all others were tried.
    """
    failed: ProblemError | None = None
    for order in _orders_of(event):
        for refund in order.refunds:
            if refund.state is RefundState.DUE:
                try:
                    _make(order, refund, now)
                except ProblemError as problem:
                    logger.warning("refund waits", order=order.id, problem=problem.name)
                    failed = problem
    if failed:
        raise failed


def _orders_of(event: dict[str, Any]) -> Iterator[Order]:
    if "Records" not in event:
        yield from orders.in_status(Status.REFUNDING)
        return
    for record in event["Records"]:
        # An image is as old as the stream is late.
        if order := orders.get(order_of(record["dynamodb"]["NewImage"]).id):
            yield order


def _make(order: Order, refund: Refund, now: datetime) -> None:
    stripe = connection(keys.at(now)[0], os.environ["CREATOR_SLUG"], settings().stripe_api_base)
    try:
        made = stripe.refund(order, refund)
    except RefundRefusedError as refused:
        all_back = refused.all_back
        orders.change(order.id, lambda seen: refund_refused(seen, refund.number, all_back=all_back), now)
        if not all_back:
            count("OrdersFlagged")
        return
    orders.change(order.id, lambda seen: refund_made(seen, refund.number, made), now)
    logger.info("refund made", order=order.id, number=refund.number)
    count("RefundsMade")


handler = background(make_refunds)

"""From the stream of the orders' table: the customer hears of each step once."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from shared.background import background
from shared.mail import send
from shared.telemetry import logger
from shop.mails import mails_due
from shop.order import Order
from shop.orders_table import OrdersTable, order_of
from shop.products_table import ProductsTable
from shop.settings import settings
from shop.texts import Mail, text_of

orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))


def send_order_mails(event: dict[str, Any], now: datetime) -> None:
    """Send what the changed orders call for and has not been sent."""
    for record in event["Records"]:
        order = order_of(record["dynamodb"]["NewImage"])
        for name, mail in mails_due(order):
            if orders.claim_mail(order.id, name):
                _send(order, name, mail)


def _send(order: Order, name: str, mail: Mail) -> None:
    """Send a mail; a claim on one that SES did not take is given up: the next try or change sends it."""
    text = text_of(mail, order, shop=os.environ["CREATOR_NAME"], language=os.environ["CREATOR_LANGUAGE"])
    sent = False
    try:
        sent = send(order.email, text.subject, text.body)
    finally:
        if not sent:
            orders.release_mail(order.id, name)
    logger.info("order mail", order=order.id, mail=mail, sent=sent)


handler = background(send_order_mails)

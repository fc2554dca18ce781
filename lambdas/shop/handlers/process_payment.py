"""`POST /orders/{id}/payment`: the customer wants to pay."""

from __future__ import annotations

import os

from shared.api import Api, Call
from shared.stripe_secrets import STRIPE_KEY, Secrets, not_set_up
from shared.telemetry import count, logger
from shop.order import PaymentStart
from shop.orders_table import OrdersTable
from shop.payment import intend, payable
from shop.products_table import ProductsTable
from shop.settings import settings
from shop.stripe_api import connection
from shop.tokens import opened

api = Api()
orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))
keys = Secrets(settings().stripe_key_parameter, STRIPE_KEY)


@api.post(
    "/orders/{id}/payment",
    refusals={
        404: "There is no such order, or the token is not its own.",
        409: "It is paid already, or its hold is over.",
        503: "Payments are not set up, or Stripe does not answer.",
    },
)
def process_payment(call: Call) -> PaymentStart:
    """Open the payment at Stripe, the same one however often it is asked for."""
    order = opened(orders.get(call.path["id"]), call)
    payable(order, call.now)
    if not settings().publishable_key:
        raise not_set_up()
    stripe = connection(keys.at(call.now)[0], os.environ["CREATOR_SLUG"], settings().stripe_api_base)
    if order.payment_intent:
        secret = stripe.payment_secret(order.payment_intent)
    else:
        intent, secret = stripe.open_payment(order)
        orders.change(order.id, lambda seen: intend(seen, intent), call.now)
        logger.info("payment opened", order=order.id)
        count("PaymentsOpened")
    return PaymentStart(
        client_secret=secret,
        publishable_key=settings().publishable_key,
        amount=order.total,
        currency=order.currency,
    )


handler = api.handler

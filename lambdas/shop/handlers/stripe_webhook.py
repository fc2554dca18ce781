"""`POST /stripe/webhook`: Stripe tells what became of payments."""

from __future__ import annotations

import os
from datetime import datetime
from http import HTTPStatus

from shared.api import Api, Call, raw_body_of
from shared.problems import ProblemError
from shared.stripe_events import MAX_BYTES, checked
from shared.stripe_secrets import WEBHOOK_SECRET, Secrets
from shared.telemetry import count, logger
from shop.order import Handled, Outcome
from shop.orders_table import OrdersTable
from shop.payment import PaymentEvent, apply
from shop.products_table import ProductsTable
from shop.settings import settings
from shop.stripe_events import payment_event_of

api = Api()
orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))
secrets = Secrets(settings().webhook_secret_parameter, WEBHOOK_SECRET)


@api.post(
    "/stripe/webhook",
    raw_body=True,
    refusals={
        400: "It is not signed by Stripe, or no event.",
        503: "The signing secret is not set up, or the tables are contended; Stripe tries again.",
    },
)
def stripe_webhook(call: Call) -> Handled:
    """Take note of what happened, once, in whatever order it is told."""
    signing_secrets = secrets.at(call.now)
    body = raw_body_of(call.event, MAX_BYTES)
    event = checked(body, call.header("stripe-signature") or "", signing_secrets)
    told = payment_event_of(event)
    order_id = _order_of(told) if told else None
    if told is None or order_id is None:
        return Handled(outcome=Outcome.IGNORED)
    outcome = _apply(told, order_id, call.now)
    logger.info("stripe event", kind=told.kind, order=order_id, outcome=outcome)
    if outcome is Outcome.FLAGGED:
        count("OrdersFlagged")
    return Handled(outcome=outcome)


def _apply(told: PaymentEvent, order_id: str, now: datetime) -> Outcome:
    creator = os.environ["CREATOR_SLUG"]
    try:
        order, is_changed = orders.change(
            order_id, lambda seen: apply(seen, told, creator), now, event_id=told.id
        )
    except ProblemError as problem:
        if problem.status != HTTPStatus.NOT_FOUND:
            raise
        return Outcome.FLAGGED  # nobody paid it for so long that it was forgotten
    if not is_changed:
        return Outcome.KNOWN
    return Outcome.FLAGGED if order.review else Outcome.APPLIED


def _order_of(told: PaymentEvent) -> str | None:
    """The order that the event is about; None for what else is paid by the same Stripe account."""
    if order_id := orders.of_payment(told.intent):
        return order_id
    if told.creator == os.environ["CREATOR_SLUG"] and told.order and orders.get(told.order):
        return told.order
    return None


handler = api.handler

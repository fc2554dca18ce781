"""`POST /orders` and `GET /orders/{id}`: a customer orders, and looks how the order stands."""

from __future__ import annotations

from shared.api import Api, Call
from shared.idempotency import idempotency_of
from shared.problems import ProblemError
from shared.telemetry import count, logger
from shared.visits import Visits
from shop.ids import new_order_id
from shop.order import Checkout, OrderState, Receipt, receipt_of, state_of
from shop.ordering import open_order
from shop.orders_table import OrdersTable
from shop.products_table import ProductsTable
from shop.settings import settings
from shop.tokens import digest_of, new_salt, opened, token_of

ORDERS_PER_HOUR = 20
"""Of one visitor: every order holds goods that nobody else can buy meanwhile."""

api = Api()
orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))
visits = Visits(settings().orders_table)


@api.post(
    "/orders",
    status=201,
    refusals={
        400: "The Idempotency-Key is missing or not valid.",
        409: "There is less of a product than was ordered.",
        429: "Too many orders.",
        503: "The tables are contended; nothing was ordered.",
    },
)
def create_order(call: Call, body: Checkout) -> Receipt:
    """Hold the items for the customer, at the prices of now, until the order is paid or the hold is over."""
    idempotency = idempotency_of(call, body)
    if idempotency is None:
        raise ProblemError(
            400,
            "no-idempotency-key",
            "The idempotency key is missing",
            "Send a fresh UUID as Idempotency-Key, and the same one when you repeat the request.",
        )
    if visits.over_rate(visits.visitor_of(call), call.now, span="ORDERS#%H", limit=ORDERS_PER_HOUR):
        raise ProblemError(
            429,
            "too-many-orders",
            "Too many orders",
            "Pay for what you have ordered, or try again in an hour.",
            headers={"Retry-After": "3600"},
        )
    key = call.header("idempotency-key") or ""
    order_id, salt = new_order_id(), new_salt()
    order, is_new = orders.add(
        idempotency,
        lambda products: open_order(
            body,
            products,
            settings(),
            order_id=order_id,
            token_salt=salt,
            token_digest=digest_of(token_of(order_id, salt, key)),
            now=call.now,
        ),
        sorted({wish.product for wish in body.items}),
        call.now,
    )
    logger.info("order received", order=order.id, lines=len(order.lines), new=is_new)
    if is_new:
        count("OrdersReceived")
    return receipt_of(order, token_of(order.id, order.token_salt, key))


@api.get("/orders/{id}", refusals={404: "There is no such order, or the token is not its own."})
def get_order(call: Call) -> OrderState:
    """How the order stands, for whoever has its token."""
    return state_of(opened(orders.get(call.path["id"]), call))


handler = api.handler

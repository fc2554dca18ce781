"""What operators do with orders: list, send, refund, look at what was flagged, export."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.api import Api, Call
from shared.callers import Caller
from shared.fields import Day
from shared.pages import Cursor, Limit
from shared.spreadsheets import csv_file
from shared.telemetry import count, logger
from shop.export import csv_of, span_of
from shop.order import Fulfilment, OrderPage, RefundWish, Review, ShownOrder, Status, shown
from shop.orders_table import OrdersTable
from shop.payment import ask_refund, fulfil, reviewed
from shop.products_table import ProductsTable
from shop.settings import settings

_MISSING, _CONTENDED = "There is no such order.", "The tables are contended; nothing was changed."


class Query(BaseModel):
    """The query string.

    Args:
        limit: most orders on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    status: Status = Status.PAID
    limit: Limit = 50
    cursor: Cursor | None = None


class Span(BaseModel):
    """The query string: the first and the last day on which money came, UTC."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


api = Api()
orders = OrdersTable(settings().orders_table, ProductsTable(settings().products_table))


@api.get("/orders", by=Caller.OPERATOR, refusals={400: "The cursor is not one of this list."})
def list_orders(call: Call, query: Query) -> OrderPage:
    """A page of whole orders of one status; the last page has no `next_cursor`."""
    found, cursor = orders.page(query.status, limit=query.limit, cursor=query.cursor)
    return OrderPage(orders=tuple(map(shown, found)), next_cursor=cursor)


@api.get("/orders/export", by=Caller.OPERATOR, status=200)
def export_orders(call: Call, query: Span) -> Response[str]:
    """Orders by the day on which they were paid, as CSV."""
    text = csv_of(orders.paid_between(*span_of(query.first, query.last)))
    return csv_file(f"orders-{query.first}-{query.last}.csv", text)


@api.put(
    "/orders/{id}/fulfilled",
    by=Caller.OPERATOR,
    refusals={404: _MISSING, 409: "Changed since it was read, or not to be sent.", 503: _CONTENDED},
)
def fulfil_order(call: Call, body: Fulfilment) -> ShownOrder:
    """What was ordered is on its way; the customer is told."""
    order, _ = orders.change(
        call.path["id"], lambda seen: fulfil(seen, body, operator=call.operator, now=call.now), call.now
    )
    logger.info("order fulfilled", order=order.id)
    count("OrdersFulfilled")
    return shown(order)


@api.post(
    "/orders/{id}/refund",
    by=Caller.OPERATOR,
    status=202,
    refusals={404: _MISSING, 409: "Changed since it was read, or nothing to give back.", 503: _CONTENDED},
)
def refund_order(call: Call, body: RefundWish) -> ShownOrder:
    """Have money given back; the order is `refunding` until Stripe has taken it, some seconds later."""
    order, _ = orders.change(
        call.path["id"], lambda seen: ask_refund(seen, body, operator=call.operator, now=call.now), call.now
    )
    logger.info("refund asked", order=order.id)
    count("RefundsAsked")
    return shown(order)


@api.put(
    "/orders/{id}/reviewed",
    by=Caller.OPERATOR,
    refusals={404: _MISSING, 409: "Changed since it was read.", 503: _CONTENDED},
)
def review_order(call: Call, body: Review) -> ShownOrder:
    """What was flagged has been looked at; the order goes on as its payments say."""
    order, _ = orders.change(call.path["id"], lambda seen: reviewed(seen, body), call.now)
    logger.info("order reviewed", order=order.id)
    return shown(order)


handler = api.handler

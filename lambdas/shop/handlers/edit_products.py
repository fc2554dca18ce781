"""What editors do with products: the creator's admins, and operators.

Every route is there twice and does the same: below `/shop/products` for admins, by their token, and below
`/operator/products` for operators, by their signature, so that a shop works without members, too.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.api import Api, Call, Handler
from shared.callers import Caller
from shared.idempotency import idempotency_of
from shared.pages import Cursor, Limit
from shared.problems import ProblemError, not_found
from shared.telemetry import logger
from shared.uploads import INCOMING, UploadForm, discard, upload_form
from shop.ids import new_product_id
from shop.product import (
    IMAGE_LIMITS,
    MAX_IMAGES,
    Edit,
    Move,
    NewImage,
    NewProduct,
    Product,
    ProductPage,
    Restock,
    Status,
    edit,
    move,
    open_product,
)
from shop.products_table import ProductsTable
from shop.settings import settings

_CHANGES = {
    404: "There is no such product.",
    409: "It has changed since it was read.",
    503: "The table is contended; nothing was changed.",
}


class Query(BaseModel):
    """The query string.

    Args:
        limit: most products on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    status: Status = Status.DRAFT
    limit: Limit = 50
    cursor: Cursor | None = None


api = Api()
products = ProductsTable(settings().products_table)


def for_editors(method: str, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
    """Declare a route for admins and the same for operators; see `Api.route`."""

    def declare(function: Handler) -> Handler:
        api.route(method, f"/shop/products{path}", by=Caller.ADMIN, **options)(function)
        return api.route(method, f"/operator/products{path}", by=Caller.OPERATOR, **options)(function)

    return declare


@for_editors("GET", refusals={400: "The cursor is not one of this list."})
def list_products(call: Call, query: Query) -> ProductPage:
    """A page of whole products of one status; the last page has no `next_cursor`."""
    found, cursor = products.page(query.status, None, limit=query.limit, cursor=query.cursor)
    return ProductPage(products=tuple(found), next_cursor=cursor)


@for_editors("POST", status=201, refusals={400: "The Idempotency-Key is not valid.", 503: "Contended."})
def create_product(call: Call, body: NewProduct) -> Product:
    """A new product, as a draft."""
    product = open_product(body, product_id=new_product_id(), currency=settings().currency, now=call.now)
    stored = products.add(product, idempotency_of(call, body), call.now)
    logger.info("product created", product=stored.id)
    return stored


@for_editors("GET", "/{id}", refusals={404: "There is no such product."})
def read_product(call: Call) -> Product:
    """One product, whole."""
    return _present(call)


@for_editors("PUT", "/{id}", refusals=_CHANGES)
def edit_product(call: Call, body: Edit) -> Product:
    """New content; pictures that are not named any more go away."""
    dropped: set[str] = set()

    def rule(seen: Product) -> Product:
        made = edit(seen, body, currency=settings().currency, now=call.now)
        dropped.clear()
        dropped.update(set(seen.images) - set(made.images))
        return made

    product = products.change(call.path["id"], rule)
    for path in dropped:
        discard(settings().images_bucket, path.removeprefix("/"))
    return product


@for_editors("PUT", "/{id}/status", refusals=_CHANGES)
def move_product(call: Call, body: Move) -> Product:
    """Publish, take back, or archive."""
    product = products.change(call.path["id"], lambda seen: move(seen, body, now=call.now))
    logger.info("product moved", product=product.id, status=product.status)
    return product


@for_editors("PUT", "/{id}/stock", refusals=_CHANGES)
def restock_product(call: Call, body: Restock) -> Product:
    """A new stock, if it still is what was seen."""
    return products.restock(call.path["id"], body)


@for_editors(
    "POST", "/{id}/images", refusals={404: "There is no such product.", 409: "It has all that it may."}
)
def add_image(call: Call, body: NewImage) -> UploadForm:
    """A form to upload a picture with; some seconds later the product has it, if it was good."""
    product = _present(call)
    if len(product.images) >= MAX_IMAGES:
        raise ProblemError(
            409,
            "too-many-images",
            "There are enough pictures",
            f"A product has at most {MAX_IMAGES} pictures.",
        )
    return upload_form(
        settings().images_bucket,
        f"{INCOMING}{product.id}/{secrets.token_hex(16)}",
        media_type=body.type.value,
        max_bytes=IMAGE_LIMITS.max_bytes,
        now=call.now,
    )


def _present(call: Call) -> Product:
    product = products.get(call.path["id"])
    if product is None:
        raise not_found("such product")
    return product


handler = api.handler

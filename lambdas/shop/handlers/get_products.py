"""`GET /products?category=&limit=&cursor=` and `GET /products/{id}`: what the shop sells."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from shared.api import Api, Call
from shared.pages import Cursor, Limit
from shared.problems import not_found
from shop.product import Category, ShownPage, ShownProduct, Status, shown
from shop.products_table import ProductsTable
from shop.settings import settings

MAX_AGE_S = 30


class Query(BaseModel):
    """The query string.

    Args:
        category: only products of it.
        limit: most products on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    category: Category | None = None
    limit: Limit = 24
    cursor: Cursor | None = None


api = Api()
products = ProductsTable(settings().products_table)


@api.get("/products", refusals={400: "The cursor is not one of this list."})
def get_products(call: Call, query: Query) -> ShownPage:
    """A page of what is for sale, by category; the last page has no `next_cursor`."""
    call.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    found, cursor = products.page(Status.PUBLISHED, query.category, limit=query.limit, cursor=query.cursor)
    return ShownPage(products=tuple(map(shown, found)), next_cursor=cursor)


@api.get("/products/{id}", refusals={404: "There is no such product."})
def get_product(call: Call) -> ShownProduct:
    """One product that is for sale."""
    product = products.get(call.path["id"])
    if product is None or product.status is not Status.PUBLISHED:
        raise not_found("such product")
    call.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    return shown(product)


handler = api.handler

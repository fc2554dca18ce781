"""Products and their stock.

Table `PRODUCTS_TABLE`, keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all attributes), TTL `expires_at`:

| item    | pk           | sk      | gsi1pk             | gsi1sk                        |
|---------|--------------|---------|--------------------|-------------------------------|
| product | PRODUCT#<id> | PRODUCT | STATUS#<status>    | <category>#<created_at>#<id>  |

The items of `shared.idempotency` lie beside them. Orders change `stock` and nothing else, editors change all
but `stock`, and the stock by itself: so that neither undoes what the other has done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from shared.idempotency import Idempotency
from shared.pages import Listing
from shared.problems import ProblemError, busy, not_found
from shared.tables import attempts, pack, read_together, write_together
from shop.ids import is_product_id
from shop.product import Product, Restock, Status

if TYPE_CHECKING:
    from datetime import datetime

    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_KEYS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk", "expires_at"})


class ProductsTable:
    """Reads and writes products; every write is conditional on what was read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def add(self, product: Product, idempotency: Idempotency | None, now: datetime) -> Product:
        """Store a new product; the earlier one when the idempotency key came with the same content before.

        Raises:
            ProblemError: 422 when the key came with other content before; 503 when the table stays contended.
        """
        values = {**_values(product), **_key(product.id), "stock": product.stock}
        writes: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": self._name,
                    "Item": pack(values),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
        ]
        if idempotency:
            writes.append(idempotency.put(self._name, product.id, now))
        for _ in attempts():
            if not write_together(writes):
                return product
            earlier = idempotency.earlier(self._name, now) if idempotency else None
            if earlier and (stored := self.get(earlier)):
                return stored
        raise busy()

    def get(self, product_id: str) -> Product | None:
        """One product, strongly consistent."""
        return self.read([product_id]).get(product_id) if is_product_id(product_id) else None

    def read(self, product_ids: Iterable[str]) -> dict[str, Product]:
        """Up to 100 products by id, strongly consistent; unknown ones are left out."""
        keys = [(f"PRODUCT#{product_id}", "PRODUCT") for product_id in product_ids]
        products = [_product(values) for values in read_together(self._name, keys)] if keys else []
        return {product.id: product for product in products}

    def page(
        self, status: Status, category: str | None, *, limit: int, cursor: str | None
    ) -> tuple[list[Product], str | None]:
        """One page of products of a status, by category and then in the order in which they were made.

        Raises:
            ProblemError: 400, the cursor is not one of this list's.
        """
        listing = Listing(self._name, f"STATUS#{status}", f"{category}#" if category else "")
        found, next_cursor = listing.page(limit, cursor)
        return [_product(values) for values in found], next_cursor

    def change(self, product_id: str, rule: Callable[[Product], Product]) -> Product:
        """Make a product what `rule` makes of it, all but its stock.

        Raises:
            ProblemError: 404 unknown; whatever `rule` raises; 503 contended.
        """
        for _ in attempts():
            seen = self.get(product_id)
            if seen is None:
                raise not_found("such product")
            made = rule(seen)
            if made == seen:
                return seen
            values = _values(made)
            update: TransactWriteItemTypeDef = {
                "Update": {
                    "TableName": self._name,
                    "Key": pack(_key(product_id)),
                    "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
                    "ConditionExpression": "#version = :seen",
                    "ExpressionAttributeNames": {f"#{name}": name for name in values},
                    "ExpressionAttributeValues": pack(
                        {**{f":{name}": value for name, value in values.items()}, ":seen": seen.version}
                    ),
                }
            }
            if not write_together([update]):
                return made
        raise busy()

    def restock(self, product_id: str, wanted: Restock) -> Product:
        """Set the stock, if it still is what was seen. Said twice, it is done once.

        Raises:
            ProblemError: 404 unknown; 409 `stock-changed`, with the stock that there is; 503 contended.
        """
        update: Any = {
            "TableName": self._name,
            "Key": pack(_key(product_id)),
            "UpdateExpression": "REMOVE stock" if wanted.stock is None else "SET stock = :stock",
            "ConditionExpression": "attribute_exists(pk) AND "
            + ("attribute_not_exists(stock)" if wanted.seen is None else "stock = :seen"),
        }
        if values := pack({":stock": wanted.stock, ":seen": wanted.seen}):
            update["ExpressionAttributeValues"] = values
        for _ in attempts():
            there = self.get(product_id)
            if there is None:
                raise not_found("such product")
            if there.stock == wanted.stock:
                return there
            if there.stock != wanted.seen:
                raise _stock_changed(there.stock)
            if not write_together([{"Update": update}]):
                return there.model_copy(update={"stock": wanted.stock})
        raise busy()

    def take(self, product: Product, quantity: int, *, as_seen: bool) -> TransactWriteItemTypeDef:
        """The part of a transaction that takes from the stock; refused when there is not enough.

        Args:
            product: as it was read.
            quantity: how many.
            as_seen: refuse as well when an editor has changed it since it was read, or it is not published.
        """
        conditions = ["#version = :version", "#status = :published"] if as_seen else ["attribute_exists(pk)"]
        conditions.append("attribute_not_exists(stock)" if product.stock is None else "stock >= :quantity")
        values: dict[str, Any] = {":quantity": None if product.stock is None else quantity}
        part: Any = {
            "TableName": self._name,
            "Key": pack(_key(product.id)),
            "ConditionExpression": " AND ".join(conditions),
        }
        if as_seen:
            part["ExpressionAttributeNames"] = {"#version": "version", "#status": "status"}
            values |= {":version": product.version, ":published": Status.PUBLISHED.value}
        if packed := pack(values):
            part["ExpressionAttributeValues"] = packed
        if product.stock is None:
            return {"ConditionCheck": part}
        part["UpdateExpression"] = "SET stock = stock - :quantity"
        return {"Update": part}

    def give_back(self, product_id: str, quantity: int) -> TransactWriteItemTypeDef:
        """The part of a transaction that adds to the stock; refused when the product has none any more."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": pack(_key(product_id)),
                "UpdateExpression": "SET stock = stock + :quantity",
                "ConditionExpression": "attribute_exists(stock)",
                "ExpressionAttributeValues": pack({":quantity": quantity}),
            }
        }


def _stock_changed(stock: int | None) -> ProblemError:
    return ProblemError(
        409,
        "stock-changed",
        "The stock has changed",
        "Orders came in since it was read. Look at the stock again before you change it.",
        stock=stock,
    )


def _key(product_id: str) -> dict[str, str]:
    return {"pk": f"PRODUCT#{product_id}", "sk": "PRODUCT"}


def _values(product: Product) -> dict[str, Any]:
    """All attributes but the keys and the stock."""
    made = product.created_at.isoformat(timespec="milliseconds")
    return {
        **product.model_dump(mode="json", exclude={"stock"}),
        "gsi1pk": f"STATUS#{product.status}",
        "gsi1sk": f"{product.category}#{made}#{product.id}",
    }


def _product(values: Mapping[str, Any]) -> Product:
    return Product.model_validate({name: value for name, value in values.items() if name not in _KEYS})

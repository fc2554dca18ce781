"""Orders, and the stock that they hold.

Table `ORDERS_TABLE`, keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all), TTL `expires_at`, a stream:

| item    | pk             | sk          | gsi1pk          | gsi1sk                               |
|---------|----------------|-------------|-----------------|--------------------------------------|
| order   | ORDER#<id>     | ORDER       | STATUS#<status> | <paid_at, or else hold_until>#<id>   |
| mail    | ORDER#<id>     | MAIL#<mail> |                 |                                      |
| payment | INTENT#<id>    | INTENT      |                 |                                      |
| event   | EVENT#<id>     | EVENT       |                 |                                      |

The items of `shared.idempotency` and `shared.visits` lie beside them, and an order is found by its e-mail
address, too (`shared.person_index`). An order and what it takes from or gives back to the stock are written
in one transaction, and so is the id of the event that caused it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.idempotency import Idempotency
from shared.pages import Listing
from shared.person_index import items_of, person_key
from shared.problems import busy, not_found
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together
from shop.erasure import LATE_PAYMENT
from shop.ids import is_order_id
from shop.order import Order, Status
from shop.payment import is_late, refund_unfulfillable, wants_stock
from shop.product import Product
from shop.products_table import ProductsTable

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# DynamoDB's TTL takes unpaid orders when no payment can be late any more; orders with money are business
# records and stay.
_KEEP_EVENT = timedelta(days=30)  # Stripe tries for three days (https://docs.stripe.com/webhooks#retries)

_NO_FIELDS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk", "person", "expires_at", "status"})
_LISTED_OLDEST_FIRST = frozenset({Status.OPEN, Status.PAID, Status.REFUNDING, Status.REVIEW, Status.DISPUTED})
_UNPAID = frozenset({Status.OPEN, Status.EXPIRED, Status.CANCELLED})
_PAID = tuple(status for status in Status if status not in _UNPAID)


class OrdersTable:
    """Reads and writes orders; every write is conditional on what was read."""

    def __init__(self, name: str, products: ProductsTable) -> None:
        self._name = name
        self._products = products

    def add(
        self,
        idempotency: Idempotency,
        open_order: Callable[[Mapping[str, Product]], Order],
        product_ids: list[str],
        now: datetime,
    ) -> tuple[Order, bool]:
        """Store a new order and take its items from the stock.

        Args:
            idempotency: the request's key.
            open_order: makes the order of the products as they are, or raises.
            product_ids: of the products that it needs.
            now: when the request came in.

        Returns:
            The order and True; or, when the key came with the same content before, the order of that time
            and False.

        Raises:
            ProblemError: 422 when the key came with other content before; whatever `open_order` raises;
                503 when the tables stay contended.
        """
        for _ in attempts():
            if (earlier := idempotency.earlier(self._name, now)) and (stored := self.get(earlier)):
                return stored, False
            products = self._products.read(product_ids)
            order = open_order(products)
            writes = [
                self._put(order, "attribute_not_exists(pk)"),
                idempotency.put(self._name, order.id, now),
                *(
                    self._products.take(products[line.product], line.quantity, as_seen=True)
                    for line in order.lines
                ),
            ]
            if not write_together(writes):
                return order, True
        raise busy()

    def get(self, order_id: str) -> Order | None:
        """One order, strongly consistent."""
        if not is_order_id(order_id):
            return None
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_key(order_id)), ConsistentRead=True)
        return order_of(answer["Item"]) if "Item" in answer else None

    def of_payment(self, intent: str) -> str | None:
        """Id of the order that a payment was opened for."""
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_intent_key(intent)), ConsistentRead=True)
        return str(unpack(answer["Item"])["order"]) if "Item" in answer else None

    def change(
        self,
        order_id: str,
        rule: Callable[[Order], Order],
        now: datetime,
        *,
        event_id: str | None = None,
    ) -> tuple[Order, bool]:
        """Make an order what `rule` makes of it, and move its items as that demands.

        An order that gets its money after it had lost its items takes them anew; where they are sold out, all
        of its money is to go back.

        Args:
            order_id: of the order.
            rule: pure; it may be called several times.
            now: the moment of the change.
            event_id: of the event that causes it, which then never causes anything again.

        Returns:
            The order, and whether it was changed.

        Raises:
            ProblemError: 404 unknown; whatever `rule` raises; 503 contended.
        """
        for _ in attempts():
            seen = self.get(order_id)
            if seen is None:
                raise not_found("such order")
            ruled = rule(seen)
            if ruled == seen:
                return seen, False
            made, moves = self._with_stock(seen, ruled, now)
            made = made.model_copy(update={"version": seen.version + 1})
            writes = [self._put(made, "#version = :version", seen)]
            if event_id:
                writes.append(
                    self._put_once({"pk": f"EVENT#{event_id}", "sk": "EVENT", "order": made.id}, now)
                )
            if made.payment_intent and not seen.payment_intent:
                key = _intent_key(made.payment_intent)
                writes.append({"Put": {"TableName": self._name, "Item": pack({**key, "order": made.id})}})
            refused = write_together([*writes, *moves])
            if not refused:
                return made, True
            if event_id and refused[1:2] == ("ConditionalCheckFailed",):
                return seen, False
        raise busy()

    def page(self, status: Status, *, limit: int, cursor: str | None) -> tuple[list[Order], str | None]:
        """One page of orders of a status: those that want something done oldest first, others newest first.

        Raises:
            ProblemError: 400, the cursor is not one of this list's.
        """
        newest_first = status not in _LISTED_OLDEST_FIRST
        found, next_cursor = Listing(self._name, f"STATUS#{status}", newest_first=newest_first).page(
            limit, cursor
        )
        return [_order(values) for values in found], next_cursor

    def overdue(self, now: datetime) -> Iterator[Order]:
        """Open orders whose hold is over, the oldest first."""
        return self._between(Status.OPEN, "", f"{_sortable(now)}#~")

    def in_status(self, status: Status) -> Iterator[Order]:
        """All orders of a status, the oldest first."""
        return self._between(status, "", "~")

    def paid_between(self, start: datetime, end: datetime) -> Iterator[Order]:
        """Orders whose money came from `start` on and before `end`, whatever became of them, by status."""
        for status in _PAID:
            for order in self._between(status, _sortable(start), _sortable(end)):
                if order.paid_at and start <= order.paid_at < end:
                    yield order

    def of_person(self, email: str) -> list[Order]:
        """All orders that were placed with an e-mail address, the oldest first."""
        return sorted(
            map(_order, items_of(self._name, email)), key=lambda order: (order.created_at, order.id)
        )

    def forget(self, order_id: str, may_go: Callable[[Order], bool], now: datetime) -> bool:
        """Delete an order with all that lies beside it, and give back what it holds.

        Args:
            order_id: of the order.
            may_go: whether it may be deleted, by what it is at that moment; may be asked several times.
            now: the moment.

        Returns:
            Whether it was there and is gone now.

        Raises:
            ProblemError: 503 contended.
        """
        for _ in attempts():
            seen = self.get(order_id)
            if seen is None or not may_go(seen):
                return False
            _, moves = self._with_stock(seen, seen.model_copy(update={"expired_at": now}), now)
            writes = [self._delete(seen), *self._deletes_beside(seen), *moves]
            if not write_together(writes):
                return True
        raise busy()

    def claim_mail(self, order_id: str, mail: str) -> bool:
        """Whether this mail was not sent before; from now on it was."""
        item = pack({"pk": f"ORDER#{order_id}", "sk": f"MAIL#{mail}"})
        try:
            CLIENT.put_item(TableName=self._name, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def release_mail(self, order_id: str, mail: str) -> None:
        """This mail was not sent after all."""
        CLIENT.delete_item(TableName=self._name, Key=pack({"pk": f"ORDER#{order_id}", "sk": f"MAIL#{mail}"}))

    def _with_stock(
        self, seen: Order, ruled: Order, now: datetime
    ) -> tuple[Order, list[TransactWriteItemTypeDef]]:
        """The order with or without its items, as it should be, and what moves them."""
        if wants_stock(ruled) == ruled.holding:
            return ruled, []
        products = self._products.read([line.product for line in ruled.lines])
        if ruled.holding:
            back = [
                self._products.give_back(line.product, line.quantity)
                for line in ruled.lines
                # What is sold without limit by now has no stock to go back to.
                if line.counted and products[line.product].stock is not None
            ]
            lines = tuple(line.model_copy(update={"counted": False}) for line in ruled.lines)
            return ruled.model_copy(update={"holding": False, "lines": lines}), back
        if not all(products[line.product].has(line.quantity) for line in ruled.lines):
            return (refund_unfulfillable(ruled, now) if is_late(seen, ruled) else ruled), []
        taken = [
            self._products.take(products[line.product], line.quantity, as_seen=False) for line in ruled.lines
        ]
        lines = tuple(
            line.model_copy(update={"counted": products[line.product].stock is not None})
            for line in ruled.lines
        )
        return ruled.model_copy(update={"holding": True, "lines": lines}), taken

    def _between(self, status: Status, first: str, last: str) -> Iterator[Order]:
        pages = CLIENT.get_paginator("query").paginate(
            TableName=self._name,
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :status AND gsi1sk BETWEEN :first AND :last",
            ExpressionAttributeValues=pack(
                {":status": f"STATUS#{status}", ":first": first or "0", ":last": last}
            ),
        )
        for page in pages:
            yield from (order_of(item) for item in page["Items"])

    def _put(self, order: Order, condition: str, seen: Order | None = None) -> TransactWriteItemTypeDef:
        put: Any = {"TableName": self._name, "Item": _item(order), "ConditionExpression": condition}
        if seen:
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = pack({":version": seen.version})
        return {"Put": put}

    def _delete(self, seen: Order) -> TransactWriteItemTypeDef:
        return {
            "Delete": {
                "TableName": self._name,
                "Key": pack(_key(seen.id)),
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": pack({":version": seen.version}),
            }
        }

    def _deletes_beside(self, seen: Order) -> list[TransactWriteItemTypeDef]:
        """The marks of its mails, a handful, and what leads from its payment to it."""
        marks = CLIENT.query(
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :mail)",
            ExpressionAttributeValues=pack({":pk": f"ORDER#{seen.id}", ":mail": "MAIL#"}),
            ProjectionExpression="pk, sk",
        )["Items"]
        keys = [*marks, *([pack(_intent_key(seen.payment_intent))] if seen.payment_intent else [])]
        return [{"Delete": {"TableName": self._name, "Key": key}} for key in keys]

    def _put_once(self, values: Mapping[str, Any], now: datetime) -> TransactWriteItemTypeDef:
        item = pack({**values, "expires_at": epoch(now + _KEEP_EVENT)})
        return {
            "Put": {"TableName": self._name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        }


def order_of(item: Any) -> Order:
    """An order as DynamoDB has it, in an answer or in a stream."""
    return _order(unpack(item))


def _order(values: Mapping[str, Any]) -> Order:
    return Order.model_validate({name: value for name, value in values.items() if name not in _NO_FIELDS})


def _key(order_id: str) -> dict[str, str]:
    return {"pk": f"ORDER#{order_id}", "sk": "ORDER"}


def _intent_key(intent: str) -> dict[str, str]:
    return {"pk": f"INTENT#{intent}", "sk": "INTENT"}


def _item(order: Order) -> dict[str, Any]:
    return pack(
        {
            **order.model_dump(mode="json"),
            **_key(order.id),
            **person_key(order.email),
            "gsi1pk": f"STATUS#{order.status}",
            "gsi1sk": f"{_sortable(order.paid_at or order.hold_until)}#{order.id}",
            "expires_at": epoch(order.hold_until + LATE_PAYMENT) if order.status in _UNPAID else None,
        }
    )


def _sortable(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")

"""The shop's functions behind their routes."""

from __future__ import annotations

import importlib
import itertools
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.lambdas.functions import MEMBER, Answer, Functions, environment, handlers_of
from tests.stripe_server.process import signed

WEBHOOK_SECRET = "whsec_of_our_own_test"
CONTENT = {
    "title": "Beekeeper's T-shirt",
    "description": "Organic cotton.\nPrinted here.",
    "category": "t-shirts",
    "price": 2_500,
}
ADDRESS = {
    "name": "Beate Biene",
    "street": "Wabenweg 6",
    "postal_code": "80331",
    "city": "München",
    "country": "DE",
}
EMAIL = "Beate.Biene@honey.example"


@dataclass
class Shop(Functions):
    """The functions behind their routes, the tables, and a Stripe that may be there."""

    client: Any = None
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    def edit(self, method: str, path: str = "", body: Any = None, **options: Any) -> Answer:
        """Call an editor's route as an operator."""
        options = {"operator": True, **options}
        root = "/operator/products" if options["operator"] else "/shop/products"
        return self.call("edit_products", method, f"{root}{path}", body, **options)

    def as_admin(self, method: str, path: str = "", body: Any = None) -> Answer:
        """Call an editor's route as the creator's admin."""
        return self.edit(method, path, body, operator=False, member=MEMBER, groups=("admin",))

    def product(self, *, published: bool = True, **fields: Any) -> str:
        """A product like `CONTENT` with these fields; its id."""
        made = self.edit("POST", body={**CONTENT, **fields})
        assert made.status == 201, made.body
        if published:
            body = {"version": 1, "status": "published"}
            assert self.edit("PUT", f"/{made.body['id']}/status", body).status == 200
        return str(made.body["id"])

    def stock(self, product: str) -> int | None:
        """What is left of a product."""
        left = self.edit("GET", f"/{product}").body["stock"]
        return None if left is None else int(left)

    def order(self, *items: tuple[str, int], key: str | None = None, **fields: Any) -> Answer:
        """Order so many of each product."""
        body = {
            "items": [{"product": product, "quantity": quantity} for product, quantity in items],
            "email": EMAIL,
            "address": ADDRESS,
            **fields,
        }
        headers = {"idempotency-key": key or f"key-of-a-customer-{next(self._keys)}"}
        return self.call("create_order", "POST", "/orders", body, headers=headers)

    def state(self, order: Any) -> Answer:
        """Look at an order with the token of its receipt."""
        return self.opened("create_order", "GET", f"/orders/{order['id']}", order["token"])

    def pay(self, order: Any) -> Answer:
        """Open the payment with the token of the order's receipt."""
        return self.opened("process_payment", "POST", f"/orders/{order['id']}/payment", order["token"])

    def opened(self, function: str, method: str, path: str, token: str) -> Answer:
        """Call a customer's route with a token."""
        return self.call(function, method, path, headers={"authorization": f"Bearer {token}"})

    def manage(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Call a route of `manage_orders` as an operator."""
        return self.call("manage_orders", method, f"/orders{path}", body, **{"operator": True, **options})

    def listed(self, status: str) -> list[dict[str, Any]]:
        """Orders of a status, as an operator sees them."""
        return list(self.manage("GET", "", query={"status": status}).body["orders"])

    def deliver(
        self, event: dict[str, Any], secret: str = WEBHOOK_SECRET, *, at: int | None = None
    ) -> Answer:
        """Hand an event to the webhook, signed as Stripe does."""
        body, headers = signed(event, secret, at=at)
        lower = {name.lower(): value for name, value in headers.items()}
        return self.call("stripe_webhook", "POST", "/stripe/webhook", body.decode(), headers=lower)

    def run(self, function: str, event: Any = None) -> Any:
        """Call a background function."""
        return self.invoke(function, event or {})

    def run_on_time(self, function: str) -> None:
        """Call what a schedule calls, at the shop's time."""
        with environment("shop"):
            handlers_of("shop")
            module = importlib.import_module(f"shop.handlers.{function}")
            getattr(module, function)({}, self.now)

    def stream(self, order_id: str) -> dict[str, Any]:
        """The event of the orders' stream for the order as it is."""
        (item,) = self.items("orders", f"ORDER#{order_id}", "ORDER")
        return {"Records": [{"eventName": "MODIFY", "dynamodb": {"NewImage": item}}]}

    def items(self, table: str, pk: str = "", sk: str = "") -> list[dict[str, Any]]:
        """Items of a table by the beginning of their keys, as DynamoDB has them."""
        found = self.client.scan(TableName=table)["Items"]
        return [i for i in found if i["pk"]["S"].startswith(pk) and i["sk"]["S"].startswith(sk)]

    def later(self, **span: int) -> None:
        """Time goes by."""
        self.now += timedelta(**span)


def paid(order: dict[str, Any], intent: str, **changes: Any) -> dict[str, Any]:
    """The event that tells of an order's payment, with changed members of the PaymentIntent."""
    content = {
        "id": intent,
        "object": "payment_intent",
        "amount": order["total"],
        "amount_received": order["total"],
        "currency": order["currency"].lower(),
        "metadata": {"order": order["id"], "creator": "kasper"},
        **changes,
    }
    return event_of("payment_intent.succeeded", content)


_numbers = itertools.count(1)


def event_of(kind: str, content: dict[str, Any], created: int = 1_779_278_460) -> dict[str, Any]:
    """A new event; `created` in Unix seconds."""
    return json.loads(
        json.dumps(
            {
                "id": f"evt_{next(_numbers):08d}",
                "object": "event",
                "type": kind,
                "created": created,
                "data": {"object": content},
            }
        )
    )

"""Subscriptions: what membership needs of Stripe, in the place of localstripe's, which are of 2017.

Prices with lookup keys, subscriptions whose items have the periods, and invoices that name their subscription
in `parent`, as Stripe's reference describes them for the version of the API that the `stripe` library speaks;
the pages on which people pay are in `hosted_pages`. Time is played by the routes below `/_config`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from localstripe import resources
from localstripe.errors import UserError

from tests.stripe_server.delivering import happen

RUNNING = {"active", "past_due", "trialing", "unpaid", "incomplete", "paused"}


class Price(resources.StripeObject):
    """https://docs.stripe.com/api/prices/object"""

    object = "price"
    _id_prefix = "price_"

    def __init__(
        self,
        product: str,
        currency: str,
        recurring: dict[str, str],
        unit_amount: str | None = None,
        unit_amount_decimal: str | None = None,
        lookup_key: str | None = None,
        transfer_lookup_key: str = "false",
        metadata: dict[str, str] | None = None,
        **other: Any,
    ) -> None:
        none_of(other)
        resources.Product._api_retrieve(product)
        taken = [price for price in all_of(Price) if lookup_key and price.lookup_key == lookup_key]
        if taken and transfer_lookup_key != "true":
            raise UserError(400, "This lookup key is used.", {"code": "resource_already_exists"})
        for price in taken:
            price.lookup_key = None
        super().__init__()
        self.active = True
        self.product = product
        self.currency = currency
        self.unit_amount = int(unit_amount) if unit_amount else None
        self.unit_amount_decimal = unit_amount_decimal or unit_amount
        self.recurring = {"interval_count": 1, **recurring}
        self.lookup_key = lookup_key
        self.metadata = metadata or {}
        self.type = "recurring"
        happen("price.created", self)

    @classmethod
    def _api_list_all(
        cls,
        url: str = "/v1/prices",
        lookup_keys: list[str] | None = None,
        active: str | None = None,
        limit: str = "10",
        **other: Any,
    ) -> Any:
        none_of(other)
        return listed(
            url,
            limit,
            [
                price
                for price in all_of(Price)
                if (lookup_keys is None or price.lookup_key in lookup_keys)
                and (active is None or price.active == (active == "true"))
            ],
        )

    @classmethod
    def _api_archive(cls, id: str, active: str) -> Price:
        price: Price = cls._api_retrieve(id)
        price.active = active == "true"
        return price


class Product(resources.Product):
    """https://docs.stripe.com/api/products/object"""

    @classmethod
    def _api_create(cls, id: str | None = None, **data: Any) -> Any:
        if id is not None and f"product:{id}" in resources.store:
            raise UserError(400, "This product exists.", {"code": "resource_already_exists"})
        return resources.Product(id=id, **data)


class Invoice(resources.StripeObject):
    """https://docs.stripe.com/api/invoices/object"""

    object = "invoice"
    _id_prefix = "in_"

    def __init__(self, subscription: Subscription, at: int) -> None:
        super().__init__()
        self.created = at
        self.customer = subscription.customer
        self.currency = subscription._price.currency
        self.amount_due = round(float(subscription._price.unit_amount_decimal))
        self.amount_paid = 0
        self.status = "open"
        self.number = f"OURS-{len(all_of(Invoice)):04d}"
        self.parent = {
            "type": "subscription_details",
            "subscription_details": {"subscription": subscription.id, "metadata": subscription.metadata},
        }

    def _pay(self) -> None:
        self.status, self.amount_paid = "paid", self.amount_due
        happen("invoice.paid", self)

    @classmethod
    def _api_list_all(
        cls,
        url: str = "/v1/invoices",
        customer: str | None = None,
        subscription: str | None = None,
        status: str | None = None,
        limit: str = "10",
        starting_after: str | None = None,
        **other: Any,
    ) -> Any:
        none_of(other)
        _known(customer)
        found = [
            invoice
            for invoice in reversed(all_of(Invoice))
            if customer in (None, invoice.customer)
            and subscription in (None, invoice.parent["subscription_details"]["subscription"])
            and status in (None, invoice.status)
        ]
        return listed(url, limit, found, starting_after)


class Subscription(resources.StripeObject):
    """https://docs.stripe.com/api/subscriptions/object"""

    object = "subscription"
    _id_prefix = "sub_"

    def __init__(self, customer: str, price: str, metadata: dict[str, str] | None = None) -> None:
        super().__init__()
        self.customer = customer
        self.metadata = metadata or {}
        self.status = "active"
        self.currency = Price._api_retrieve(price).currency
        self.cancel_at: int | None = None
        self.cancel_at_period_end = False
        self.ended_at: int | None = None
        self.start_date = self.created
        self._price = Price._api_retrieve(price)
        self._item = "si_" + resources.random_id(14)
        self._start, self._end = self.created, _month_after(self.created)
        self.latest_invoice: str | None = None

    @property
    def items(self) -> dict[str, Any]:
        """What is subscribed to."""
        item = {
            "id": self._item,
            "object": "subscription_item",
            "subscription": self.id,
            "price": self._price._export(),
            "quantity": 1,
            "current_period_start": self._start,
            "current_period_end": self._end,
        }
        return {"object": "list", "data": [item], "has_more": False, "url": "/v1/subscription_items"}

    @classmethod
    def _api_create(cls, customer: str, items: list[dict[str, str]], **other: Any) -> Subscription:
        """By hand, as in Stripe's dashboard; paid at once."""
        metadata = other.pop("metadata", None)
        none_of(other)
        subscription = cls(customer, items[0]["price"], metadata)
        subscription._begin()
        return subscription

    @classmethod
    def _api_update(cls, id: str, **changes: Any) -> Subscription:
        subscription: Subscription = cls._api_retrieve(id)
        subscription._needs_to_run()
        ends = changes.pop("cancel_at_period_end", None)
        items = changes.pop("items", None)
        changes.pop("proration_behavior", None)
        none_of(changes)
        if ends is not None:
            subscription.cancel_at_period_end = ends == "true"
            subscription.cancel_at = subscription._end if ends == "true" else None
        if items is not None:
            subscription._price = Price._api_retrieve(items[0]["price"])
        happen("customer.subscription.updated", subscription)
        return subscription

    @classmethod
    def _api_cancel(cls, id: str, **options: Any) -> Subscription:
        for name in ("invoice_now", "prorate"):
            options.pop(name, None)
        none_of(options)
        subscription: Subscription = cls._api_retrieve(id)
        subscription._needs_to_run()
        subscription._cease(int(time.time()))
        return subscription

    @classmethod
    def _api_list_all(
        cls,
        url: str = "/v1/subscriptions",
        customer: str | None = None,
        status: str | None = None,
        limit: str = "10",
        **other: Any,
    ) -> Any:
        none_of(other)
        _known(customer)
        wanted = RUNNING if status is None else {status}
        found = [
            subscription
            for subscription in reversed(all_of(Subscription))
            if customer in (None, subscription.customer)
            and (status == "all" or subscription.status in wanted)
        ]
        return listed(url, limit, found)

    @classmethod
    def _api_renew(cls, id: str, paid: bool) -> Subscription:
        """The period is over: the next one is charged, or the subscription ends as it was to."""
        subscription: Subscription = cls._api_retrieve(id)
        subscription._needs_to_run()
        if subscription.cancel_at_period_end:
            subscription._cease(subscription._end)
            return subscription
        subscription._start, subscription._end = subscription._end, _month_after(subscription._end)
        invoice = subscription._invoice(subscription._start)
        if paid:
            invoice._pay()
        else:
            subscription.status = "past_due"
            happen("invoice.payment_failed", invoice)
        happen("customer.subscription.updated", subscription)
        return subscription

    @classmethod
    def _api_pay(cls, id: str) -> Subscription:
        """Everything that is owed is paid."""
        subscription: Subscription = cls._api_retrieve(id)
        for invoice in Invoice._api_list_all(subscription=id, status="open", limit="100")._list:
            invoice._pay()
        subscription.status = "active"
        happen("customer.subscription.updated", subscription)
        return subscription

    @classmethod
    def _api_put_status(cls, id: str, status: str) -> Subscription:
        """Stripe's own rules, or a person in the dashboard, have it another status."""
        subscription: Subscription = cls._api_retrieve(id)
        if status == "canceled":
            subscription._cease(int(time.time()))
        else:
            subscription.status = status
            happen("customer.subscription.updated", subscription)
        return subscription

    def _begin(self) -> None:
        invoice = self._invoice(self.created)
        invoice._pay()
        happen("customer.subscription.created", self)

    def _invoice(self, at: int) -> Invoice:
        invoice = Invoice(self, at)
        self.latest_invoice = invoice.id
        return invoice

    def _cease(self, at: int) -> None:
        self.status, self.ended_at = "canceled", at
        happen("customer.subscription.deleted", self)

    def _needs_to_run(self) -> None:
        if self.status not in RUNNING:
            raise UserError(400, f"It is {self.status}.", {"code": "resource_missing"})


class Customer(resources.Customer):
    """https://docs.stripe.com/api/customers/object"""

    @classmethod
    def _api_delete(cls, id: str) -> Any:
        for subscription in Subscription._api_list_all(customer=id, limit="100")._list:
            subscription._cease(int(time.time()))
        return resources.Customer._api_delete(id)


APIS = [
    ("GET", "/v1/prices", Price._api_list_all),
    ("POST", "/v1/prices", Price._api_create),
    ("POST", "/v1/prices/{id}", Price._api_archive),
    ("POST", "/v1/products", Product._api_create),
    ("GET", "/v1/invoices", Invoice._api_list_all),
    ("GET", "/v1/subscriptions", Subscription._api_list_all),
    ("POST", "/v1/subscriptions", Subscription._api_create),
    ("GET", "/v1/subscriptions/{id}", Subscription._api_retrieve),
    ("POST", "/v1/subscriptions/{id}", Subscription._api_update),
    ("DELETE", "/v1/subscriptions/{id}", Subscription._api_cancel),
    ("DELETE", "/v1/customers/{id}", Customer._api_delete),
    ("POST", "/_config/subscriptions/{id}/renew", Subscription._api_renew),
    ("POST", "/_config/subscriptions/{id}/pay", Subscription._api_pay),
    ("POST", "/_config/subscriptions/{id}/status", Subscription._api_put_status),
]
"""Routes, in the place of localstripe's where it has them."""


def take_over() -> None:
    """Put the classes in the place of localstripe's, for what else of it looks for them."""
    resources.Subscription = Subscription
    resources.Invoice = Invoice


def all_of(kind: Any) -> list[Any]:
    """Everything of a kind, the oldest first."""
    return [thing for key, thing in resources.store.items() if key.startswith(f"{kind.object}:")]


def listed(url: str, limit: str, found: list[Any], starting_after: str | None = None) -> Any:
    """A list as Stripe gives it, page by page."""
    page = resources.List(url, limit=limit, starting_after=starting_after)
    page._list = found
    return page


def _known(customer: str | None) -> None:
    if customer is not None and f"customer:{customer}" not in resources.store:
        raise UserError(400, f"No such customer: '{customer}'", {"code": "resource_missing"})


def none_of(other: dict[str, Any]) -> None:
    """Refuses parameters that this server does not know."""
    if other:
        raise UserError(400, f"Unexpected {', '.join(other)}")


def _month_after(moment: int) -> int:
    return int((datetime.fromtimestamp(moment, tz=UTC) + relativedelta(months=1)).timestamp())

"""What membership asks of Stripe.

Every request that makes something carries an idempotency key of what it is for, so that asking again is safe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import stripe
from pydantic import Field

from membership.model import Checkout, Subscription
from membership.settings import Tier
from shared.stripe_client import connect, unwell
from shared.stripe_events import Part

_MOST = 100
"""On a page of Stripe's."""


@dataclass(frozen=True, slots=True)
class Session:
    """A Checkout session.

    Args:
        url: where it is paid; None where it no longer can be.
    """

    id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """A price of a tier, and the product that it is of; ids."""

    id: str
    product: str


class _Price(Part):
    unit_amount: int | None  # other prices of the account can be of parts of cents, or of steps
    currency: str
    metadata: dict[str, str] = Field(default_factory=dict)


class _Item(Part):
    price: _Price
    current_period_start: datetime
    current_period_end: datetime


class _Items(Part):
    data: tuple[_Item, ...]


class _Subscription(Part):
    id: str
    status: str
    start_date: datetime
    cancel_at: datetime | None = None
    cancel_at_period_end: bool = False
    items: _Items


class Billing:
    """Stripe with one key.

    Args:
        key: the secret key.
        creator: slug of the creator, written beside everything.
        site: the creator's pages of membership, where Stripe sends people back to.
        language: ISO 639-1 code of the site's language, for Stripe's pages.
        base: another server in Stripe's place; empty for Stripe itself.
    """

    def __init__(self, key: str, creator: str, site: str, language: str, base: str = "") -> None:
        self._creator = creator
        self._site = site
        self._language: Any = language
        self._api = connect(key, base).v1

    def make_customer(self, member: str, version: int) -> str:
        """Id of a customer for the member, the same one for the same version of their item."""
        with _asking():
            return self._api.customers.create(
                {"metadata": {"creator": self._creator, "member": member}},
                {"idempotency_key": f"{self._creator}-membership-{member}-{version}"},
            ).id

    def knows(self, customer: str) -> bool:
        """Whether there is such a customer: it may have been deleted by hand, or be of the test mode."""
        with _asking():
            try:
                found = self._api.customers.retrieve(customer)
            except stripe.InvalidRequestError as error:
                _only_if_missing(error)
                return False
        return not found.to_dict().get("deleted")

    def subscriptions(self, customer: str) -> tuple[Subscription, ...]:
        """All of a customer's subscriptions of a tier of this creator's, those that are over too."""
        with _asking():
            try:
                found = self._api.subscriptions.list({"customer": customer, "status": "all", "limit": _MOST})
            except stripe.InvalidRequestError as error:
                _only_if_missing(error)
                return ()
            read = (self._read(subscription.to_dict()) for subscription in found.data)
            return tuple(subscription for subscription in read if subscription)

    def prices(self, tiers: Sequence[Tier], currency: str) -> dict[str, Price]:
        """The prices of tiers as they are now, by the tiers' ids; what is missing is made.

        A price never changes: another amount or currency is another price, found by its own lookup key, and
        who has subscribed keeps theirs.
        """
        keys = {f"{self._creator}-{tier.id}-{currency.lower()}-{tier.price}": tier for tier in tiers}
        with _asking():
            found = self._api.prices.list({"lookup_keys": list(keys), "active": True, "limit": _MOST})
            prices = {
                keys[price.lookup_key].id: Price(price.id, str(price.product))
                for price in found.data
                if price.lookup_key in keys
            }
            for lookup_key, tier in keys.items():
                if tier.id not in prices:
                    prices[tier.id] = self._make_price(tier, currency, lookup_key)
        return prices

    def open_session(self, member: str, customer: str, checkout: Checkout) -> Session:
        """The session of a checkout: the same one however often it is asked for."""
        with _asking():
            made = self._api.checkout.sessions.create(
                {
                    "mode": "subscription",
                    "customer": customer,
                    "client_reference_id": member,
                    "line_items": [{"price": checkout.price, "quantity": 1}],
                    "success_url": f"{self._site}?checkout=done",
                    "cancel_url": self._site,
                    "locale": self._language,
                    "subscription_data": {"metadata": {"creator": self._creator, "member": member}},
                },
                {"idempotency_key": f"{customer}-checkout-{checkout.number}"},
            )
        return Session(made.id, made.url)

    def session(self, session: str) -> Session:
        """A session as it is now."""
        with _asking():
            try:
                found = self._api.checkout.sessions.retrieve(session)
            except stripe.InvalidRequestError as error:
                _only_if_missing(error)
                return Session(session, None)
        return Session(found.id, found.url if found.status == "open" else None)

    def expire(self, session: str) -> bool:
        """Whether the session can no longer be paid; False where it has been."""
        with _asking():
            try:
                self._api.checkout.sessions.expire(session)
            except stripe.InvalidRequestError:
                return False
        return True

    def portal(self, customer: str, tiers: Sequence[Tier], currency: str) -> str:
        """URL of Stripe's pages for one customer: another tier, another card, invoices, cancelling."""
        with _asking():
            return self._api.billing_portal.sessions.create(
                {
                    "customer": customer,
                    "configuration": self._configuration(tiers, currency),
                    "return_url": self._site,
                    "locale": self._language,
                }
            ).url

    def cancel(self, subscription: str) -> None:
        """End a subscription at once; nothing is charged after this."""
        with _asking():
            try:
                self._api.subscriptions.cancel(subscription, {"invoice_now": False, "prorate": False})
            except stripe.InvalidRequestError as error:
                _only_if_missing(error)  # it is over already

    def customer(self, customer: str) -> dict[str, Any]:
        """What Stripe has of a customer that it knows, on this creator's behalf: names and addresses."""
        with _asking():
            found = self._api.customers.retrieve(customer).to_dict()
        names = ("id", "name", "email", "phone", "address", "created")
        return {name: found[name] for name in names if found.get(name)}

    def invoices(self, customer: str) -> list[dict[str, Any]]:
        """All of a customer's invoices: number, amounts in minor units, currency, status, moment."""
        names = ("id", "number", "status", "amount_due", "amount_paid", "currency", "created")
        with _asking():
            try:
                pages = self._api.invoices.list({"customer": customer, "limit": _MOST})
            except stripe.InvalidRequestError as error:
                _only_if_missing(error)
                return []
            found = [invoice.to_dict() for invoice in pages.auto_paging_iter()]
        return [{name: invoice.get(name) for name in names} for invoice in found]

    def delete_customer(self, customer: str) -> None:
        """Forget a customer, and end whatever they still have."""
        with _asking():
            self._api.customers.delete(customer)

    def _read(self, told: dict[str, Any]) -> Subscription | None:
        """A subscription; None where it is of something that this creator's tiers are not."""
        found = _Subscription.model_validate(told)
        item = next(
            (item for item in found.items.data if item.price.metadata.get("creator") == self._creator), None
        )
        if item is None or item.price.unit_amount is None:
            return None
        ends_by_itself = item.current_period_end if found.cancel_at_period_end else None
        return Subscription(
            id=found.id,
            status=found.status,
            tier=item.price.metadata.get("tier", ""),
            price=item.price.unit_amount,
            currency=item.price.currency.upper(),
            started_at=found.start_date,
            period_end=item.current_period_end,
            cancels_at=found.cancel_at or ends_by_itself,
            unpaid_since=self._unpaid_since(found, item) if found.status in ("past_due", "unpaid") else None,
        )

    def _unpaid_since(self, found: _Subscription, item: _Item) -> datetime:
        """When the oldest invoice that is owed was made: a later one gives no more grace."""
        owed = self._api.invoices.list({"subscription": found.id, "status": "open", "limit": _MOST})
        made = (datetime.fromtimestamp(invoice.created, tz=UTC) for invoice in owed.data)
        return min(made, default=item.current_period_start)

    def _make_price(self, tier: Tier, currency: str, lookup_key: str) -> Price:
        product = f"{self._creator}-membership-{tier.id}"
        metadata = {"creator": self._creator, "tier": tier.id}
        _unless_there(
            lambda: self._api.products.create(
                {"id": product, "name": tier.name, "metadata": metadata},
                {"idempotency_key": f"product-{product}"},
            )
        )
        made = self._api.prices.create(
            {
                "product": product,
                "currency": currency.lower(),
                "unit_amount": tier.price,
                "recurring": {"interval": "month"},
                "lookup_key": lookup_key,
                "transfer_lookup_key": True,  # from one that was archived
                "metadata": metadata,
            },
            {"idempotency_key": f"price-{lookup_key}"},
        )
        return Price(made.id, product)

    def _configuration(self, tiers: Sequence[Tier], currency: str) -> str:
        """Id of what the portal offers: found by a digest of it, and made where it is missing.

        Another tier that costs more is charged at once for the rest of the month; one that costs less begins
        when the month is over.
        """
        features: Any = {
            "customer_update": {"enabled": True, "allowed_updates": ["email", "address", "name"]},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True},
            "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            "subscription_update": {
                "enabled": True,
                "default_allowed_updates": ["price"],
                "proration_behavior": "always_invoice",
                "products": [
                    {"product": price.product, "prices": [price.id]}
                    for price in self.prices(tiers, currency).values()
                ],
                "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
            },
        }
        text = json.dumps([features, self._site], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        made = self._api.billing_portal.configurations.list({"active": True, "limit": _MOST})
        for configuration in made.auto_paging_iter():
            if (configuration.to_dict().get("metadata") or {}).get("membership") == digest:
                return configuration.id
        return self._api.billing_portal.configurations.create(
            {
                "features": features,
                "default_return_url": self._site,
                "metadata": {"creator": self._creator, "membership": digest},
            },
            {"idempotency_key": f"{self._creator}-portal-{digest}"},
        ).id


connection = lru_cache(maxsize=2)(Billing)
"""A `Billing` that is kept while its arguments are the same, with its connections."""


@contextmanager
def _asking() -> Iterator[None]:
    """Raises ProblemError 503 where Stripe refuses the key or does not answer."""
    try:
        yield
    except stripe.StripeError as error:
        raise unwell(error) from error


def _unless_there(make: Callable[[], object]) -> None:
    try:
        make()
    except stripe.InvalidRequestError as error:
        if error.code != "resource_already_exists":
            raise


def _only_if_missing(error: stripe.InvalidRequestError) -> None:
    """Raises the error again, unless it says that there is no such thing."""
    if error.http_status != 404 and error.code != "resource_missing":
        raise error

"""Stripe's own pages: Checkout in mode subscription, and the billing portal.

As Stripe's reference describes them for the version of the API that the `stripe` library speaks. The customer
is played by the routes below `/_config`.
"""

from __future__ import annotations

from typing import Any

from localstripe import resources
from localstripe.errors import UserError

from tests.stripe_server.billing import Price, Subscription, all_of, listed, none_of
from tests.stripe_server.delivering import happen


class CheckoutSession(resources.StripeObject):
    """https://docs.stripe.com/api/checkout/sessions/object"""

    object = "checkout.session"
    _id_prefix = "cs_test_"

    def __init__(
        self,
        mode: str,
        customer: str,
        line_items: list[dict[str, str]],
        success_url: str,
        cancel_url: str | None = None,
        client_reference_id: str | None = None,
        locale: str | None = None,
        metadata: dict[str, str] | None = None,
        subscription_data: dict[str, Any] | None = None,
        **other: Any,
    ) -> None:
        none_of(other)
        if mode != "subscription":
            raise UserError(400, "Only mode subscription is carried.")
        resources.Customer._api_retrieve(customer)
        for item in line_items:
            Price._api_retrieve(item["price"])
        super().__init__()
        self.mode = mode
        self.customer = customer
        self.success_url, self.cancel_url = success_url, cancel_url
        self.client_reference_id = client_reference_id
        self.locale = locale
        self.metadata = metadata or {}
        self.status, self.payment_status = "open", "unpaid"
        self.expires_at = self.created + 24 * 3600
        self.subscription: str | None = None
        self._price = line_items[0]["price"]
        self._subscription_data = subscription_data or {}

    @property
    def url(self) -> str | None:
        """Where the customer pays, while that is possible."""
        return f"https://checkout.stripe.com/c/pay/{self.id}" if self.status == "open" else None

    @classmethod
    def _api_expire(cls, id: str) -> CheckoutSession:
        session: CheckoutSession = cls._api_retrieve(id)
        session._needs_to_be_open()
        session.status = "expired"
        happen("checkout.session.expired", session)
        return session

    @classmethod
    def _api_complete(cls, id: str, email: str) -> CheckoutSession:
        """The customer pays."""
        session: CheckoutSession = cls._api_retrieve(id)
        session._needs_to_be_open()
        customer = resources.Customer._api_retrieve(session.customer)
        customer.email = customer.email or email
        subscription = Subscription(
            session.customer, session._price, session._subscription_data.get("metadata")
        )
        session.status, session.payment_status = "complete", "paid"
        session.subscription = subscription.id
        subscription._begin()
        happen("checkout.session.completed", session)
        return session

    def _needs_to_be_open(self) -> None:
        if self.status != "open":
            raise UserError(400, f"Only sessions that are open can be paid or expire: it is {self.status}.")


class PortalConfiguration(resources.StripeObject):
    """https://docs.stripe.com/api/customer_portal/configurations/object"""

    object = "billing_portal.configuration"
    _id_prefix = "bpc_"

    def __init__(
        self, features: dict[str, Any], metadata: dict[str, str] | None = None, **other: Any
    ) -> None:
        for name in ("business_profile", "default_return_url"):
            other.pop(name, None)
        none_of(other)
        for offered in features.get("subscription_update", {}).get("products", []):
            for price in offered["prices"]:
                if Price._api_retrieve(price).product != offered["product"]:
                    raise UserError(400, f"{price} is not a price of {offered['product']}.")
        super().__init__()
        self.active = True
        self.features = features
        self.metadata = metadata or {}

    @classmethod
    def _api_list_all(
        cls,
        url: str = "/v1/billing_portal/configurations",
        active: str | None = None,
        limit: str = "10",
        **other: Any,
    ) -> Any:
        none_of(other)
        found = [
            made
            for made in all_of(PortalConfiguration)
            if active is None or made.active == (active == "true")
        ]
        return listed(url, limit, found)


class PortalSession(resources.StripeObject):
    """https://docs.stripe.com/api/customer_portal/sessions/object"""

    object = "billing_portal.session"
    _id_prefix = "bps_"

    def __init__(self, customer: str, configuration: str, return_url: str, **other: Any) -> None:
        locale = other.pop("locale", None)
        none_of(other)
        resources.Customer._api_retrieve(customer)
        PortalConfiguration._api_retrieve(configuration)
        super().__init__()
        self.customer, self.configuration, self.return_url = customer, configuration, return_url
        self.locale = locale
        self.url = f"https://billing.stripe.com/p/session/{self.id}"


APIS = [
    ("POST", "/v1/checkout/sessions", CheckoutSession._api_create),
    ("GET", "/v1/checkout/sessions/{id}", CheckoutSession._api_retrieve),
    ("POST", "/v1/checkout/sessions/{id}/expire", CheckoutSession._api_expire),
    ("POST", "/_config/checkouts/{id}/complete", CheckoutSession._api_complete),
    ("GET", "/v1/billing_portal/configurations", PortalConfiguration._api_list_all),
    ("POST", "/v1/billing_portal/configurations", PortalConfiguration._api_create),
    ("POST", "/v1/billing_portal/sessions", PortalSession._api_create),
]
"""Routes that localstripe has not."""

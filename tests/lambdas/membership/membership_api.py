"""Membership's functions behind their routes, and the Stripe that they talk to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.entitlements import Entitlement, entitlement_in, entitlement_key
from tests.lambdas.functions import MEMBER, Answer, Functions, environment, handlers_of
from tests.stripe_server.process import StripeServer, signed

WEBHOOK_SECRET = "whsec_of_our_own_test"
OTHER = "6f1c7a3e-0000-4000-8000-00000000beef"


@dataclass
class Membership(Functions):
    """The functions behind their routes, the table, and Stripe."""

    client: Any = None
    stripe: StripeServer = field(kw_only=True)
    _keys: Any = field(default_factory=lambda: itertools.count(1))
    _told: set[str] = field(default_factory=set)

    def begin(self, tier: str = "bee", key: str | None = None, member: str = MEMBER) -> Answer:
        """Begin to subscribe, with a new key unless one is given."""
        headers = {"idempotency-key": key or f"key-of-a-member-{next(self._keys)}"}
        return self.call(
            "manage_subscription",
            "POST",
            "/membership/checkout",
            {"tier": tier},
            member=member,
            headers=headers,
        )

    def subscribe(self, tier: str = "bee", member: str = MEMBER) -> str:
        """Subscribe and pay; the subscription's id. Nothing of it is delivered yet."""
        answer = self.begin(tier, member=member)
        assert answer.status == 201, answer.body
        return self.stripe.complete_checkout(session_of(answer))

    def member(self, tier: str = "bee", member: str = MEMBER) -> str:
        """A member who has subscribed, paid, and is known to have."""
        subscription = self.subscribe(tier, member)
        self.deliver_all()
        assert self.me(member).body["state"] == "active"
        return subscription

    def me(self, member: str = MEMBER) -> Answer:
        """GET /membership/me."""
        return self.call("get_membership", "GET", "/membership/me", member=member)

    def portal(self, member: str = MEMBER) -> Answer:
        """POST /membership/portal."""
        return self.call("manage_subscription", "POST", "/membership/portal", member=member)

    def operator(self, path: str, **query: str) -> Answer:
        """A route of operators below /membership."""
        return self.call("manage_members", "GET", f"/membership{path}", operator=True, query=query)

    def deliver(
        self, event: dict[str, Any], secret: str = WEBHOOK_SECRET, *, at: int | None = None
    ) -> Answer:
        """Hand an event to the webhook, signed as Stripe does."""
        body, headers = signed(event, secret, at=at)
        lower = {name.lower(): value for name, value in headers.items()}
        return self.call(
            "membership_webhook", "POST", "/membership/stripe-webhook", body.decode(), headers=lower
        )

    def deliver_all(self) -> list[str]:
        """Deliver everything that has happened since the last time; the outcomes."""
        new = [event for event in self.stripe.events() if event["id"] not in self._told]
        self._told |= {event["id"] for event in new}
        return [self.deliver(event).body["outcome"] for event in new]

    def reconcile(self) -> None:
        """An hour is over, by the tests' clock."""
        with environment("membership"):
            handlers_of("membership")
            from membership.handlers import reconcile_members

            reconcile_members.reconcile({}, self.now)

    def privacy(self, action: str, **person: str) -> Any:
        """Export or erase a person."""
        return self.invoke("membership_privacy", {"action": action, "person": person})

    def entitlement(self, member: str = MEMBER) -> Entitlement | None:
        """What other modules see of a member."""
        from shared.tables import pack, unpack

        answer = self.client.get_item(TableName="membership", Key=pack(entitlement_key(member)))
        return entitlement_in(unpack(answer.get("Item", {})))

    def items(self, pk: str = "") -> list[dict[str, Any]]:
        """Items of the table by the beginning of their key, as DynamoDB has them."""
        found = self.client.scan(TableName="membership")["Items"]
        return [item for item in found if item["pk"]["S"].startswith(pk)]

    def later(self, **span: int) -> None:
        """Time goes by."""
        self.now += timedelta(**span)


def session_of(answer: Answer) -> str:
    """Id of the Checkout session that an answer leads to."""
    assert answer.status == 201, answer.body
    return str(answer.body["url"]).rpartition("/")[2]

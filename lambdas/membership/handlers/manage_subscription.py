"""`POST /membership/checkout` and `POST /membership/portal`: Stripe's pages, for one member."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from membership.checkouts import open_checkout
from membership.looking import billing_at, members
from membership.model import Page, Wish
from membership.settings import settings
from shared.api import Api, Call
from shared.callers import Caller
from shared.idempotency import Idempotency, idempotency_of
from shared.problems import ProblemError, busy, invalid
from shared.telemetry import count, logger

api = Api()

_UNAVAILABLE = "Payments are not set up, Stripe does not answer, or the table is contended."


@api.post(
    "/membership/checkout",
    by=Caller.MEMBER,
    status=201,
    refusals={409: "There is a subscription, or the key's checkout is over.", 503: _UNAVAILABLE},
)
def begin_checkout(call: Call, body: Wish) -> Page:
    """Stripe's page on which the member subscribes; needs an Idempotency-Key."""
    tier = settings().tier(body.tier)
    if tier is None:
        raise invalid([("/tier", f"must be one of {', '.join(settings().tier_ids)}")])
    key = _key_of(call, body)
    session = open_checkout(billing_at(call.now), call.member.id, tier, key, call.now)
    if session.url is None:  # it was paid or replaced while this answer was made
        raise busy()
    logger.info("checkout opened", tier=tier.id)
    count("CheckoutsOpened")
    return Page(url=session.url)


@api.post(
    "/membership/portal",
    by=Caller.MEMBER,
    status=201,
    refusals={409: "The member has never subscribed.", 503: _UNAVAILABLE},
)
def open_portal(call: Call) -> Page:
    """Stripe's page on which the member changes tier or card, sees invoices, and cancels."""
    member = members.get(call.member.id)
    if member is None or member.customer is None or member.subscription is None:
        raise ProblemError(
            409, "not-subscribed", "There is no subscription", "Subscribe by POST /membership/checkout first."
        )
    return Page(url=billing_at(call.now).portal(member.customer, settings().tiers, settings().currency))


def _key_of(call: Call, body: Wish) -> Idempotency:
    """The request's key, which is this member's alone."""
    found = idempotency_of(call, body)
    if found is None:
        raise ProblemError(
            400,
            "no-idempotency-key",
            "An idempotency key is missing",
            "Send a fresh UUID in the header Idempotency-Key, and the same one when you ask again.",
        )
    own = hashlib.sha256(f"{call.member.id}#{found.key_digest}".encode()).hexdigest()
    return replace(found, key_digest=own)


handler = api.handler

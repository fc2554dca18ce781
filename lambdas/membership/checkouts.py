"""A member begins to subscribe: one checkout each, which at most one subscription can come of.

A checkout is claimed in the member's item before Stripe is asked to make its session, and the next one is
claimed only once the session before can no longer be paid; Stripe lets no session expire that has been. So
two requests at once, of whatever keys and tiers, end in one session that can be paid, and who has paid gets
no other.
"""

from __future__ import annotations

from datetime import datetime

from membership.looking import members, seen_by
from membership.model import Checkout, Member
from membership.rules import is_running, stood
from membership.settings import Tier, settings
from membership.stripe_api import Billing, Session
from shared.idempotency import Idempotency
from shared.problems import ProblemError, busy
from shared.tables import attempts

_PATIENT = 3
"""Rounds in which we wait for another request to learn the session that it has claimed."""


def open_checkout(
    billing: Billing, member_id: str, tier: Tier, idempotency: Idempotency, now: datetime
) -> Session:
    """The session on which a member subscribes to a tier; the one that is open already, if it is of the tier.

    Args:
        billing: Stripe.
        member_id: who subscribes.
        tier: to what.
        idempotency: the request's key.
        now: when the request came in.

    Raises:
        ProblemError: 409 `already-subscribed`, or `checkout-closed` where the key was for a checkout that is
            over; 422 when the key came with other content before; 503 when Stripe does not answer or the
            table stays contended.
    """
    for tried in attempts():
        seen = members.get(member_id) or Member(id=member_id)
        earlier = idempotency.earlier(settings().membership_table, now)
        if seen.checkout and not seen.checkout.session and tried < _PATIENT:
            continue
        found, session = seen_by(billing, seen, now)
        if found.subscription and is_running(found.subscription):
            members.save(found, seen, now)
            raise _already_subscribed()
        number = str(seen.checkout.number) if seen.checkout else None
        if session and session.url and found.checkout and found.checkout.tier == tier.id:
            if earlier not in (None, number):
                raise _closed()
            known = _with_session(found, session, now)
            if members.save(known, seen, now, idempotency=None if earlier else idempotency):
                return session
            continue
        if earlier:
            raise _closed()
        if session and session.url and not billing.expire(session.id):
            continue  # it was paid just now
        customer = seen.customer
        if customer is None or not billing.knows(customer):
            customer = billing.make_customer(member_id, seen.version)
        price = billing.prices((tier,), settings().currency)[tier.id].id
        checkout = Checkout(number=seen.checkouts + 1, tier=tier.id, price=price)
        claimed = stood(
            found.model_copy(
                update={"customer": customer, "checkouts": checkout.number, "checkout": checkout}
            ),
            settings().grace,
            now,
        )
        if not members.save(claimed, seen, now, idempotency=idempotency):
            continue
        session = billing.open_session(member_id, customer, checkout)
        stored = claimed.model_copy(update={"version": seen.version + 1})
        # Who came in between has found the session by themselves.
        members.save(_with_session(stored, session, now), stored, now)
        return session
    raise busy()


def _with_session(member: Member, session: Session, now: datetime) -> Member:
    checkout = member.checkout and member.checkout.model_copy(update={"session": session.id})
    return stood(member.model_copy(update={"checkout": checkout}), settings().grace, now)


def _already_subscribed() -> ProblemError:
    return ProblemError(
        409,
        "already-subscribed",
        "There is a subscription already",
        "Change its tier, pay what is owed or cancel it on the page that POST /membership/portal gives.",
    )


def _closed() -> ProblemError:
    return ProblemError(
        409,
        "checkout-closed",
        "This checkout is closed",
        "It was paid, took too long, or another one was begun. Begin a new one with a new idempotency key.",
    )

"""A look at Stripe, and what is stored of it. Whatever tells of a change ends here."""

from __future__ import annotations

import os
from datetime import datetime

from membership.members_table import MembersTable
from membership.model import Member
from membership.rules import looked
from membership.settings import settings
from membership.stripe_api import Billing, Session, connection
from shared.problems import busy
from shared.stripe_secrets import STRIPE_KEY, Secrets
from shared.tables import attempts
from shared.telemetry import count, logger

members = MembersTable(settings().membership_table)
keys = Secrets(settings().stripe_key_parameter, STRIPE_KEY)


def billing_at(now: datetime) -> Billing:
    """Stripe with the key of now.

    Raises:
        ProblemError: 503, nobody has put a key there yet.
    """
    site = f"https://{os.environ['CREATOR_DOMAIN']}/membership"
    slug, language = os.environ["CREATOR_SLUG"], os.environ["CREATOR_LANGUAGE"]
    return connection(keys.at(now)[0], slug, site, language, settings().stripe_api_base)


def look_at(member_id: str, now: datetime, *, event: str | None = None) -> Member | None:
    """Ask Stripe how things are and store that, with the event that made us ask.

    Returns:
        The member; None where we know none of this id, or the event was known.

    Raises:
        ProblemError: 503, Stripe does not answer, or the table stays contended.
    """
    for _ in attempts():
        seen = members.get(member_id)
        if seen is None or seen.customer is None or (event and members.knows_event(event)):
            return None
        found, _ = seen_by(billing_at(now), seen, now)
        if members.save(found, seen, now, event=event):
            if found.doubled and not seen.doubled:
                logger.warning("a member has two subscriptions")
                count("SubscriptionsDoubled")
            return found
    raise busy()


def seen_by(billing: Billing, member: Member, now: datetime) -> tuple[Member, Session | None]:
    """The member as Stripe has them, and their checkout where it is not known to be closed.

    The checkout is looked at first: when it has been paid by then, its subscription is among those that are
    listed after it.
    """
    session = None
    if member.customer and member.checkout:
        known = member.checkout.session
        # One that was about to be made is made, or found, by asking again.
        session = billing.session(
            known or billing.open_session(member.id, member.customer, member.checkout).id
        )
    found = looked(
        member,
        billing.subscriptions(member.customer) if member.customer else (),
        checkout_open=session is not None and session.url is not None,
        tiers=settings().tier_ids,
        grace=settings().grace,
        now=now,
    )
    return found, session

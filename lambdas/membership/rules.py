"""What follows from what Stripe says. All pure: the moment is passed in.

Nothing here looks at events: each of them only makes us ask Stripe how things are, and what is stored is
worked out from that answer alone. So it does not matter in which order, how late or how often events are
told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from membership.model import Member, ShownMember, ShownMembership, Standing, State, Subscription

RENEWAL_LAG = timedelta(days=1)
"""Who is renewed stays a member for so long after the end of the month, until we have heard of the next one.

Stripe charges about an hour after it (https://docs.stripe.com/billing/invoices/subscription) and then tells
us; what it could not tell is asked for once this is over.
"""

_OVER = frozenset({"canceled", "incomplete_expired"})
_LEAST = datetime.min.replace(tzinfo=UTC)


def is_running(subscription: Subscription) -> bool:
    """Whether it is charged, or may yet be: whoever has such a one must not begin another."""
    return subscription.status not in _OVER


def standing(subscription: Subscription, grace: timedelta, now: datetime) -> Standing:
    """How a subscription stands (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses).

    - `active`, and `trialing`, which somebody has given by hand: until the end of the month and a little
      longer, or until it ends by itself.
    - `past_due`: could not be charged; until `grace` after the oldest invoice that is not paid was made.
    - `incomplete`: the first payment is under way; nothing yet.
    - `unpaid`, `paused` (a trial without a way to pay): nothing any more; `canceled`, `incomplete_expired`:
      over.
    - Anything else: nothing, until somebody knows what it means.

    Args:
        subscription: as Stripe has it.
        grace: how long who could not be charged stays a member.
        now: the moment that it is asked for.
    """
    match subscription.status:
        case "active" | "trialing":
            return _paid(subscription, now)
        case "past_due":
            return _owing(subscription, grace, now)
        case "incomplete":
            return Standing(state=State.INCOMPLETE, tier=subscription.tier)
        case "unpaid":
            return Standing(state=State.UNPAID, tier=subscription.tier, paid_until=subscription.unpaid_since)
        case "paused":
            return Standing(state=State.PAUSED, tier=subscription.tier)
        case status if status in _OVER:
            return Standing(state=State.ENDED, tier=subscription.tier)
        case _:
            return Standing(state=State.UNKNOWN, tier=subscription.tier)


def standing_of(member: Member, grace: timedelta, now: datetime) -> Standing:
    """How a member stands: as their subscription does, unless that is over and they begin another.

    Args:
        member: as they are stored.
        grace: how long who could not be charged stays a member.
        now: the moment that it is asked for.
    """
    if member.subscription and (is_running(member.subscription) or not member.checkout):
        return standing(member.subscription, grace, now)
    return Standing(state=State.CHECKOUT if member.checkout else State.NONE)


def counting(
    subscriptions: Iterable[Subscription], tiers: Sequence[str], grace: timedelta, now: datetime
) -> Subscription | None:
    """The one of a person's subscriptions that counts: what opens most now, what runs, the youngest.

    Args:
        subscriptions: all of them, in any order.
        tiers: ids from the lowest to the highest.
        grace: how long who could not be charged stays a member.
        now: the moment that it is asked for.
    """

    def worth(subscription: Subscription) -> tuple[bool, int, bool, datetime, datetime, str]:
        until = standing(subscription, grace, now).until
        rank = tiers.index(subscription.tier) if subscription.tier in tiers else -1
        running = is_running(subscription)
        return until is not None, rank, running, until or _LEAST, subscription.started_at, subscription.id

    return max(subscriptions, key=worth, default=None)


def looked(
    member: Member,
    subscriptions: Sequence[Subscription],
    *,
    checkout_open: bool,
    tiers: Sequence[str],
    grace: timedelta,
    now: datetime,
) -> Member:
    """The member after a look at Stripe: nothing but the look says what they have.

    Args:
        member: as they are stored.
        subscriptions: all of theirs that Stripe has.
        checkout_open: whether their checkout can still be paid.
        tiers: ids from the lowest to the highest.
        grace: how long who could not be charged stays a member.
        now: the moment of the look.
    """
    running = [subscription for subscription in subscriptions if is_running(subscription)]
    found = member.model_copy(
        update={
            "checkout": member.checkout if checkout_open else None,
            "subscription": counting(running or subscriptions, tiers, grace, now),
            "doubled": len(running) > 1,
        }
    )
    return stood(found, grace, now)


def stood(member: Member, grace: timedelta, now: datetime) -> Member:
    """The member with how they stand now."""
    stand = standing_of(member, grace, now)
    return member.model_copy(update={"state": stand.state, "until": stand.until})


def monthly(member: Member) -> int:
    """What a member brings in a month, in minor units: nothing while nothing is charged, or could be."""
    if member.subscription is None or member.subscription.status != "active":
        return 0
    return member.subscription.price


def shown_to_member(member: Member, grace: timedelta, now: datetime) -> ShownMembership:
    """What members see of themselves."""
    stand = standing_of(member, grace, now)
    return ShownMembership(
        tier=stand.tier,
        state=stand.state,
        is_member=stand.until is not None,
        paid_until=stand.paid_until,
        grace_until=stand.grace_until,
        cancels_at=member.subscription.cancels_at if member.subscription and stand.until else None,
    )


def shown_to_operator(member: Member, grace: timedelta, now: datetime) -> ShownMember:
    """What operators see of a member."""
    stand, subscription = standing_of(member, grace, now), member.subscription
    return ShownMember(
        id=member.id,
        state=stand.state,
        tier=stand.tier,
        price=subscription.price if subscription else None,
        currency=subscription.currency if subscription else None,
        started_at=subscription.started_at if subscription else None,
        paid_until=stand.paid_until,
        grace_until=stand.grace_until,
        cancels_at=subscription.cancels_at if subscription else None,
        customer=member.customer,
        subscription=subscription.id if subscription else None,
        doubled=member.doubled,
    )


def _paid(subscription: Subscription, now: datetime) -> Standing:
    tier, end, ends_at = subscription.tier, subscription.period_end, subscription.cancels_at
    until = ends_at or end + RENEWAL_LAG
    if now >= until:
        return Standing(state=State.ENDED if ends_at else State.UNPAID, tier=tier, paid_until=end)
    state = State.CANCELLING if ends_at else State.ACTIVE
    return Standing(state=state, tier=tier, until=until, paid_until=end)


def _owing(subscription: Subscription, grace: timedelta, now: datetime) -> Standing:
    tier, since = subscription.tier, subscription.unpaid_since
    grace_until = since + grace if since else None
    if grace_until and subscription.cancels_at:
        grace_until = min(grace_until, subscription.cancels_at)
    if grace_until is None or now >= grace_until:
        return Standing(state=State.UNPAID, tier=tier, paid_until=since)
    return Standing(
        state=State.GRACE, tier=tier, until=grace_until, paid_until=since, grace_until=grace_until
    )

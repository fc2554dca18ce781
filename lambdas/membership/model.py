"""A member, and what Stripe says of their subscription. Amounts are minor units of a currency."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """What does not change."""

    model_config = ConfigDict(frozen=True)


class State(StrEnum):
    """How a membership stands.

    `checkout` was begun and is not paid, `incomplete` is a first payment under way. Who is `active`,
    `cancelling` (until the end of what is paid) or in `grace` (could not be charged) is a member; who is
    `unpaid`, `paused` or `ended`, or of whom Stripe says what we do not know (`unknown`), is none any more.
    """

    NONE = "none"
    CHECKOUT = "checkout"
    INCOMPLETE = "incomplete"
    ACTIVE = "active"
    CANCELLING = "cancelling"
    GRACE = "grace"
    UNPAID = "unpaid"
    PAUSED = "paused"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Subscription(Value):
    """What Stripe says of a subscription (https://docs.stripe.com/api/subscriptions/object).

    Args:
        status: Stripe's word.
        tier: that its price is of.
        price: minor units a month, those of the day on which it was subscribed to.
        currency: in capitals.
        started_at: when it began.
        period_end: of the month that was charged last, or that could not be charged.
        cancels_at: when it ends by itself; None where it is renewed.
        unpaid_since: when the oldest of its invoices that are not paid was made; None where all are.
    """

    id: str
    status: str
    tier: str
    price: int
    currency: str
    started_at: datetime
    period_end: datetime
    cancels_at: datetime | None = None
    unpaid_since: datetime | None = None


class Checkout(Value):
    """A page of Stripe's on which a member can subscribe; each member has one at most.

    Args:
        number: counts the member's checkouts.
        tier: that is paid for.
        price: id of Stripe's price.
        session: id of Stripe's session; None until it is known to be made.
    """

    number: int
    tier: str
    price: str
    session: str | None = None


class Member(Value):
    """A person who has subscribed, or has begun to.

    Args:
        id: of the member in the user pool.
        version: counts changes; 0 is not stored yet.
        customer: Stripe's id of the person.
        checkouts: how many were begun.
        checkout: the one that may still be open.
        subscription: the one that counts.
        doubled: more than one is running, and each is charged.
        state: at the last look.
        until: what they are entitled to at the last look is over then; None where that is nothing.
    """

    id: str
    version: int = 0
    customer: str | None = None
    checkouts: int = 0
    checkout: Checkout | None = None
    subscription: Subscription | None = None
    doubled: bool = False
    state: State = State.NONE
    until: datetime | None = None


class Standing(Value):
    """What follows from a subscription at a moment.

    Args:
        until: the tier is had until then; None where it is not.
        paid_until: what is paid ends then.
        grace_until: who could not be charged is a member until then.
    """

    state: State
    tier: str | None = None
    until: datetime | None = None
    paid_until: datetime | None = None
    grace_until: datetime | None = None


TierId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""Id of a tier."""


class ShownTier(Value):
    """A tier as the site shows it."""

    id: str
    name: str
    price: int
    benefits: tuple[str, ...]


class Tiers(Value):
    """All tiers, from the lowest to the highest; prices are minor units of the currency a month."""

    currency: str
    tiers: tuple[ShownTier, ...]


class ShownMembership(Value):
    """A member's own membership.

    Args:
        tier: that is subscribed to; None where nothing is.
        is_member: whether the tier is had at this moment.
        paid_until: end of what is paid.
        grace_until: the last payment failed, and the tier is had until then.
        cancels_at: it ends then by itself.
    """

    tier: str | None
    state: State
    is_member: bool
    paid_until: datetime | None
    grace_until: datetime | None
    cancels_at: datetime | None


class Wish(BaseModel):
    """What a member wants to subscribe to."""

    model_config = ConfigDict(extra="forbid")

    tier: TierId


class Page(Value):
    """A page of Stripe's, to send the member's browser to.

    Args:
        url: on checkout.stripe.com or billing.stripe.com.
    """

    url: str


class ShownMember(Value):
    """A member as operators see them; who it is, the user pool knows.

    Args:
        id: of the member in the user pool.
        price: minor units a month.
        customer: Stripe's id.
        subscription: Stripe's id.
        doubled: more than one subscription is running, and each is charged: cancel one at Stripe.
    """

    id: str
    state: State
    tier: str | None
    price: int | None
    currency: str | None
    started_at: datetime | None
    paid_until: datetime | None
    grace_until: datetime | None
    cancels_at: datetime | None
    customer: str | None
    subscription: str | None
    doubled: bool


class MembersPage(Value):
    """A page of members; the last one has no `next_cursor`."""

    members: tuple[ShownMember, ...]
    next_cursor: str | None


class Group(Value):
    """How many members are of a tier and in a state."""

    tier: str | None
    state: State
    members: int


class Revenue(Value):
    """What active subscriptions bring in a month, before Stripe's fees: minor units of a currency."""

    currency: str
    amount: int


class Figures(Value):
    """Members by tier and state, and the monthly revenue; at most an hour old."""

    groups: tuple[Group, ...]
    monthly_revenue: tuple[Revenue, ...]


class Outcome(StrEnum):
    """What became of an event: it is none of ours, was known, or had us look at Stripe again."""

    IGNORED = "ignored"
    KNOWN = "known"
    APPLIED = "applied"


class Handled(Value):
    """Answer to Stripe."""

    outcome: Outcome

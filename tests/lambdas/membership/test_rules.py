"""What follows from what Stripe says, without Stripe."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.model import Checkout, Member, State, Subscription
from membership.rules import RENEWAL_LAG, counting, looked, monthly, shown_to_member, standing, standing_of
from shared.entitlements import Entitlement, opens
from tests.lambdas.functions import NOW

GRACE = timedelta(days=7)
TIERS = ("bee", "worker", "queen")
END = NOW + timedelta(days=20)
STATUSES = (
    "active",
    "trialing",
    "past_due",
    "unpaid",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "paused",
    "a word that Stripe has not used yet",
)


def subscription(**fields: Any) -> Subscription:
    return Subscription(
        **{
            "id": "sub_1",
            "status": "active",
            "tier": "bee",
            "price": 500,
            "currency": "EUR",
            "started_at": NOW - timedelta(days=10),
            "period_end": END,
            **fields,
        }
    )


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
subscriptions = st.builds(
    subscription,
    id=st.text("abc", min_size=1, max_size=3),
    status=st.sampled_from(STATUSES),
    tier=st.sampled_from((*TIERS, "gone")),
    started_at=moments,
    period_end=moments,
    cancels_at=st.none() | moments,
    unpaid_since=st.none() | moments,
)


@pytest.mark.parametrize(
    ("fields", "now", "state", "until"),
    [
        ({}, NOW, State.ACTIVE, END + RENEWAL_LAG),
        ({}, END + RENEWAL_LAG - timedelta(seconds=1), State.ACTIVE, END + RENEWAL_LAG),
        ({}, END + RENEWAL_LAG, State.UNPAID, None),
        ({"status": "trialing"}, NOW, State.ACTIVE, END + RENEWAL_LAG),
        ({"cancels_at": END}, NOW, State.CANCELLING, END),
        ({"cancels_at": END}, END, State.ENDED, None),
        ({"status": "past_due", "unpaid_since": NOW}, NOW, State.GRACE, NOW + GRACE),
        ({"status": "past_due", "unpaid_since": NOW}, NOW + GRACE, State.UNPAID, None),
        ({"status": "past_due", "unpaid_since": NOW, "cancels_at": END}, NOW, State.GRACE, NOW + GRACE),
        (
            {"status": "past_due", "unpaid_since": NOW, "cancels_at": NOW + timedelta(days=1)},
            NOW,
            State.GRACE,
            NOW + timedelta(days=1),
        ),
        ({"status": "past_due"}, NOW, State.UNPAID, None),
        ({"status": "unpaid"}, NOW, State.UNPAID, None),
        ({"status": "paused"}, NOW, State.PAUSED, None),
        ({"status": "incomplete"}, NOW, State.INCOMPLETE, None),
        ({"status": "incomplete_expired"}, NOW, State.ENDED, None),
        ({"status": "canceled"}, NOW, State.ENDED, None),
        ({"status": "suspended"}, NOW, State.UNKNOWN, None),
    ],
)
def test_every_status_is_told(
    fields: dict[str, Any], now: datetime, state: State, until: datetime | None
) -> None:
    stand = standing(subscription(**fields), GRACE, now)
    assert (stand.state, stand.until, stand.tier) == (state, until, "bee")


def test_no_grace_ends_at_once() -> None:
    stand = standing(subscription(status="past_due", unpaid_since=NOW), timedelta(), NOW)
    assert (stand.state, stand.until) == (State.UNPAID, None)


@given(subscriptions, moments, st.integers(0, 30))
def test_what_is_had_is_not_over_and_stays_had_until_then(
    found: Subscription, now: datetime, days: int
) -> None:
    grace = timedelta(days=days)
    stand = standing(found, grace, now)
    assert (stand.until is not None) == (stand.state in (State.ACTIVE, State.CANCELLING, State.GRACE))
    if stand.until is None:
        assert standing(found, grace, now + timedelta(days=1)).until is None  # time alone gives nothing back
    else:
        assert now < stand.until
        last, over = stand.until - timedelta(microseconds=1), stand.until
        assert standing(found, grace, last).until == stand.until
        assert standing(found, grace, over).until is None


@given(st.lists(subscriptions, max_size=5), moments, st.randoms(use_true_random=False))
def test_the_order_of_subscriptions_does_not_matter(
    found: list[Subscription], now: datetime, rng: random.Random
) -> None:
    shuffled = found.copy()
    rng.shuffle(shuffled)
    first, second = (counting(listed, TIERS, GRACE, now) for listed in (found, shuffled))
    if found:
        assert first
        assert second
        assert (first.id, first.started_at) == (second.id, second.started_at)
        had = [one for one in found if standing(one, GRACE, now).until]
        if had:
            best = max(TIERS.index(one.tier) if one.tier in TIERS else -1 for one in had)
            assert (TIERS.index(first.tier) if first.tier in TIERS else -1) == best
    else:
        assert first is None


@given(st.lists(subscriptions, min_size=1, max_size=9), st.data())
def test_any_telling_of_a_life_ends_as_stripe_has_it(life: list[Subscription], data: st.DataObject) -> None:
    """Each of the life's changes is told at least once after it happened, late, again and in any order."""
    life = [state.model_copy(update={"id": "sub_1"}) for state in life]
    told = list(range(len(life))) + data.draw(st.lists(st.integers(0, len(life) - 1), max_size=9))
    # An event of change i comes when the life is at some j >= i; what is stored is what Stripe says then.
    looks = sorted(data.draw(st.integers(change, len(life) - 1)) for change in told)
    member = Member(id="m", customer="cus_1", version=1)
    for at in looks:
        member = looked(member, [life[at]], checkout_open=False, tiers=TIERS, grace=GRACE, now=NOW)
    once = looked(
        Member(id="m", customer="cus_1", version=1),
        [life[-1]],
        checkout_open=False,
        tiers=TIERS,
        grace=GRACE,
        now=NOW,
    )
    assert member == once


def test_who_subscribes_anew_is_told_of_the_checkout_until_it_is_paid() -> None:
    checkout = Checkout(number=2, tier="queen", price="price_1")
    over = subscription(status="canceled")
    assert standing_of(Member(id="m"), GRACE, NOW).state is State.NONE
    assert standing_of(Member(id="m", checkout=checkout), GRACE, NOW).state is State.CHECKOUT
    assert (
        standing_of(Member(id="m", checkout=checkout, subscription=over), GRACE, NOW).state is State.CHECKOUT
    )
    running = Member(id="m", checkout=checkout, subscription=subscription())
    assert standing_of(running, GRACE, NOW).state is State.ACTIVE
    assert standing_of(Member(id="m", subscription=over), GRACE, NOW).state is State.ENDED


def test_two_that_run_are_told_and_the_higher_one_counts() -> None:
    found = [
        subscription(),
        subscription(id="sub_2", tier="queen"),
        subscription(id="sub_0", status="canceled"),
    ]
    member = looked(Member(id="m"), found, checkout_open=False, tiers=TIERS, grace=GRACE, now=NOW)
    assert member.doubled
    assert member.subscription
    assert member.subscription.tier == "queen"
    calm = looked(member, found[1:], checkout_open=False, tiers=TIERS, grace=GRACE, now=NOW)
    assert not calm.doubled


def test_only_what_is_charged_brings_money() -> None:
    amounts = {
        status: monthly(Member(id="m", subscription=subscription(status=status))) for status in STATUSES
    }
    assert {status for status, amount in amounts.items() if amount} == {"active"}
    assert monthly(Member(id="m")) == 0


def test_a_member_sees_until_when_it_is_paid_and_what_comes_then() -> None:
    owing = Member(id="m", subscription=subscription(status="past_due", unpaid_since=NOW))
    shown = shown_to_member(owing, GRACE, NOW)
    assert (shown.is_member, shown.paid_until, shown.grace_until) == (True, NOW, NOW + GRACE)
    ending = Member(id="m", subscription=subscription(cancels_at=END))
    assert shown_to_member(ending, GRACE, NOW).cancels_at == END
    assert shown_to_member(ending, GRACE, END).cancels_at is None


@given(
    st.none() | st.builds(Entitlement, tier=st.sampled_from((*TIERS, "gone")), until=moments),
    st.sampled_from(TIERS),
    moments,
)
def test_a_tier_opens_what_is_for_it_and_all_below(
    entitlement: Entitlement | None, needed: str, now: datetime
) -> None:
    opened = {tier for tier in TIERS if opens(entitlement, tier, TIERS, now)}
    if entitlement is None or entitlement.until <= now or entitlement.tier == "gone":
        assert not opened
    else:
        assert opened == set(TIERS[: TIERS.index(entitlement.tier) + 1])
        assert opens(entitlement, needed, TIERS, now) == (needed in opened)

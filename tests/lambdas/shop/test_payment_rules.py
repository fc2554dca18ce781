"""What payments do to an order: late, twice and in any order of telling."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.problems import ProblemError
from shop.order import Dispute, Fulfilment, Line, Order, RefundState, RefundWish, Review, Status
from shop.payment import (
    Kind,
    PaymentEvent,
    apply,
    ask_refund,
    expire,
    fulfil,
    is_late,
    refund_made,
    refund_refused,
    refund_unfulfillable,
    reviewed,
    wants_stock,
)

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
INTENT, CREATOR = "pi_1", "kasper"
ORDER = Order(
    id="0" * 26,
    version=2,
    email="beate@honey.example",
    currency="EUR",
    lines=(Line(product="0" * 13, title="Honey", price=500, quantity=2, digital=False, counted=True),),
    shipping=0,
    total=1_000,
    created_at=NOW,
    hold_until=NOW + timedelta(minutes=30),
    holding=True,
    token_salt="00",
    token_digest="00",
    payment_intent=INTENT,
)


def told(kind: Kind, *, id: str = "evt_1", minute: int = 1, **fields: object) -> PaymentEvent:
    """An event about `ORDER`."""
    event = PaymentEvent(id=id, kind=kind, at=NOW + timedelta(minutes=minute), intent=INTENT, currency="EUR")
    about = {"amount": 1_000, "order": ORDER.id, "creator": CREATOR} if "intent" in kind else {}
    return replace(event, **{**about, **fields})


PAID = told(Kind.SUCCEEDED)
FAILED = told(Kind.FAILED, id="evt_0", minute=0)
PART_BACK = told(Kind.REFUNDED, id="evt_2", minute=2, amount=1_000, refunded=300)
ALL_BACK = told(Kind.REFUNDED, id="evt_3", minute=3, amount=1_000, refunded=1_000)
DISPUTED = told(Kind.DISPUTED, id="evt_4", minute=4, subject="du_1", dispute=Dispute.OPEN)
WON = told(Kind.DISPUTE_CLOSED, id="evt_5", minute=5, subject="du_1", dispute=Dispute.WON)
LOST = replace(WON, dispute=Dispute.LOST)
DISPUTED_AGAIN = replace(DISPUTED, id="evt_6", subject="du_2")
WRONG = replace(PAID, id="evt_7", amount=1)
STORIES = {
    "paid": ([FAILED, PAID], Status.PAID),
    "part back": ([PAID, PART_BACK], Status.PAID),
    "all back": ([FAILED, PAID, PART_BACK, ALL_BACK], Status.REFUNDED),
    "disputed": ([PAID, DISPUTED], Status.DISPUTED),
    "won": ([PAID, PART_BACK, DISPUTED, WON], Status.PAID),
    "lost": ([PAID, DISPUTED, LOST], Status.LOST),
    "won and disputed again": ([PAID, DISPUTED, WON, DISPUTED_AGAIN], Status.DISPUTED),
    "not paid": ([FAILED], Status.OPEN),
    "given up": ([FAILED, told(Kind.CANCELLED)], Status.CANCELLED),
    "does not fit": ([PAID, WRONG, DISPUTED, WON], Status.REVIEW),
}


def after(events: list[PaymentEvent], order: Order = ORDER) -> Order:
    """The order after the events as the table applies them: each id once."""
    seen: set[str] = set()
    for event in events:
        if event.id not in seen:
            order = apply(order, event, CREATOR)
            seen.add(event.id)
    return order


@pytest.mark.parametrize(("events", "status"), STORIES.values(), ids=STORIES)
def test_any_order_of_telling_ends_the_same(events: list[PaymentEvent], status: Status) -> None:
    expected = after(events)
    assert expected.status is status
    for telling in itertools.permutations(events):
        assert after(list(telling)) == expected, [event.kind for event in telling]


@given(st.data(), st.sampled_from(list(STORIES.values())))
def test_what_is_told_again_changes_nothing(
    data: st.DataObject, story: tuple[list[PaymentEvent], Status]
) -> None:
    events, status = story
    telling = data.draw(st.permutations(events * 3))
    assert after(list(telling)) == after(events)
    assert after(list(telling)).status is status


@given(st.permutations([PAID, PART_BACK, ALL_BACK, DISPUTED, WON] * 2))
def test_even_when_ids_are_forgotten_facts_are_facts(telling: list[PaymentEvent]) -> None:
    order = ORDER
    for event in telling:
        order = apply(order, event, CREATOR)
    assert order == after([PAID, ALL_BACK, DISPUTED, WON])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": 999}, "amount"),
        ({"amount": 1_001}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"order": "1" * 26}, "metadata"),
        ({"order": ""}, "metadata"),
        ({"creator": "mina"}, "metadata"),
        ({"intent": "pi_2"}, "payment"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.SUCCEEDED, Kind.CANCELLED])
def test_what_does_not_fit_is_flagged_and_never_counts(
    kind: Kind, changes: dict[str, object], reason: str
) -> None:
    order = apply(ORDER, told(kind, **changes), CREATOR)
    assert order == ORDER.model_copy(update={"review": (reason,)})
    assert (order.status, order.paid_at) == (Status.REVIEW, None)


def test_more_cannot_come_back_than_was_paid() -> None:
    order = apply(ORDER, replace(ALL_BACK, refunded=1_001), CREATOR)
    assert (order.refunded, order.review) == (0, ("amount",))


def test_a_refund_that_fails_at_the_bank_is_an_operators_matter() -> None:
    order = after([PAID, ALL_BACK, told(Kind.REFUND_FAILED, id="evt_9", subject="re_1")])
    assert order.status is Status.REVIEW
    assert reviewed(order, Review(version=order.version)).status is Status.REFUNDED


def test_a_hold_ends_at_its_minute_and_only_while_nobody_has_paid() -> None:
    end = ORDER.hold_until
    assert expire(ORDER, end - timedelta(seconds=1)) is ORDER
    expired = expire(ORDER, end)
    assert (expired.status, wants_stock(expired)) == (Status.EXPIRED, False)
    assert expire(expired, end + timedelta(days=1)) is expired
    paid = after([PAID])
    assert expire(paid, end) is paid
    flagged = after([WRONG])
    assert expire(flagged, end) is flagged


def test_late_money_wants_the_items_back_unless_it_went_back_itself() -> None:
    expired = expire(ORDER, ORDER.hold_until).model_copy(update={"holding": False})
    paid = apply(expired, PAID, CREATOR)
    assert wants_stock(paid)
    assert is_late(expired, paid)
    assert not is_late(paid, apply(paid, DISPUTED, CREATOR))
    assert not is_late(expired, apply(expired, ALL_BACK, CREATOR))
    back = refund_unfulfillable(paid, NOW)
    assert (back.status, back.due, back.left, wants_stock(back)) == (Status.REFUNDING, 1_000, 0, False)
    assert refund_made(back, 1, "re_1").status is Status.REFUNDED


def test_what_was_fulfilled_does_not_come_back_into_stock() -> None:
    order = fulfil(after([PAID]), Fulfilment(version=2), operator="ana", now=NOW)
    assert order.status is Status.FULFILLED
    assert wants_stock(apply(order, ALL_BACK, CREATOR))
    assert not wants_stock(after([PAID, ALL_BACK]))


@pytest.mark.parametrize(
    "events",
    [[], [PAID, DISPUTED], [PAID, ALL_BACK], [PAID, DISPUTED, LOST], [WRONG], [told(Kind.CANCELLED)]],
)
def test_only_what_is_paid_for_good_is_sent(events: list[PaymentEvent]) -> None:
    with pytest.raises(ProblemError, match="not-ready"):
        fulfil(after(events), Fulfilment(version=2), operator="ana", now=NOW)


@given(st.lists(st.integers(1, 1_200), max_size=6), st.integers(0, 1_000))
def test_no_more_is_given_back_than_is_left(amounts: list[int], known: int) -> None:
    order = after([PAID]).model_copy(update={"refunded": known})
    for amount in amounts:
        wish = RefundWish(version=order.version, amount=amount, reason="asked for")
        if amount <= order.left:
            order = ask_refund(order, wish, operator="ana", now=NOW)
        else:
            with pytest.raises(ProblemError, match="invalid" if order.left else "not-paid"):
                ask_refund(order, wish, operator="ana", now=NOW)
    assert known + order.due <= order.total
    for refund in order.refunds:
        order = refund_made(order, refund.number, f"re_{refund.number}")
    assert order.given_back <= order.total
    assert not order.due


def test_a_refund_that_stripe_refuses_is_flagged_unless_all_is_back() -> None:
    asked = ask_refund(after([PAID]), RefundWish(version=2, reason="asked for"), operator="ana", now=NOW)
    refused = refund_refused(asked, 1, all_back=False)
    assert (refused.status, refused.refunds[0].state) == (Status.REVIEW, RefundState.FAILED)
    assert refund_refused(asked, 1, all_back=True).status is Status.REFUNDED


@pytest.mark.parametrize("version", [1, 3])
def test_operators_decide_about_what_they_saw(version: int) -> None:
    order = after([PAID])
    for decide in (
        lambda: ask_refund(order, RefundWish(version=version, reason="x"), operator="ana", now=NOW),
        lambda: fulfil(order, Fulfilment(version=version), operator="ana", now=NOW),
        lambda: reviewed(order, Review(version=version)),
    ):
        with pytest.raises(ProblemError, match="changed"):
            decide()


def test_nothing_is_given_back_of_what_nobody_paid() -> None:
    with pytest.raises(ProblemError, match="not-paid"):
        ask_refund(ORDER, RefundWish(version=2, reason="x"), operator="ana", now=NOW)

"""What payments do to an order. All pure: the moment is passed in.

Stripe tells of things late, twice and in any order. So an event adds a fact and takes none away, facts of one
sort have an order in which the later one wins whenever it comes (`min`, `max`, open before closed), and the
order's status is worked out from all of them: any order of the same events ends the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.problems import ProblemError, invalid
from shop.order import SHOP, Dispute, Fulfilment, Order, Refund, RefundState, RefundWish, Review, Status
from shop.product import changed


class Kind(StrEnum):
    """What an event is about, by Stripe's names (https://docs.stripe.com/api/events/types)."""

    SUCCEEDED = "payment_intent.succeeded"
    FAILED = "payment_intent.payment_failed"
    CANCELLED = "payment_intent.canceled"
    REFUNDED = "charge.refunded"
    DISPUTED = "charge.dispute.created"
    DISPUTE_CLOSED = "charge.dispute.closed"
    REFUND_FAILED = "refund.failed"


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """An event of Stripe's, as far as an order is concerned.

    Args:
        id: Stripe's, of the event.
        at: when it happened, by Stripe's clock.
        intent: id of the payment that it is about.
        currency: in capitals.
        amount: minor units that were paid in all; None where the event says nothing of it.
        order: id in the payment's metadata; None where the event does not carry it.
        creator: slug in the payment's metadata; None as above.
        refunded: minor units that went back in all.
        subject: id of the dispute or the refund.
        dispute: how it stands.
    """

    id: str
    kind: Kind
    at: datetime
    intent: str
    currency: str
    amount: int | None = None
    order: str | None = None
    creator: str | None = None
    refunded: int = 0
    subject: str = ""
    dispute: Dispute | None = None


def mismatches(order: Order, event: PaymentEvent, creator: str) -> frozenset[str]:
    """What of an event does not belong to this order: nothing of it may count then.

    Args:
        order: whose payment it is said to be.
        event: what Stripe says.
        creator: the slug of the creator whose shop this is.
    """
    checks = {
        "payment": event.intent == order.payment_intent,
        "metadata": event.order in (None, order.id) and event.creator in (None, creator),
        "currency": event.currency == order.currency,
        "amount": event.amount in (None, order.total) and event.refunded <= order.total,
    }
    return frozenset(name for name, fits in checks.items() if not fits)


def apply(order: Order, event: PaymentEvent, creator: str) -> Order:
    """The order after an event; flagged and otherwise as it was, where the event does not fit it.

    Args:
        order: as it is.
        event: what Stripe says.
        creator: the slug of the creator whose shop this is.
    """
    if wrong := mismatches(order, event, creator):
        return _flagged(order, wrong)
    # A charge that is refunded or disputed has been paid, even if we have not heard of that yet.
    paid_at = min(order.paid_at or event.at, event.at)
    match event.kind:
        case Kind.SUCCEEDED:
            return order.model_copy(update={"paid_at": paid_at})
        case Kind.FAILED:
            return order.model_copy(update={"failed_payments": order.failed_payments + 1})
        case Kind.CANCELLED:
            cancelled_at = min(order.cancelled_at or event.at, event.at)
            return order.model_copy(update={"cancelled_at": cancelled_at})
        case Kind.REFUNDED:
            refunded = max(order.refunded, event.refunded)
            return order.model_copy(update={"paid_at": paid_at, "refunded": refunded})
        case Kind.DISPUTED | Kind.DISPUTE_CLOSED:
            stand = _later(order.disputes.get(event.subject), event.dispute or Dispute.OPEN)
            disputes = {**order.disputes, event.subject: stand}
            return order.model_copy(update={"paid_at": paid_at, "disputes": disputes})
        case Kind.REFUND_FAILED:
            return _flagged(order, frozenset({"refund-failed"}))


def wants_stock(order: Order) -> bool:
    """Whether the order's items belong to it: while it is open, and once paid until all money goes back.

    What was fulfilled is gone, whatever becomes of the money.
    """
    if order.fulfilled_at:
        return True
    if order.paid_at:
        return order.given_back + order.due < order.total
    return not order.expired_at and not order.cancelled_at


def is_late(before: Order, after: Order) -> bool:
    """Whether money has just come for an order that had lost its items."""
    return before.paid_at is None and after.paid_at is not None and not before.holding and wants_stock(after)


def refund_unfulfillable(order: Order, now: datetime) -> Order:
    """The order with all money on its way back, because its items were sold while nobody paid."""
    return _with_refund(order, order.left, "sold out before it was paid", SHOP, now)


def expire(order: Order, now: datetime) -> Order:
    """The order without its hold, when that is over; otherwise as it is."""
    if order.status is not Status.OPEN or now < order.hold_until:
        return order
    return order.model_copy(update={"expired_at": now})


def intend(order: Order, intent: str) -> Order:
    """The order with the payment that was opened for it; the first one stays."""
    return order if order.payment_intent else order.model_copy(update={"payment_intent": intent})


def payable(order: Order, now: datetime) -> None:
    """Raises ProblemError 409 `not-payable` unless the order waits for its payment."""
    if order.status is Status.OPEN and now < order.hold_until:
        return
    status = Status.EXPIRED if order.status is Status.OPEN else order.status
    raise ProblemError(
        409,
        "not-payable",
        "The order cannot be paid",
        "It waited too long and its items went back on sale. Order again."
        if status is Status.EXPIRED
        else f"It is {status}.",
        order_status=status.value,
    )


def ask_refund(order: Order, wish: RefundWish, *, operator: str, now: datetime) -> Order:
    """The order with a refund that is to be made.

    Raises:
        ProblemError: 409 `changed`; 409 `not-paid`, there is nothing to give back; 422, more than is left.
    """
    _same(order, wish.version)
    if not order.left:
        raise ProblemError(
            409,
            "not-paid",
            "There is nothing to give back",
            "The order has not been paid, or all of it is on its way back.",
            order_status=order.status.value,
        )
    amount = wish.amount or order.left
    if amount > order.left:
        raise invalid([("/amount", f"must not exceed the {order.left} that are left")])
    return _with_refund(order, amount, wish.reason, operator, now)


def fulfil(order: Order, wish: Fulfilment, *, operator: str, now: datetime) -> Order:
    """The order that was sent.

    Raises:
        ProblemError: 409 `changed`; 409 `not-ready`, it is not paid, or its payment is in doubt.
    """
    _same(order, wish.version)
    if order.status is not Status.PAID or not order.holding:
        raise ProblemError(
            409,
            "not-ready",
            "The order is not to be sent",
            f"It is {order.status}. Send only what is paid.",
            order_status=order.status.value,
        )
    return order.model_copy(update={"fulfilled_at": now, "fulfilled_by": operator, "tracking": wish.tracking})


def reviewed(order: Order, wish: Review) -> Order:
    """The order without its flags.

    Raises:
        ProblemError: 409 `changed`.
    """
    _same(order, wish.version)
    return order.model_copy(update={"review": ()})


def refund_made(order: Order, number: int, stripe_id: str) -> Order:
    """The order after Stripe took a refund."""
    return _with_state(order, number, RefundState.MADE, stripe_id)


def refund_refused(order: Order, number: int, *, all_back: bool) -> Order:
    """The order after Stripe refused a refund for good.

    Args:
        order: as it is.
        number: of the refund.
        all_back: Stripe says that all money is back already, so that nothing is amiss.
    """
    failed = _with_state(order, number, RefundState.FAILED, None)
    if all_back:
        return failed.model_copy(update={"refunded": failed.total})
    return _flagged(failed, frozenset({"refund-refused"}))


def _later(known: Dispute | None, told: Dispute) -> Dispute:
    rank = (None, Dispute.OPEN, Dispute.WON, Dispute.LOST)
    return told if rank.index(told) > rank.index(known) else known or told


def _flagged(order: Order, reasons: frozenset[str]) -> Order:
    return order.model_copy(update={"review": tuple(sorted({*order.review, *reasons}))})


def _with_refund(order: Order, amount: int, reason: str, by: str, now: datetime) -> Order:
    refund = Refund(number=len(order.refunds) + 1, amount=amount, reason=reason, by=by, asked_at=now)
    return order.model_copy(update={"refunds": (*order.refunds, refund)})


def _with_state(order: Order, number: int, state: RefundState, stripe_id: str | None) -> Order:
    refunds = tuple(
        refund.model_copy(update={"state": state, "stripe_id": stripe_id})
        if refund.number == number and refund.state is RefundState.DUE
        else refund
        for refund in order.refunds
    )
    return order.model_copy(update={"refunds": refunds})


def _same(order: Order, version: int) -> None:
    if order.version != version:
        raise changed(order.version)

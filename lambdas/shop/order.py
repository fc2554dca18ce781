"""An order: as it is asked for, as it is kept, and as it is shown to whom."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, computed_field

from shared.fields import EmailAddress, PlainText
from shop.ids import OrderId, ProductId
from shop.product import Value, Version
from shop.settings import Country

MAX_LINES = 20
"""With the order and the idempotency key, far within a transaction's 100 items."""

MAX_QUANTITY = 20

MAX_TOTAL = 99_999_999
"""Minor units; Stripe takes amounts of eight digits
(https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""

SHOP = "shop"
"""Who asks for a refund that nobody asked for."""


class Status(StrEnum):
    """Where an order is on its way; never stored by itself, it follows from what has happened."""

    OPEN = "open"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PAID = "paid"
    FULFILLED = "fulfilled"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    LOST = "lost"
    REVIEW = "review"


class Dispute(StrEnum):
    """How a dispute stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class RefundState(StrEnum):
    """How far a refund is that was asked for here."""

    DUE = "due"
    MADE = "made"
    FAILED = "failed"


class Wish(Value):
    """One product of an order."""

    product: ProductId
    quantity: int = Field(ge=1, le=MAX_QUANTITY)


class Address(Value):
    """Where goods go."""

    name: PlainText = Field(max_length=100)
    street: PlainText = Field(max_length=120)
    addition: PlainText | None = Field(default=None, max_length=120)
    postal_code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$")]
    city: PlainText = Field(max_length=80)
    country: Country


class Checkout(Value):
    """What a customer sends to order. The address is needed when there is something to send."""

    items: tuple[Wish, ...] = Field(min_length=1, max_length=MAX_LINES)
    email: EmailAddress
    address: Address | None = None


class RefundWish(Value):
    """Money that an operator gives back of the order that they saw; all that is left if none is said."""

    version: Version
    amount: int | None = Field(default=None, ge=1, le=MAX_TOTAL)
    reason: PlainText = Field(max_length=200)


class Fulfilment(Value):
    """What was ordered is on its way; `tracking` is told to the customer."""

    version: Version
    tracking: PlainText | None = Field(default=None, max_length=120)


class Review(Value):
    """An operator has looked at what was flagged."""

    version: Version


class BoughtLine(Value):
    """One product as it was ordered.

    Args:
        price: minor units for one.
    """

    product: str
    title: str
    price: int
    quantity: int
    digital: bool


class Line(BoughtLine):
    """The same as it is stored; `counted`: so many are taken from the product's stock."""

    counted: bool


class Refund(Value):
    """Money that goes back, asked for here.

    Args:
        number: from 1, in this order; part of the key that keeps Stripe from doing it twice.
        amount: minor units.
        by: the operator's name from the signature, or `SHOP`.
        stripe_id: of the refund at Stripe once it is made.
    """

    number: int
    amount: int
    reason: str
    by: str
    asked_at: datetime
    state: RefundState = RefundState.DUE
    stripe_id: str | None = None


class Order(Value):
    """An order as it is stored; what becomes of it is worked out from these facts.

    Args:
        version: counts changes, from 1.
        total: minor units, lines and shipping.
        hold_until: until when its items are held for it while it is not paid.
        holding: its items are taken from the stock.
        token_salt: see `shop.tokens`; as is token_digest.
        payment_intent: Stripe's id.
        paid_at: when Stripe had the money, by Stripe's clock.
        refunded: minor units given back, by Stripe's account of the charge.
        refunds: those that were asked for here.
        disputes: by Stripe's id.
        review: what does not fit together and needs an operator's look.
    """

    id: OrderId
    version: int
    email: str
    address: Address | None = None
    currency: str
    lines: tuple[Line, ...]
    shipping: int
    total: int
    created_at: datetime
    hold_until: datetime
    holding: bool
    token_salt: str = Field(repr=False)
    token_digest: str = Field(repr=False)
    payment_intent: str | None = None
    failed_payments: int = 0
    paid_at: datetime | None = None
    expired_at: datetime | None = None
    cancelled_at: datetime | None = None
    fulfilled_at: datetime | None = None
    fulfilled_by: str | None = None
    tracking: str | None = None
    refunded: int = 0
    refunds: tuple[Refund, ...] = ()
    disputes: dict[str, Dispute] = Field(default_factory=dict)
    review: tuple[str, ...] = ()

    @property
    def given_back(self) -> int:
        """Minor units that went back, whoever of Stripe and us knows more."""
        made = sum(refund.amount for refund in self.refunds if refund.state is RefundState.MADE)
        return max(self.refunded, made)

    @property
    def due(self) -> int:
        """Minor units that are still to go back."""
        return sum(refund.amount for refund in self.refunds if refund.state is RefundState.DUE)

    @property
    def left(self) -> int:
        """Minor units that can still be given back."""
        return max(0, self.total - self.given_back - self.due) if self.paid_at else 0

    @computed_field  # type: ignore[prop-decorator]  # as pydantic's documentation has it
    @property
    def status(self) -> Status:
        """Where it is on its way."""
        if self.due:
            return Status.REFUNDING
        if self.review:
            return Status.REVIEW
        if self.paid_at is None:
            if self.cancelled_at:
                return Status.CANCELLED
            return Status.EXPIRED if self.expired_at else Status.OPEN
        disputes = self.disputes.values()
        if Dispute.OPEN in disputes:
            return Status.DISPUTED
        if Dispute.LOST in disputes:
            return Status.LOST
        if self.given_back >= self.total:
            return Status.REFUNDED
        return Status.FULFILLED if self.fulfilled_at else Status.PAID


class ShownOrder(Value):
    """An order for operators: all but what opens it."""

    id: str
    status: Status
    version: int
    email: str
    address: Address | None
    currency: str
    lines: tuple[Line, ...]
    shipping: int
    total: int
    created_at: datetime
    hold_until: datetime
    holding: bool
    payment_intent: str | None
    failed_payments: int
    paid_at: datetime | None
    expired_at: datetime | None
    cancelled_at: datetime | None
    fulfilled_at: datetime | None
    fulfilled_by: str | None
    tracking: str | None
    refunded: int
    refunds: tuple[Refund, ...]
    disputes: dict[str, Dispute]
    review: tuple[str, ...]


class OrderPage(Value):
    """A page of orders; the last one has no cursor."""

    orders: tuple[ShownOrder, ...]
    next_cursor: str | None


class OrderState(Value):
    """What a customer sees of an order: how it stands, and nothing of a person."""

    id: str
    status: Status
    currency: str
    total: int
    refunded: int
    hold_until: datetime


class Receipt(Value):
    """What a customer gets for an order.

    Args:
        token: opens the order later: `Authorization: Bearer <token>`. It is shown here only.
    """

    id: str
    token: str
    status: Status
    currency: str
    lines: tuple[BoughtLine, ...]
    shipping: int
    total: int
    hold_until: datetime


class PaymentStart(Value):
    """What a customer's browser needs to pay with Stripe's own form.

    Args:
        client_secret: of the PaymentIntent.
        amount: minor units.
    """

    client_secret: str
    publishable_key: str
    amount: int
    currency: str


class Outcome(StrEnum):
    """What was made of an event of Stripe's."""

    APPLIED = "applied"
    KNOWN = "known"
    FLAGGED = "flagged"
    IGNORED = "ignored"


class Handled(Value):
    """The answer to Stripe."""

    outcome: Outcome


def shown(order: Order) -> ShownOrder:
    """The operators' view."""
    values = order.model_dump(include=set(ShownOrder.model_fields))
    return ShownOrder.model_validate({**values, "refunded": order.given_back})


def state_of(order: Order) -> OrderState:
    """The customer's view."""
    return OrderState(
        id=order.id,
        status=order.status,
        currency=order.currency,
        total=order.total,
        refunded=order.given_back,
        hold_until=order.hold_until,
    )


def receipt_of(order: Order, token: str) -> Receipt:
    """The customer's view at the moment of ordering."""
    values = order.model_dump(include={*Receipt.model_fields} - {"lines"})
    lines = [line.model_dump(exclude={"counted"}) for line in order.lines]
    return Receipt.model_validate({**values, "lines": lines, "token": token})

"""What of Stripe's events concerns an order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, ValidationError

from shared.stripe_events import Event, Id, Part, malformed
from shop.order import Dispute
from shop.payment import Kind, PaymentEvent

Amount = Annotated[int, Field(ge=0)]


class _PaymentIntent(Part):
    id: Id
    amount: Amount
    amount_received: Amount = 0
    currency: str
    metadata: dict[str, str] = Field(default_factory=dict)


class _Charge(Part):
    payment_intent: Id | None = None
    amount: Amount
    amount_refunded: Amount
    currency: str


class _Subject(Part):
    """A dispute or a refund, which can be of a part of the charge."""

    id: Id
    payment_intent: Id | None = None
    currency: str
    status: str = ""


def payment_event_of(event: Event) -> PaymentEvent | None:
    """What an event says of a payment; None where it is of a sort that no order needs.

    Raises:
        ProblemError: 400 `malformed`, it lacks what its sort has.
    """
    if event.type not in frozenset(Kind):
        return None
    kind, content = Kind(event.type), event.data.object
    at = datetime.fromtimestamp(event.created, tz=UTC)
    try:
        match kind:
            case Kind.SUCCEEDED | Kind.FAILED | Kind.CANCELLED:
                intent = _PaymentIntent.model_validate(content)
                return PaymentEvent(
                    id=event.id,
                    kind=kind,
                    at=at,
                    intent=intent.id,
                    currency=intent.currency.upper(),
                    amount=intent.amount_received if kind is Kind.SUCCEEDED else intent.amount,
                    order=intent.metadata.get("order", ""),
                    creator=intent.metadata.get("creator", ""),
                )
            case Kind.REFUNDED:
                charge = _Charge.model_validate(content)
                return PaymentEvent(
                    id=event.id,
                    kind=kind,
                    at=at,
                    intent=charge.payment_intent or "",
                    currency=charge.currency.upper(),
                    amount=charge.amount,
                    refunded=charge.amount_refunded,
                )
            case Kind.DISPUTED | Kind.DISPUTE_CLOSED | Kind.REFUND_FAILED:
                subject = _Subject.model_validate(content)
                return PaymentEvent(
                    id=event.id,
                    kind=kind,
                    at=at,
                    intent=subject.payment_intent or "",
                    currency=subject.currency.upper(),
                    subject=subject.id,
                    dispute=_stand(kind, subject.status),
                )
    except ValidationError:
        raise malformed() from None


def _stand(kind: Kind, status: str) -> Dispute | None:
    """Only a dispute that is lost takes the money; an inquiry that is closed does not."""
    if kind is Kind.DISPUTE_CLOSED:
        return Dispute.LOST if status == "lost" else Dispute.WON
    return Dispute.OPEN if kind is Kind.DISPUTED else None

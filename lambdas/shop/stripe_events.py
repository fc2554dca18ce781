"""Events as Stripe sends them: the signature, and what of them concerns an order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import stripe
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.problems import ProblemError
from shop.order import Dispute
from shop.payment import Kind, PaymentEvent

MAX_BYTES = 256 * 1024
"""Of an event; Stripe's own are far smaller."""

TOLERANCE_S = 300
"""How old a signature may be: Stripe's own default (https://docs.stripe.com/webhooks#replay-attacks)."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
Amount = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Data(_Part):
    object: dict[str, Any]


class Event(_Part):
    """The envelope (https://docs.stripe.com/api/events/object)."""

    id: Id
    type: Annotated[str, StringConstraints(max_length=100)]
    created: Annotated[int, Field(ge=0, le=253_402_300_799)]
    data: _Data


class _PaymentIntent(_Part):
    id: Id
    amount: Amount
    amount_received: Amount = 0
    currency: str
    metadata: dict[str, str] = Field(default_factory=dict)


class _Charge(_Part):
    payment_intent: Id | None = None
    amount: Amount
    amount_refunded: Amount
    currency: str


class _Subject(_Part):
    """A dispute or a refund, which can be of a part of the charge."""

    id: Id
    payment_intent: Id | None = None
    currency: str
    status: str = ""


def checked(body: bytes, signature: str, secrets: Iterable[str]) -> Event:
    """The event that Stripe has signed.

    Args:
        body: exactly as it came.
        signature: the header Stripe-Signature.
        secrets: any of which it may be signed with.

    Raises:
        ProblemError: 400 `bad-signature`, it is not signed with any of them, or too long ago; 400
            `malformed`, what is signed is no event.
    """
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise ProblemError(
            400,
            "bad-signature",
            "The signature is not valid",
            "Only Stripe calls this. Check that the endpoint's signing secret is set up here.",
        )
    try:
        return Event.model_validate_json(body)
    except ValidationError:
        raise _malformed() from None


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
        raise _malformed() from None


def _stand(kind: Kind, status: str) -> Dispute | None:
    """Only a dispute that is lost takes the money; an inquiry that is closed does not."""
    if kind is Kind.DISPUTE_CLOSED:
        return Dispute.LOST if status == "lost" else Dispute.WON
    return Dispute.OPEN if kind is Kind.DISPUTED else None


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    if not signature.isascii():  # the library compares ASCII only
        return False
    try:
        # The library compares with this machine's clock by itself.
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_S))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _malformed() -> ProblemError:
    return ProblemError(400, "malformed", "Not readable", "The body is not an event of Stripe's.")

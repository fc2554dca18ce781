"""Events as Stripe sends them: the signature, and the envelope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import stripe
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.problems import ProblemError

MAX_BYTES = 256 * 1024
"""Of an event; Stripe's own are far smaller."""

TOLERANCE_S = 300
"""How old a signature may be: Stripe's own default (https://docs.stripe.com/webhooks#replay-attacks)."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
"""Of anything at Stripe."""


class Part(BaseModel):
    """What is needed of something that Stripe tells; it has more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Data(Part):
    object: dict[str, Any]


class Event(Part):
    """The envelope (https://docs.stripe.com/api/events/object)."""

    id: Id
    type: Annotated[str, StringConstraints(max_length=100)]
    created: Annotated[int, Field(ge=0, le=253_402_300_799)]
    data: _Data


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
        raise malformed() from None


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    if not signature.isascii():  # the library compares ASCII only
        return False
    try:
        # The library compares with this machine's clock by itself.
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_S))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def malformed() -> ProblemError:
    """400: what is signed is no event, or lacks what its sort has."""
    return ProblemError(400, "malformed", "Not readable", "The body is not an event of Stripe's.")

"""`POST /membership/stripe-webhook`: Stripe tells that something has changed."""

from __future__ import annotations

from typing import Any

from membership.looking import look_at, members
from membership.model import Handled, Outcome
from membership.settings import settings
from shared.api import Api, Call, raw_body_of
from shared.stripe_events import MAX_BYTES, checked
from shared.stripe_secrets import WEBHOOK_SECRET, Secrets
from shared.telemetry import logger

# https://docs.stripe.com/api/events/types; what else there is changes no membership.
_HEARD = ("customer.subscription.", "checkout.session.", "invoice.")

api = Api()
secrets = Secrets(settings().webhook_secret_parameter, WEBHOOK_SECRET)


@api.post(
    "/membership/stripe-webhook",
    raw_body=True,
    refusals={
        400: "It is not signed by Stripe, or no event.",
        503: "Stripe is not set up or does not answer, or the table is contended; Stripe tries again.",
    },
)
def stripe_webhook(call: Call) -> Handled:
    """Look at Stripe anew for whom an event is about, once for each event."""
    signing_secrets = secrets.at(call.now)
    body = raw_body_of(call.event, MAX_BYTES)
    event = checked(body, call.header("stripe-signature") or "", signing_secrets)
    member_id = _member_of(event.data.object) if event.type.startswith(_HEARD) else None
    if member_id is None:
        return Handled(outcome=Outcome.IGNORED)
    member = look_at(member_id, call.now, event=event.id)
    outcome = Outcome.APPLIED if member else Outcome.KNOWN
    logger.info("stripe event", kind=event.type, outcome=outcome)
    return Handled(outcome=outcome)


def _member_of(subject: dict[str, Any]) -> str | None:
    """The member that the event is about; None for what else is paid by the same Stripe account."""
    customer = subject.get("customer")
    return members.of_customer(customer) if isinstance(customer, str) and customer else None


handler = api.handler

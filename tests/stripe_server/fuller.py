"""What a shop needs of Stripe and localstripe 1.15 lacks, as far as Stripe's own reference describes it.

localstripe knows payment intents, charges, refunds and their first events. Added here: the fields that a shop
sends, confirming with a payment method, refunds that cannot exceed what was paid, disputes, the events of all
of these, and answers that are repeated for a repeated idempotency key; subscriptions are in `billing` and
`hosted_pages`. `take_over` must be called before `localstripe.server` is imported, which takes the classes
and routes as they are at that moment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import stripe
from aiohttp import web
from localstripe import resources
from localstripe.errors import UserError

from tests.stripe_server import billing, hosted_pages
from tests.stripe_server.delivering import deliver_soon, happen

CANCELLABLE = {"requires_payment_method", "requires_capture", "requires_confirmation", "requires_action"}


class PaymentIntent(resources.PaymentIntent):
    """https://docs.stripe.com/api/payment_intents/object"""

    def __init__(
        self,
        automatic_payment_methods: dict[str, str] | None = None,
        description: str | None = None,
        receipt_email: str | None = None,
        shipping: dict[str, Any] | None = None,
        statement_descriptor_suffix: str | None = None,
        **data: Any,
    ) -> None:
        super().__init__(**data)
        self.automatic_payment_methods = automatic_payment_methods
        self.description = description
        self.receipt_email = receipt_email
        self.shipping = shipping
        self.statement_descriptor_suffix = statement_descriptor_suffix
        self.cancellation_reason: str | None = None
        happen("payment_intent.created", self)

    @property
    def amount_received(self) -> int:
        """Minor units."""
        return self.amount if self.status == "succeeded" else 0

    def _export(self, expand: list[str] | None = None) -> dict[str, Any]:
        shown: dict[str, Any] = super()._export(expand)
        del shown["charges"]  # left the API with version 2022-11-15
        charge = shown["latest_charge"]
        if charge and not any(path.split(".")[0] == "latest_charge" for path in expand or []):
            shown["latest_charge"] = charge["id"]
        return shown

    @classmethod
    def _api_confirm(
        cls, id: str, payment_method: str | None = None, return_url: str | None = None
    ) -> PaymentIntent:
        intent: PaymentIntent = cls._api_retrieve(id)
        if intent.status not in ("requires_payment_method", "requires_confirmation"):
            raise UserError(400, f"It is {intent.status}.", {"code": "payment_intent_unexpected_state"})
        if payment_method is not None:
            intent.payment_method = resources.PaymentMethod._api_retrieve(payment_method).id
            intent.latest_charge = None  # what an earlier method came to
        intent._confirm(on_failure_now=intent._report_failure)
        return intent

    @classmethod
    def _api_cancel(cls, id: str, cancellation_reason: str | None = None) -> PaymentIntent:
        intent: PaymentIntent = cls._api_retrieve(id)
        if intent.status not in CANCELLABLE:
            raise UserError(400, f"It is {intent.status}.", {"code": "payment_intent_unexpected_state"})
        intent._canceled = True
        intent.next_action = None
        intent.cancellation_reason = cancellation_reason
        happen("payment_intent.canceled", intent)
        return intent


def _create_refund(
    charge: str | None = None,
    payment_intent: str | None = None,
    amount: str | None = None,
    reason: str | None = None,
    **data: Any,
) -> Any:
    """https://docs.stripe.com/api/refunds/create"""
    paid = _charge_of(charge, payment_intent)
    left = paid.amount - paid.amount_refunded
    wanted = left if amount is None else int(amount)
    if not left:
        raise UserError(400, "It is refunded in full.", {"code": "charge_already_refunded"})
    if wanted > left:
        raise UserError(400, f"No more than {left} can be refunded.", {"code": "amount_too_large"})
    refund = resources.Refund(charge=paid.id, amount=wanted, **data)
    refund.payment_intent = paid.payment_intent
    refund.reason = reason
    happen("refund.created", refund)
    happen("charge.refunded", paid)
    return refund


class Dispute(resources.StripeObject):
    """https://docs.stripe.com/api/disputes/object"""

    object = "dispute"
    _id_prefix = "du_"

    def __init__(self, payment_intent: str, reason: str = "fraudulent", amount: int | None = None) -> None:
        paid = _charge_of(None, payment_intent)
        super().__init__()
        self.amount = paid.amount if amount is None else amount
        self.charge = paid.id
        self.currency = paid.currency
        self.payment_intent = paid.payment_intent
        self.metadata: dict[str, str] = {}
        self.reason = reason
        self.status = "needs_response"
        happen("charge.dispute.created", self)
        happen("charge.dispute.funds_withdrawn", self)

    @classmethod
    def _api_close(cls, id: str, status: str) -> Dispute:
        dispute: Dispute = cls._api_retrieve(id)
        dispute.status = status
        happen("charge.dispute.closed", dispute)
        if status == "won":
            happen("charge.dispute.funds_reinstated", dispute)
        return dispute


def _charge_of(charge: str | None, payment_intent: str | None) -> Any:
    """The charge that was paid.

    Raises:
        UserError: 404 there is no such thing, 400 it has not been paid.
    """
    if payment_intent:
        found = resources.PaymentIntent._api_retrieve(payment_intent).latest_charge
    else:
        found = resources.Charge._api_retrieve(charge)
    if found is None or found.status != "succeeded":
        raise UserError(400, "There is no successful charge.", {"code": "charge_not_refundable"})
    return found


@dataclass(frozen=True)
class _Answered:
    question: tuple[str, bytes]
    status: int
    body: bytes


_answered: dict[tuple[str, str], _Answered | None] = {}


@web.middleware
async def repeat_answers(request: web.Request, handler: Any) -> web.StreamResponse:
    """One answer for one idempotency key (https://docs.stripe.com/api/idempotent_requests)."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return await handler(request)
    question = (request.path, await request.read())
    owned = (request.headers.get("Authorization", ""), key)
    if owned in _answered:
        before = _answered[owned]
        if before is None:
            return _refusal(409, "A request with this idempotency key is under way.")
        if before.question != question:
            return _refusal(400, "This idempotency key was used with other parameters.")
        return web.Response(
            status=before.status,
            body=before.body,
            content_type="application/json",
            headers={"Idempotent-Replayed": "true"},
        )
    _answered[owned] = None
    try:
        answer = await handler(request)
        # What fails validation is not kept.
        if answer.status not in (400, 401, 404):
            _answered[owned] = _Answered(question, answer.status, bytes(answer.body))
        return answer
    finally:
        if _answered.get(owned) is None:
            _answered.pop(owned, None)


def _refusal(status: int, message: str) -> web.Response:
    error = {"type": "idempotency_error", "message": message}
    return web.Response(
        status=status, body=json.dumps({"error": error}).encode(), content_type="application/json"
    )


def forget() -> None:
    """Forget the answers that were given."""
    _answered.clear()


def take_over() -> None:
    """Put all of this in the place of what localstripe has."""
    resources.Store.dump_to_disk = lambda _: None  # its place is a fixed file that all processes share
    resources.Event.api_version = stripe.api_version
    resources.schedule_webhook = deliver_soon
    resources.PaymentIntent = PaymentIntent
    billing.take_over()
    resources.Refund._api_create = _create_refund
    ours = [
        ("POST", "/v1/payment_intents/{id}/confirm", PaymentIntent._api_confirm),
        ("POST", "/v1/payment_intents/{id}/cancel", PaymentIntent._api_cancel),
        ("GET", "/v1/disputes/{id}", Dispute._api_retrieve),
        ("POST", "/_config/disputes", Dispute._api_create),
        ("POST", "/_config/disputes/{id}", Dispute._api_close),
        *billing.APIS,
        *hosted_pages.APIS,
    ]
    replaced = {(method, path) for method, path, _ in ours}
    resources.extra_apis[:] = ours + [api for api in resources.extra_apis if api[:2] not in replaced]

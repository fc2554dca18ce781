"""What the shop asks of Stripe.

Every request that makes something carries an idempotency key of the order's, so that asking again is safe.
"""

from __future__ import annotations

from functools import lru_cache

import stripe

from shared.stripe_client import connect, unwell
from shared.telemetry import logger
from shop.order import Order, Refund


class RefundRefusedError(Exception):
    """Stripe will not make this refund, however often it is asked.

    Args:
        all_back: because all of the money is back already.
    """

    def __init__(self, *, all_back: bool) -> None:
        super().__init__("refund refused")
        self.all_back = all_back


class StripeApi:
    """Stripe with one key.

    Args:
        key: the secret key.
        creator: slug of the creator, written beside every payment.
        base: another server in Stripe's place; empty for Stripe itself.
    """

    def __init__(self, key: str, creator: str, base: str = "") -> None:
        self._creator = creator
        self._client = connect(key, base)

    def open_payment(self, order: Order) -> tuple[str, str]:
        """Open the payment of an order, or find the one that was opened for this version of it.

        Returns:
            Id of the PaymentIntent, and the secret with which the customer's browser pays it.

        Raises:
            ProblemError: 503, Stripe refuses the key or does not answer.
        """
        try:
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": order.total,
                    "currency": order.currency.lower(),
                    "automatic_payment_methods": {"enabled": True},
                    "description": f"Order {order.id}",
                    "metadata": {"order": order.id, "creator": self._creator},
                },
                {"idempotency_key": f"{self._creator}-{order.id}-payment-{order.version}"},
            )
        except stripe.StripeError as error:
            raise unwell(error) from error
        return intent.id, str(intent.client_secret)

    def payment_secret(self, intent: str) -> str:
        """The secret with which the customer's browser pays a payment that is open already.

        Raises:
            ProblemError: 503, Stripe refuses the key or does not answer.
        """
        try:
            return str(self._client.v1.payment_intents.retrieve(intent).client_secret)
        except stripe.StripeError as error:
            raise unwell(error) from error

    def refund(self, order: Order, refund: Refund) -> str:
        """Give money back; the id of the refund at Stripe.

        Raises:
            RefundRefusedError: Stripe will not do it.
            ProblemError: 503, Stripe refuses the key or does not answer; ask again.
        """
        try:
            made = self._client.v1.refunds.create(
                {
                    "payment_intent": str(order.payment_intent),
                    "amount": refund.amount,
                    "metadata": {"order": order.id, "refund": str(refund.number)},
                },
                {"idempotency_key": f"{self._creator}-{order.id}-refund-{refund.number}"},
            )
        except stripe.InvalidRequestError as error:
            logger.warning("refund refused", order=order.id, code=error.code)
            raise RefundRefusedError(all_back=error.code == "charge_already_refunded") from error
        except stripe.StripeError as error:
            raise unwell(error) from error
        return made.id


connection = lru_cache(maxsize=2)(StripeApi)
"""A `StripeApi` that is kept while its arguments are the same, with its connections."""

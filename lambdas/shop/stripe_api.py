"""What the shop asks of Stripe, by the official library. It is heavy: only functions that need it import it.

Every request that makes something carries an idempotency key of the order's, so that asking again is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import stripe
import urllib3

from shared.problems import ProblemError
from shared.telemetry import count, logger
from shop.order import Order, Refund
from shop.parameters import not_set_up

_RETRIES = 1
_TIMEOUT = urllib3.Timeout(connect=2, read=8)


class RefundRefusedError(Exception):
    """Stripe will not make this refund, however often it is asked.

    Args:
        all_back: because all of the money is back already.
    """

    def __init__(self, *, all_back: bool) -> None:
        super().__init__("refund refused")
        self.all_back = all_back


class _Connections(stripe.HTTPClient):
    """Requests over urllib3, which botocore brings along: the library's own way, urllib, has no timeout."""

    name = "urllib3"

    def __init__(self) -> None:
        super().__init__()
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        try:
            answer = self._pool.request(method.upper(), url, headers=headers, body=post_data)
        except urllib3.exceptions.HTTPError as error:
            raise stripe.APIConnectionError("no answer", should_retry=True) from error  # type: ignore[no-untyped-call]
        return answer.data.decode(), answer.status, answer.headers

    def close(self) -> None:
        self._pool.clear()


class StripeApi:
    """Stripe with one key.

    Args:
        key: the secret key.
        creator: slug of the creator, written beside every payment.
        base: another server in Stripe's place; empty for Stripe itself.
    """

    def __init__(self, key: str, creator: str, base: str = "") -> None:
        self._creator = creator
        self._client = stripe.StripeClient(
            key,
            http_client=_Connections(),
            max_network_retries=_RETRIES,
            base_addresses={"api": base} if base else {},
        )

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
            raise _unwell(error) from error
        return intent.id, str(intent.client_secret)

    def payment_secret(self, intent: str) -> str:
        """The secret with which the customer's browser pays a payment that is open already.

        Raises:
            ProblemError: 503, Stripe refuses the key or does not answer.
        """
        try:
            return str(self._client.v1.payment_intents.retrieve(intent).client_secret)
        except stripe.StripeError as error:
            raise _unwell(error) from error

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
            raise _unwell(error) from error
        return made.id


connection = lru_cache(maxsize=2)(StripeApi)
"""A `StripeApi` that is kept while its arguments are the same, with its connections."""


def _unwell(error: stripe.StripeError) -> ProblemError | stripe.StripeError:
    """What to raise for an error that is Stripe's, or the key's; an error of ours stays what it is."""
    logger.warning("stripe refused", sort=type(error).__name__, status=error.http_status, code=error.code)
    count("StripeErrors")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return not_set_up()
    if (
        isinstance(error, stripe.APIConnectionError | stripe.RateLimitError)
        or (error.http_status or 0) >= 500
    ):
        return ProblemError(
            503,
            "payments-unavailable",
            "Payments are not available",
            "Stripe does not answer. Nothing was charged. Try again in a moment.",
            headers={"Retry-After": "5"},
        )
    return error

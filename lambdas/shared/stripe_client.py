"""Stripe by its official library. It is heavy: only functions that ask Stripe something import it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe
import urllib3

from shared.problems import ProblemError
from shared.stripe_secrets import not_set_up
from shared.telemetry import count, logger

_RETRIES = 1
_TIMEOUT = urllib3.Timeout(connect=2, read=8)


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


def connect(key: str, base: str = "") -> stripe.StripeClient:
    """The library's client, with connections that time out.

    Args:
        key: the secret key.
        base: another server in Stripe's place; empty for Stripe itself.
    """
    return stripe.StripeClient(
        key,
        http_client=_Connections(),
        max_network_retries=_RETRIES,
        base_addresses={"api": base} if base else {},
    )


def unwell(error: stripe.StripeError) -> ProblemError | stripe.StripeError:
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

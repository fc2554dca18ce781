"""The server, started and used from a test."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import stripe

ROOT = Path(__file__).parents[2]
API_KEY = "sk_test_of_our_own"
VISA, DECLINED = "pm_card_visa", "pm_card_chargeCustomerFail"
"""Payment methods that every Stripe test account has; the second is declined when it is charged."""


@dataclass
class StripeServer:
    """A server that runs.

    Attributes:
        url: what the `stripe` library takes for `base_addresses["api"]`.
    """

    url: str
    _process: subprocess.Popen[str] = field(repr=False)
    # One for all calls: each new one would read the machine's certificates first.
    _http: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=60, trust_env=False), init=False, repr=False
    )

    @classmethod
    def start(cls) -> StripeServer:
        """Start one on a free port and wait until it answers.

        Raises:
            RuntimeError: it ended before it answered; what it said is on the test's standard error.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.stripe_server.server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"the Stripe server ended with exit code {process.wait()}")
        return cls(f"http://127.0.0.1:{port}", process)

    def stop(self) -> None:
        """End the process."""
        self._http.close()
        self._process.communicate("")

    def client(self, api_key: str = API_KEY) -> stripe.StripeClient:
        """The official library, pointed here, without retries of its own."""
        return stripe.StripeClient(api_key, base_addresses={"api": self.url}, max_network_retries=0)

    def pay(self, payment_intent: str, method: str = VISA) -> stripe.PaymentIntent:
        """Confirm as the customer's browser does.

        Raises:
            stripe.CardError: the method was declined.
        """
        return self.client().v1.payment_intents.confirm(payment_intent, {"payment_method": method})

    def dispute(self, payment_intent: str, reason: str = "fraudulent") -> str:
        """Have the customer's bank dispute a payment; the dispute's id."""
        answer = self._door("disputes", {"payment_intent": payment_intent, "reason": reason})
        return str(answer["id"])

    def close_dispute(self, dispute: str, status: str) -> None:
        """End a dispute; `won` is won by the shop, `lost` by the customer."""
        self._door(f"disputes/{dispute}", {"status": status})

    def complete_checkout(self, session: str, email: str = "beate@honey.example") -> str:
        """Pay on the page of a Checkout session; the id of the subscription that comes of it."""
        return str(self._door(f"checkouts/{session}/complete", {"email": email})["subscription"])

    def renew(self, subscription: str, *, paid: bool = True) -> None:
        """End the period: charge the next one, with or without success, or end what was to end."""
        self._door(f"subscriptions/{subscription}/renew", {"paid": paid})

    def pay_invoices(self, subscription: str) -> None:
        """Pay all that is owed for a subscription."""
        self._door(f"subscriptions/{subscription}/pay", {})

    def put_status(self, subscription: str, status: str) -> None:
        """Give a subscription any status, as Stripe's rules or a person in the dashboard do."""
        self._door(f"subscriptions/{subscription}/status", {"status": status})

    def deliver_to(
        self, url: str, secret: str, types: list[str] | None = None, *, name: str = "shop"
    ) -> None:
        """Send every later event, or those of these types, to an endpoint; one for each name."""
        self._door(f"webhooks/{name}", {"url": url, "secret": secret, "events": types})

    def settle(self) -> list[dict[str, Any]]:
        """Wait until every delivery under way is answered.

        Returns:
            Those since the last call: `event` (id), `type` and `status` (0: no answer).
        """
        return self._door("settle", {})

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """All events so far, or those of one type, the oldest first, as they were or would be delivered."""
        happened = self._door("events", {})
        return [event for event in happened if kind in (None, event["type"])]

    def clear(self) -> None:
        """Forget every object, event and idempotency key; the endpoint stays."""
        self._door("clear", {})

    def clear_idempotency(self) -> None:
        """Forget the idempotency keys, as Stripe does after a day."""
        self._door("forget", {})

    def _door(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._http.post(f"{self.url}/_config/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


def signed(event: dict[str, Any], secret: str, *, at: int | None = None) -> tuple[bytes, dict[str, str]]:
    """An event as one more delivery of it: for repeating, reordering and forging.

    Args:
        event: one of `StripeServer.events`.
        secret: the endpoint's.
        at: Unix time of the signature, now when left out; Stripe's library takes it for five minutes.

    Returns:
        The body, and the headers that go with it.
    """
    payload = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp=at)
    return payload.encode(), {"Content-Type": "application/json", "Stripe-Signature": signature}

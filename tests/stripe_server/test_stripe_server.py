"""The Stripe of our own is what the tests take it for."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.stripe_server.fixtures import stripe_process, stripe_server
from tests.stripe_server.process import DECLINED, StripeServer, signed

__all__ = ["stripe_process", "stripe_server"]  # pytest looks for fixtures among a module's names

SECRET = "whsec_of_the_shop"


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Keeps what is delivered."""

    taken: list[tuple[bytes, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((body, self.headers["Stripe-Signature"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def taken(stripe_server: StripeServer) -> Iterator[list[tuple[bytes, str]]]:
    """Body and signature of each event as it is delivered."""
    kept: list[tuple[bytes, str]] = []
    handler = type("Keeping", (Endpoint,), {"taken": kept})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stripe_server.deliver_to(f"http://127.0.0.1:{server.server_port}/", SECRET)
        yield kept
        server.shutdown()
        thread.join()


def intend(server: StripeServer, amount: int = 1_200, key: str | None = None) -> stripe.PaymentIntent:
    """A payment as the shop opens it."""
    return server.client().v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "eur",
            "automatic_payment_methods": {"enabled": True},
            "description": "Order 1",
            "metadata": {"order": "1"},
        },
        {"idempotency_key": key} if key else None,
    )


def test_a_payment_is_told_with_a_signature_that_the_library_accepts(
    stripe_server: StripeServer, taken: list[tuple[bytes, str]]
) -> None:
    intent = intend(stripe_server)
    assert intent.status == "requires_payment_method"
    paid = stripe_server.pay(intent.id)
    assert (paid.status, paid.amount_received) == ("succeeded", 1_200)
    assert isinstance(paid.latest_charge, str)
    told = stripe_server.settle()
    assert {(delivery["type"], delivery["status"]) for delivery in told} == {
        ("payment_intent.created", 200),
        ("payment_intent.succeeded", 200),
    }
    events = [stripe.Webhook.construct_event(body, signature, SECRET) for body, signature in taken]
    (event,) = [event for event in events if event.type == "payment_intent.succeeded"]
    assert event.data.object["metadata"]["order"] == "1"
    assert event.data.object["amount_received"] == 1_200
    body, signature = taken[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_of_somebody_else")


def test_an_event_can_be_delivered_again_and_forged(stripe_server: StripeServer) -> None:
    intend(stripe_server)
    (event,) = stripe_server.events("payment_intent.created")
    body, headers = signed(event, SECRET)
    again = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
    assert again.id == event["id"]
    body, headers = signed(event, SECRET, at=1_000_000_000)
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)


def test_a_declined_payment_can_be_tried_again(stripe_server: StripeServer) -> None:
    intent = intend(stripe_server)
    with pytest.raises(stripe.CardError) as declined:
        stripe_server.pay(intent.id, DECLINED)
    assert declined.value.code == "card_declined"
    assert stripe_server.pay(intent.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="succeeded"):
        stripe_server.pay(intent.id)
    assert [event["type"] for event in stripe_server.events()] == [
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
    ]


def test_refunds_end_at_what_was_paid(stripe_server: StripeServer) -> None:
    refunds = stripe_server.client().v1.refunds
    intent = intend(stripe_server)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"payment_intent": intent.id})
    stripe_server.pay(intent.id)
    refunds.create({"payment_intent": intent.id, "amount": 200, "reason": "requested_by_customer"})
    with pytest.raises(stripe.InvalidRequestError):
        refunds.create({"payment_intent": intent.id, "amount": 1_001})
    assert refunds.create({"payment_intent": intent.id}).amount == 1_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    told = [event["data"]["object"] for event in stripe_server.events("charge.refunded")]
    assert [(charge["amount_refunded"], charge["refunded"]) for charge in told] == [
        (200, False),
        (1_200, True),
    ]
    assert {charge["payment_intent"] for charge in told} == {intent.id}


def test_a_dispute_opens_and_closes(stripe_server: StripeServer) -> None:
    intent = intend(stripe_server)
    stripe_server.pay(intent.id)
    dispute = stripe_server.dispute(intent.id)
    stripe_server.close_dispute(dispute, "lost")
    assert stripe_server.client().v1.disputes.retrieve(dispute).status == "lost"
    opened, withdrawn, closed = stripe_server.events()[-3:]
    assert opened["data"]["object"]["payment_intent"] == intent.id
    assert withdrawn["type"] == "charge.dispute.funds_withdrawn"
    assert (closed["type"], closed["data"]["object"]["status"]) == ("charge.dispute.closed", "lost")


def test_a_cancelled_payment_takes_no_money(stripe_server: StripeServer) -> None:
    intent = intend(stripe_server)
    cancelled = stripe_server.client().v1.payment_intents.cancel(
        intent.id, {"cancellation_reason": "abandoned"}
    )
    assert cancelled.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="canceled"):
        stripe_server.pay(intent.id)
    assert stripe_server.events()[-1]["type"] == "payment_intent.canceled"


def test_one_idempotency_key_opens_one_payment(stripe_server: StripeServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: intend(stripe_server, key="order-1").id, range(24)))
    assert len(set(keys)) == 1
    with pytest.raises(stripe.IdempotencyError):
        intend(stripe_server, amount=1, key="order-1")
    assert intend(stripe_server, key="order-2").id not in keys


def subscribe(server: StripeServer, amount: int = 500) -> str:
    """A subscription that was paid on Stripe's page."""
    api = server.client().v1
    product = api.products.create({"name": "Bee"})
    price = api.prices.create(
        {
            "product": product.id,
            "currency": "eur",
            "unit_amount": amount,
            "recurring": {"interval": "month"},
            "lookup_key": f"bee-{amount}",
            "transfer_lookup_key": True,
        }
    )
    assert [found.id for found in api.prices.list({"lookup_keys": [f"bee-{amount}"]}).data] == [price.id]
    customer = api.customers.create({"metadata": {"member": "1"}})
    session = api.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.id,
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "https://kasper.live/",
            "subscription_data": {"metadata": {"member": "1"}},
        }
    )
    assert (session.status, session.subscription) == ("open", None)
    assert session.url
    subscription = server.complete_checkout(session.id)
    done = api.checkout.sessions.retrieve(session.id)
    assert (done.status, done.url, done.subscription) == ("complete", None, subscription)
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        api.checkout.sessions.expire(session.id)
    return subscription


def test_a_subscription_is_renewed_fails_is_paid_and_ends(stripe_server: StripeServer) -> None:
    api = stripe_server.client().v1
    subscription = subscribe(stripe_server)
    first = api.subscriptions.retrieve(subscription)
    assert (first.status, first.metadata["member"]) == ("active", "1")
    stripe_server.renew(subscription)
    stripe_server.renew(subscription, paid=False)
    failed = api.subscriptions.retrieve(subscription)
    assert failed.status == "past_due"
    (item,) = failed["items"]["data"]
    (owed,) = api.invoices.list({"subscription": subscription, "status": "open"}).data
    assert (owed.created, owed.id) == (item["current_period_start"], failed.latest_invoice)
    assert item["current_period_start"] > first["items"]["data"][0]["current_period_end"]
    stripe_server.pay_invoices(subscription)
    api.subscriptions.update(subscription, {"cancel_at_period_end": True})
    assert api.subscriptions.retrieve(subscription).cancel_at == item["current_period_end"]
    stripe_server.renew(subscription)
    customer = str(first.customer)
    assert not api.subscriptions.list({"customer": customer}).data
    (ended,) = api.subscriptions.list({"customer": customer, "status": "all"}).data
    assert (ended.status, ended.ended_at) == ("canceled", item["current_period_end"])
    assert [event["type"] for event in stripe_server.events() if "subscription" in event["type"]] == [
        "customer.subscription.created",
        *["customer.subscription.updated"] * 4,
        "customer.subscription.deleted",
    ]
    assert {invoice.amount_paid for invoice in api.invoices.list({"customer": customer}).data} == {500}


def test_the_portal_offers_prices_of_their_products(stripe_server: StripeServer) -> None:
    api = stripe_server.client().v1
    subscribe(stripe_server)
    (price,) = api.prices.list().data
    customer = str(api.subscriptions.list().data[0].customer)

    def configure(product: str) -> stripe.billing_portal.Configuration:
        return api.billing_portal.configurations.create(
            {
                "features": {
                    "subscription_update": {
                        "enabled": True,
                        "default_allowed_updates": ["price"],
                        "products": [{"product": product, "prices": [price.id]}],
                    }
                }
            }
        )

    made = configure(str(price.product))
    session = api.billing_portal.sessions.create(
        {"customer": customer, "configuration": made.id, "return_url": "https://kasper.live/"}
    )
    assert session.url.startswith("https://billing.stripe.com/")
    with pytest.raises(stripe.InvalidRequestError, match="not a price of"):
        configure("prod_other")

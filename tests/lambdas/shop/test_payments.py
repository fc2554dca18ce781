"""From the order to the money and back, against a Stripe of our own by the official library."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from tests.lambdas.shop.conftest import KEY, SECRET, put_secret, sent
from tests.lambdas.shop.shop_api import WEBHOOK_SECRET, Shop, event_of, paid
from tests.stripe_server.process import StripeServer


def opened(shop: Shop, *items: tuple[str, int]) -> tuple[Any, str]:
    """An order whose payment is open at Stripe, and the payment's id."""
    order = shop.order(*items).body
    answer = shop.pay(order)
    assert answer.status == 200, answer.body
    return order, str(answer.body["client_secret"]).partition("_secret_")[0]


def deliver_all(shop: Shop, stripe: StripeServer, *, also: int = 1) -> list[str]:
    """Deliver everything that happened, each so often; the outcomes."""
    return [shop.deliver(event).body["outcome"] for event in stripe.events() * also]


def test_a_payment_is_opened_once_for_what_the_order_costs(shop: Shop, stripe: StripeServer) -> None:
    order = shop.order((shop.product(), 2)).body
    answers = [shop.pay(order) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert len({answer.body["client_secret"] for answer in answers}) == 1
    assert answers[0].body["amount"] == order["total"] == 5_490
    assert answers[0].body["publishable_key"] == "pk_test_0123456789"
    (intent,) = stripe.client().v1.payment_intents.list().data
    assert (intent.amount, intent.currency) == (5_490, "eur")
    assert intent.metadata.to_dict() == {"order": order["id"], "creator": "kasper"}


def test_a_payment_that_was_opened_and_forgotten_is_the_same(
    shop: Shop, stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop.handlers import process_payment

    order = shop.order((shop.product(), 1)).body

    def fall(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine stops here")

    with monkeypatch.context() as stopped:
        stopped.setattr(process_payment.orders, "change", fall)
        assert shop.pay(order).status == 500
    assert shop.pay(order).status == 200
    assert len(stripe.client().v1.payment_intents.list().data) == 1


def test_paid_sent_and_given_back(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product(stock=3)
    order, intent = opened(shop, (product, 2))
    with pytest.raises(Exception, match="declined"):
        stripe.pay(intent, "pm_card_chargeCustomerFail")
    stripe.pay(intent)
    assert deliver_all(shop, stripe) == ["ignored", "applied", "applied"]
    (listed,) = shop.listed("paid")
    assert (listed["id"], listed["failed_payments"], listed["version"]) == (order["id"], 1, 4)
    again = shop.pay(order)
    assert (again.status, again.problem, again.body["order_status"]) == (409, "not-payable", "paid")

    body = {"version": 4, "tracking": "DHL 123"}
    assert shop.manage("PUT", f"/{order['id']}/fulfilled", body).body["status"] == "fulfilled"
    asked = shop.manage("POST", f"/{order['id']}/refund", {"version": 5, "amount": 490, "reason": "late"})
    assert (asked.status, asked.body["status"]) == (202, "refunding")
    for _ in range(2):
        shop.run("make_refunds", shop.stream(order["id"]))
    assert [refund.amount for refund in stripe.client().v1.refunds.list().data] == [490]
    assert shop.state(order).body["refunded"] == 490
    deliver_all(shop, stripe, also=2)
    (listed,) = shop.listed("fulfilled")
    assert (listed["refunded"], listed["refunds"][0]["state"], shop.stock(product)) == (490, "made", 1)

    rest = {"version": listed["version"], "reason": "never came"}
    assert shop.manage("POST", f"/{order['id']}/refund", rest).status == 202
    shop.run("make_refunds")
    assert shop.state(order).body["status"] == "refunded"
    assert sum(refund.amount for refund in stripe.client().v1.refunds.list().data) == order["total"]


def test_what_is_given_back_before_it_was_sent_can_be_sold_again(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product(stock=3)
    order, intent = opened(shop, (product, 2))
    stripe.pay(intent)
    stripe.client().v1.refunds.create({"payment_intent": intent})
    for event in reversed(stripe.events()):
        shop.deliver(event)
    assert (shop.state(order).body["status"], shop.stock(product)) == ("refunded", 3)


def test_every_telling_of_a_story_ends_the_same(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product(stock=10)
    stories = []
    for _ in range(4):
        order, intent = opened(shop, (product, 1))
        with pytest.raises(Exception, match="declined"):
            stripe.pay(intent, "pm_card_chargeCustomerFail")
        stripe.pay(intent)
        stripe.client().v1.refunds.create({"payment_intent": intent, "amount": 100})
        stripe.close_dispute(stripe.dispute(intent), "won")
        stories.append(order)
    telling = stripe.events() * 3
    random.Random(20).shuffle(telling)  # noqa: S311 - the same disorder each time
    outcomes = [shop.deliver(event).body["outcome"] for event in telling]
    assert outcomes.count("flagged") == 0
    listed = shop.listed("paid")
    assert {order["id"] for order in listed} == {order["id"] for order in stories}
    for order in listed:
        assert (order["refunded"], order["failed_payments"]) == (100, 1)
        assert list(order["disputes"].values()) == ["won"]
    assert shop.stock(product) == 6
    charges = [c for c in stripe.client().v1.charges.list().data if c.status == "succeeded"]
    assert len(charges) == len(stories)


def test_a_lost_dispute_stops_the_parcel(shop: Shop, stripe: StripeServer) -> None:
    order, intent = opened(shop, (shop.product(), 1))
    stripe.pay(intent)
    dispute = stripe.dispute(intent)
    deliver_all(shop, stripe)
    assert shop.state(order).body["status"] == "disputed"
    version = shop.listed("disputed")[0]["version"]
    answer = shop.manage("PUT", f"/{order['id']}/fulfilled", {"version": version})
    assert (answer.status, answer.problem) == (409, "not-ready")
    stripe.close_dispute(dispute, "lost")
    deliver_all(shop, stripe)
    assert shop.state(order).body["status"] == "lost"


def test_late_money_takes_the_items_again(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product(stock=2)
    order, intent = opened(shop, (product, 2))
    shop.later(minutes=31)
    shop.run_on_time("release_holds")
    assert (shop.state(order).body["status"], shop.stock(product)) == ("expired", 2)
    refused = shop.pay(order)
    assert (refused.status, refused.body["order_status"]) == (409, "expired")
    stripe.pay(intent)
    deliver_all(shop, stripe, also=2)
    assert (shop.state(order).body["status"], shop.stock(product)) == ("paid", 0)
    shop.run_on_time("release_holds")
    assert shop.stock(product) == 0
    (item,) = shop.items("orders", "ORDER#", "ORDER")
    assert "expires_at" not in item


def test_late_money_for_what_is_sold_out_goes_back_by_itself(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product(stock=2)
    order, intent = opened(shop, (product, 2))
    shop.later(minutes=31)
    shop.run_on_time("release_holds")
    assert shop.order((product, 1)).status == 201
    stripe.pay(intent)
    deliver_all(shop, stripe, also=2)
    assert (shop.state(order).body["status"], shop.stock(product)) == ("refunding", 1)
    for event in (shop.stream(order["id"]), {}, {}):
        shop.run("make_refunds", event)
        shop.run("send_order_mails", shop.stream(order["id"]))
    (refund,) = stripe.client().v1.refunds.list().data
    assert refund.amount == order["total"]
    deliver_all(shop, stripe)
    shop.run("send_order_mails", shop.stream(order["id"]))
    assert (shop.state(order).body["status"], shop.stock(product)) == ("refunded", 1)
    assert [mail["subject"] for mail in sent()] == ["Your order at Kasper Kast could not be kept"]


def test_a_refund_that_stripe_refuses_is_told_and_not_repeated(shop: Shop, stripe: StripeServer) -> None:
    order, intent = opened(shop, (shop.product(), 1))
    stripe.pay(intent)
    deliver_all(shop, stripe)
    stripe.client().v1.refunds.create({"payment_intent": intent, "amount": 2_000})  # at Stripe, by hand
    shop.manage("POST", f"/{order['id']}/refund", {"version": 3, "amount": 1_000, "reason": "torn"})
    for _ in range(2):
        shop.run("make_refunds")
    (flagged,) = shop.listed("review")
    assert (flagged["review"], flagged["refunds"][0]["state"]) == (["refund-refused"], "failed")
    body = {"version": flagged["version"]}
    assert shop.manage("PUT", f"/{order['id']}/reviewed", body).body["status"] == "paid"


def test_a_refund_of_what_is_back_already_is_nothing_amiss(shop: Shop, stripe: StripeServer) -> None:
    order, intent = opened(shop, (shop.product(), 1))
    stripe.pay(intent)
    deliver_all(shop, stripe)
    stripe.client().v1.refunds.create({"payment_intent": intent})
    shop.manage("POST", f"/{order['id']}/refund", {"version": 3, "reason": "torn"})
    shop.run("make_refunds")
    assert shop.state(order).body["status"] == "refunded"
    assert deliver_all(shop, stripe)[-1] in ("known", "applied")
    assert shop.state(order).body["status"] == "refunded"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_received": 1}, "amount"),
        ({"currency": "usd"}, "currency"),
        ({"metadata": {"order": "0" * 26, "creator": "kasper"}}, "metadata"),
        ({"metadata": {}}, "metadata"),
        ({"id": "pi_of_another"}, "payment"),
    ],
)
def test_what_does_not_fit_is_never_paid(
    shop: Shop, stripe: StripeServer, changes: dict[str, Any], reason: str
) -> None:
    order, intent = opened(shop, (shop.product(stock=1), 1))
    event = paid(order, intent, **changes)
    assert shop.deliver(event).body == {"outcome": "flagged"}
    assert shop.deliver(event).body == {"outcome": "known"}
    assert shop.state(order).body["status"] == "review"
    (flagged,) = shop.listed("review")
    assert (flagged["review"], flagged["paid_at"], flagged["holding"]) == ([reason], None, True)
    (item,) = shop.items("orders", "ORDER#")
    assert "expires_at" not in item


def test_money_for_an_order_that_was_forgotten_is_flagged(shop: Shop, stripe: StripeServer) -> None:
    order, intent = opened(shop, (shop.product(), 1))
    (item,) = shop.items("orders", "ORDER#")
    shop.client.delete_item(TableName="orders", Key={"pk": item["pk"], "sk": item["sk"]})
    assert shop.deliver(paid(order, intent)).body == {"outcome": "flagged"}


def test_what_the_account_sells_elsewhere_is_none_of_ours(shop: Shop) -> None:
    order = shop.order((shop.product(), 1)).body
    for changes in ({"metadata": {}}, {"metadata": {"order": order["id"], "creator": "mina"}}):
        assert shop.deliver(paid(order, "pi_elsewhere", **changes)).body == {"outcome": "ignored"}
    charge = {"amount": 100, "amount_refunded": 100, "currency": "eur", "payment_intent": None}
    assert shop.deliver(event_of("charge.refunded", charge)).body == {"outcome": "ignored"}
    assert shop.deliver(event_of("customer.created", {})).body == {"outcome": "ignored"}
    assert shop.state(order).body["status"] == "open"


def test_forged_stale_and_strange_signatures_are_refused(shop: Shop) -> None:
    import time

    order = shop.order((shop.product(), 1)).body
    event = paid(order, "pi_1")
    now = int(time.time())
    refusals = [
        shop.deliver(event, "whsec_of_somebody_else"),
        shop.deliver(event, at=now - 301),
        *(
            shop.call("stripe_webhook", "POST", "/stripe/webhook", "{}", headers={"stripe-signature": header})
            for header in ("", "t=1", "v1=00", f"t={now},v1=00", f"t={now},v1=\u00fc", "t=x,v1=y", "," * 500)
        ),
        shop.call("stripe_webhook", "POST", "/stripe/webhook", "{}"),
    ]
    assert {(answer.status, answer.problem) for answer in refusals} == {(400, "bad-signature")}
    assert shop.state(order).body["status"] == "open"


def test_a_changed_body_is_not_what_was_signed(shop: Shop) -> None:
    from tests.stripe_server.process import signed

    body, headers = signed(paid(shop.order((shop.product(), 1)).body, "pi_1"), WEBHOOK_SECRET)
    lower = {name.lower(): value for name, value in headers.items()}
    changed = body.decode().replace("succeeded", "canceled_")
    answer = shop.call("stripe_webhook", "POST", "/stripe/webhook", changed, headers=lower)
    assert (answer.status, answer.problem) == (400, "bad-signature")


@pytest.mark.parametrize(
    "event",
    [
        [],
        {},
        1,
        {"id": "evt_1"},
        {"id": "evt_1", "type": "charge.refunded", "created": 1, "data": {"object": {}}},
    ],
)
def test_what_is_signed_and_no_event_is_refused(shop: Shop, event: Any) -> None:
    answer = shop.deliver(event)
    assert (answer.status, answer.problem) == (400, "malformed")


def test_bytes_that_are_no_text_and_too_many_are_refused(shop: Shop) -> None:
    import base64

    def raw(data: bytes) -> Any:
        def change(event: dict[str, Any]) -> None:
            event.update(body=base64.b64encode(data).decode(), isBase64Encoded=True)

        return shop.call(
            "stripe_webhook",
            "POST",
            "/stripe/webhook",
            "",
            headers={"stripe-signature": "t=1,v1=0"},
            change=change,
        )

    assert raw(b"\xff\xfe").status == 400
    assert raw(b" " * (256 * 1024 + 1)).status == 413


def test_two_secrets_are_good_while_they_are_exchanged(shop: Shop) -> None:
    put_secret(SECRET, f"whsec_the_new_one {WEBHOOK_SECRET}")
    order = shop.order((shop.product(), 1)).body
    for secret in ("whsec_the_new_one", WEBHOOK_SECRET):
        assert shop.deliver(paid(order, "pi_1"), secret).status == 200
    assert shop.deliver(paid(order, "pi_1"), "whsec_a_third_one").status == 400


def test_a_new_secret_is_in_use_after_some_minutes(shop: Shop) -> None:
    order = shop.order((shop.product(), 1)).body
    assert shop.deliver(paid(order, "pi_1")).status == 200
    put_secret(SECRET, "whsec_the_new_one")
    assert shop.deliver(paid(order, "pi_1")).status == 200
    shop.later(minutes=6)
    assert shop.deliver(paid(order, "pi_1")).status == 400
    assert shop.deliver(paid(order, "pi_1"), "whsec_the_new_one").status == 200


def test_until_stripe_is_set_up_nothing_is_taken(shop: Shop) -> None:
    put_secret(KEY, "not-set")
    put_secret(SECRET, "not-set")
    order = shop.order((shop.product(), 1)).body
    for answer in (shop.pay(order), shop.deliver(paid(order, "pi_1"), "not-set")):
        assert (answer.status, answer.problem) == (503, "payments-not-set-up")
    put_secret(KEY, "sk_test_of_our_own")
    put_secret(SECRET, WEBHOOK_SECRET)
    assert shop.deliver(paid(order, "pi_1")).status == 200


def test_a_stripe_that_does_not_answer_is_said_and_nothing_is_lost(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import stripe as library

    from shop.settings import settings

    monkeypatch.setattr(library.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(library.HTTPClient, "MAX_DELAY", 0)
    settings.cache_clear()
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:9")
    order = shop.order((shop.product(), 1)).body
    answer = shop.pay(order)
    assert (answer.status, answer.problem) == (503, "payments-unavailable")
    assert shop.state(order).body["status"] == "open"


def test_a_key_that_is_not_good_any_more_is_said(shop: Shop, stripe: StripeServer) -> None:
    put_secret(KEY, "rk_live_revoked0")
    answer = shop.pay(shop.order((shop.product(), 1)).body)
    assert (answer.status, answer.problem) == (503, "payments-not-set-up")


def test_a_payment_opens_by_the_orders_token_only(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product()
    order, other = shop.order((product, 1)).body, shop.order((product, 1)).body
    path = f"/orders/{order['id']}/payment"
    assert shop.opened("process_payment", "POST", path, other["token"]).status == 404
    assert shop.call("process_payment", "POST", path).status == 404
    assert stripe.client().v1.payment_intents.list().data == []


def test_each_mail_goes_out_once(shop: Shop, stripe: StripeServer) -> None:
    order, intent = opened(shop, (shop.product(), 1))
    shop.run("send_order_mails", shop.stream(order["id"]))
    assert sent() == []  # nobody has shown yet that the address is theirs
    stripe.pay(intent)
    deliver_all(shop, stripe)
    for _ in range(3):
        shop.run("send_order_mails", shop.stream(order["id"]))
    shop.manage("PUT", f"/{order['id']}/fulfilled", {"version": 3, "tracking": "DHL 123"})
    shop.manage("POST", f"/{order['id']}/refund", {"version": 4, "amount": 490, "reason": "late"})
    shop.run("make_refunds")
    for _ in range(3):
        shop.run("send_order_mails", shop.stream(order["id"]))
    assert [mail["subject"] for mail in sent()] == [
        "Your order at Kasper Kast",
        "Your order at Kasper Kast is on its way",
        "Your refund from Kasper Kast",
    ]
    assert "Tracking: DHL 123" in sent()[1]["body"]
    assert "4.90 EUR" in sent()[2]["body"]


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_try(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared.background import BackgroundError
    from shop.handlers import send_order_mails

    order = shop.order((shop.product(), 1)).body
    intent = "pi_1"
    from shop.handlers.process_payment import orders
    from shop.payment import intend

    orders.change(order["id"], lambda seen: intend(seen, intent), shop.now)
    shop.deliver(paid(order, intent))

    def throttled(*_: Any) -> bool:
        raise RuntimeError("throttled")

    with monkeypatch.context() as busy:
        busy.setattr(send_order_mails, "send", throttled)
        with pytest.raises(BackgroundError):
            shop.run("send_order_mails", shop.stream(order["id"]))
        busy.setattr(send_order_mails, "send", lambda *_: False)  # the domain is not verified yet
        shop.run("send_order_mails", shop.stream(order["id"]))
    shop.run("send_order_mails", shop.stream(order["id"]))
    assert len(sent()) == 1


def test_texts_fit_every_language_and_mail() -> None:
    from shop.texts import Mail, text_of
    from tests.lambdas.shop.test_payment_rules import ORDER

    for language, mail in itertools.product(("en", "de"), Mail):
        text = text_of(mail, ORDER, shop="Kasper {Kast}", language=language)
        assert "Kasper {Kast}" in text.subject
        assert "\n" not in text.subject
        assert ORDER.id in text.body
    assert "10,00 EUR" in text_of(Mail.PAID, ORDER, shop="K", language="de").body


def test_a_refund_that_cannot_be_made_holds_no_other_up(
    shop: Shop, stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared.background import BackgroundError
    from shared.problems import busy
    from shop.stripe_api import StripeApi

    made, orders = StripeApi.refund, []
    for _ in range(2):
        order, intent = opened(shop, (shop.product(), 1))
        stripe.pay(intent)
        orders.append(order)
    deliver_all(shop, stripe)
    for order in orders:
        shop.manage("POST", f"/{order['id']}/refund", {"version": 3, "reason": "torn"})

    def refund(api: Any, order: Any, wanted: Any) -> str:
        if order.id == orders[0]["id"]:
            raise busy()
        return made(api, order, wanted)

    with monkeypatch.context() as broken:
        broken.setattr(StripeApi, "refund", refund)
        with pytest.raises(BackgroundError):
            shop.run("make_refunds")
    assert [shop.state(order).body["status"] for order in orders] == ["refunding", "refunded"]
    shop.run("make_refunds")
    assert shop.state(orders[0]).body["status"] == "refunded"

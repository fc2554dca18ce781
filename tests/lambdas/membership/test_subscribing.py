"""From the checkout to the end of a subscription, against a Stripe of our own by the official library."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.lambdas.functions import MEMBER
from tests.lambdas.membership.conftest import KEY, SECRET, put_secret
from tests.lambdas.membership.membership_api import OTHER, WEBHOOK_SECRET, Membership, session_of
from tests.stripe_server.process import signed


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_tiers_are_shown_to_everybody(site: Membership) -> None:
    answer = site.call("get_membership", "GET", "/membership/tiers")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=300")
    assert answer.body["currency"] == "EUR"
    assert [(tier["id"], tier["price"]) for tier in answer.body["tiers"]] == [("bee", 500), ("queen", 1500)]


def test_who_has_begun_nothing_has_nothing(site: Membership) -> None:
    assert site.me().body == {
        "tier": None,
        "state": "none",
        "is_member": False,
        "paid_until": None,
        "grace_until": None,
        "cancels_at": None,
    }
    answer = site.portal()
    assert (answer.status, answer.problem) == (409, "not-subscribed")


def test_subscribed_renewed_cancelled_and_over(site: Membership) -> None:
    subscription = site.subscribe("queen")
    assert site.me().body["state"] == "checkout"
    assert "applied" in site.deliver_all()
    shown = site.me().body
    assert (shown["tier"], shown["state"], shown["is_member"]) == ("queen", "active", True)
    first_end = moment(shown["paid_until"])
    assert timedelta(days=27) < first_end - site.now < timedelta(days=32)
    found = site.entitlement()
    assert found
    assert (found.tier, found.until) == ("queen", first_end + timedelta(days=1))

    site.stripe.renew(subscription)
    site.deliver_all()
    assert moment(site.me().body["paid_until"]) > first_end
    site.stripe.client().v1.subscriptions.update(subscription, {"cancel_at_period_end": True})
    site.deliver_all()
    shown = site.me().body
    assert (shown["state"], shown["is_member"], shown["cancels_at"]) == (
        "cancelling",
        True,
        shown["paid_until"],
    )
    site.now = moment(shown["cancels_at"])
    assert not site.me().body["is_member"]  # by the clock alone
    site.stripe.renew(subscription)
    site.deliver_all()
    assert site.me().body["state"] == "ended"
    assert site.entitlement() is None
    assert site.begin().status == 201


def test_who_cannot_be_charged_has_a_grace_that_no_later_invoice_renews(site: Membership) -> None:
    subscription = site.member()
    paid_until = moment(site.me().body["paid_until"])
    site.stripe.renew(subscription, paid=False)
    site.deliver_all()
    site.now = paid_until + timedelta(days=1)
    shown = site.me().body
    assert (shown["state"], shown["is_member"]) == ("grace", True)
    assert moment(shown["paid_until"]) == paid_until
    assert moment(shown["grace_until"]) == paid_until + timedelta(days=7)
    refused = site.begin("queen")
    assert (refused.status, refused.problem) == (409, "already-subscribed")

    site.now = paid_until + timedelta(days=7)
    assert (site.me().body["state"], site.me().body["is_member"]) == ("unpaid", False)
    site.reconcile()
    assert site.entitlement() is None
    site.stripe.renew(subscription, paid=False)  # the next month is owed, too
    site.deliver_all()
    assert not site.me().body["is_member"]

    site.stripe.pay_invoices(subscription)
    site.deliver_all()
    assert (site.me().body["state"], site.me().body["is_member"]) == ("active", True)


def test_a_higher_tier_in_the_portal_counts_as_soon_as_it_is_told(site: Membership) -> None:
    subscription = site.member("bee")
    answer = site.portal()
    assert answer.status == 201
    assert answer.body["url"].startswith("https://billing.stripe.com/")
    api = site.stripe.client().v1
    (configuration,) = api.billing_portal.configurations.list().data
    offered = configuration.features.subscription_update["products"]
    prices = {price.lookup_key: price.id for price in api.prices.list().data}
    assert {price for product in offered for price in product["prices"]} == set(prices.values())
    site.portal()
    assert len(api.billing_portal.configurations.list().data) == 1

    item = api.subscriptions.retrieve(subscription)["items"]["data"][0]["id"]
    api.subscriptions.update(
        subscription, {"items": [{"id": item, "price": prices["kasper-queen-eur-1500"]}]}
    )
    site.deliver_all()
    assert site.me().body["tier"] == "queen"


def test_a_new_price_is_for_new_subscriptions(site: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    from membership.settings import settings

    site.member("bee")
    changed = settings().model_copy(
        update={"tiers": tuple(tier.model_copy(update={"price": 700}) for tier in settings().tiers)}
    )
    for module in ("membership.checkouts", "membership.handlers.manage_subscription"):
        monkeypatch.setattr(f"{module}.settings", lambda: changed)
    site.member("bee", OTHER)
    prices = site.stripe.client().v1.prices.list().data
    assert {(price.lookup_key, price.unit_amount) for price in prices} == {
        ("kasper-bee-eur-500", 500),
        ("kasper-bee-eur-700", 700),
    }
    assert len({price.product for price in prices}) == 1
    listed = site.operator("/members").body["members"]
    assert {(member["id"], member["price"]) for member in listed} == {(MEMBER, 500), (OTHER, 700)}


def test_a_price_that_was_archived_is_made_anew(site: Membership) -> None:
    site.begin("bee")
    api = site.stripe.client().v1
    (price,) = api.prices.list().data
    api.prices.update(price.id, {"active": False})
    site.stripe.clear_idempotency()
    assert site.begin("bee", member=OTHER).status == 201
    (new,) = api.prices.list({"active": True}).data
    assert (new.id != price.id, new.lookup_key) == (True, "kasper-bee-eur-500")


def test_one_key_is_one_checkout(site: Membership) -> None:
    answers = [site.begin("bee", "one-and-the-same-key") for _ in range(3)]
    assert len({session_of(answer) for answer in answers}) == 1
    other = site.begin("queen", "one-and-the-same-key")
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    assert session_of(site.begin("bee", "one-and-the-same-key", OTHER)) != session_of(answers[0])
    headers: dict[str, str] = {}
    missing = site.call(
        "manage_subscription",
        "POST",
        "/membership/checkout",
        {"tier": "bee"},
        member=MEMBER,
        headers=headers,
    )
    assert (missing.status, missing.problem) == (400, "no-idempotency-key")
    assert site.begin("drone").status == 422


def test_a_member_has_one_checkout_that_can_be_paid(site: Membership) -> None:
    bee = site.begin("bee", "the-first-key")
    assert session_of(site.begin("bee", "the-second-key")) == session_of(bee)
    queen = site.begin("queen", "the-third-key")
    with pytest.raises(AssertionError, match="it is expired"):
        site.stripe.complete_checkout(session_of(bee))
    for key in ("the-first-key", "the-second-key"):
        again = site.begin("bee", key)
        assert (again.status, again.problem) == (409, "checkout-closed")
    assert session_of(site.begin("queen", "the-third-key")) == session_of(queen)
    site.stripe.complete_checkout(session_of(queen))
    for key in ("the-third-key", "the-fourth-key"):  # nothing of it was delivered
        answer = site.begin("queen", key)
        assert (answer.status, answer.problem) == (409, "already-subscribed")
    assert site.me().body["state"] == "active"  # what the refusal saw is kept


def test_a_checkout_whose_answer_was_lost_is_found_again(
    site: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    from membership.stripe_api import Billing

    made: list[str] = []
    open_session = Billing.open_session

    def fall(*arguments: Any) -> Any:
        made.append(open_session(*arguments).id)
        raise RuntimeError("the machine stops here")

    with monkeypatch.context() as stopped:
        stopped.setattr(Billing, "open_session", fall)
        assert site.begin("bee", "a-key-of-mine").status == 500
    assert session_of(site.begin("bee", "a-key-of-mine")) == made[0]
    with monkeypatch.context() as stopped:
        stopped.setattr(Billing, "open_session", fall)
        assert site.begin("queen").status == 500
    answer = site.begin("bee", "another-key")  # the queen's has to be closed first, although nobody knows it
    with pytest.raises(AssertionError, match="it is expired"):
        site.stripe.complete_checkout(made[1])
    site.stripe.complete_checkout(session_of(answer))


def test_an_expired_checkout_is_forgotten(site: Membership) -> None:
    session = session_of(site.begin())
    site.stripe.client().v1.checkout.sessions.expire(session)
    site.reconcile()
    assert site.me().body["state"] == "none"
    assert session_of(site.begin()) != session


def test_every_telling_of_a_life_ends_the_same(site: Membership) -> None:
    subscription = site.subscribe()
    rng = random.Random(20)  # noqa: S311 - the same disorder each time
    seen = 0
    for step in (
        lambda: site.stripe.renew(subscription),
        lambda: site.stripe.renew(subscription, paid=False),
        lambda: site.stripe.pay_invoices(subscription),
        lambda: site.stripe.client().v1.subscriptions.update(subscription, {"cancel_at_period_end": True}),
        lambda: site.stripe.client().v1.subscriptions.update(subscription, {"cancel_at_period_end": False}),
    ):
        events = site.stripe.events()
        for event in rng.sample(events, len(events) // 2):  # some, while life goes on
            seen += site.deliver(event).body["outcome"] == "applied"
        step()
    telling = site.stripe.events() * 3
    rng.shuffle(telling)
    for event in telling:
        site.deliver(event)
    shown = site.me().body
    api = site.stripe.client().v1
    (item,) = api.subscriptions.retrieve(subscription)["items"]["data"]
    assert (shown["state"], shown["cancels_at"]) == ("active", None)
    assert moment(shown["paid_until"]).timestamp() == item["current_period_end"]
    assert len(site.items("MEMBER#")) == 1
    before = site.items("MEMBER#")
    again = {site.deliver(event).body["outcome"] for event in site.stripe.events()}
    assert again == {"known", "ignored"}
    assert site.items("MEMBER#") == before


def test_a_look_that_was_overtaken_is_taken_again(site: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    from membership.stripe_api import Billing

    subscription = site.member()
    subscriptions = Billing.subscriptions
    overtaken: list[bool] = []

    def slow(billing: Billing, customer: str) -> Any:
        found = subscriptions(billing, customer)
        if not overtaken:
            overtaken.append(True)
            site.stripe.put_status(subscription, "canceled")
            (ended,) = site.stripe.events("customer.subscription.deleted")
            assert site.deliver(ended).body["outcome"] == "applied"
        return found

    monkeypatch.setattr(Billing, "subscriptions", slow)
    site.stripe.renew(subscription)
    event = site.stripe.events("invoice.paid")[-1]
    assert site.deliver(event).body["outcome"] == "applied"
    assert site.me().body["state"] == "ended"


def test_every_status_of_stripes_is_understood(site: Membership) -> None:
    subscription = site.member()
    for status, state, is_member in (
        ("trialing", "active", True),
        ("past_due", "grace", True),
        ("unpaid", "unpaid", False),
        ("paused", "paused", False),
        ("incomplete", "incomplete", False),
        ("suspended", "unknown", False),
        ("active", "active", True),
        ("incomplete_expired", "ended", False),
        ("canceled", "ended", False),
    ):
        site.stripe.put_status(subscription, status)
        assert site.deliver(site.stripe.events()[-1]).body["outcome"] == "applied"
        shown = site.me().body
        assert (shown["state"], shown["is_member"]) == (state, is_member), status
        if state != "ended":
            assert site.begin().problem == "already-subscribed", status
    assert site.begin().status == 201


def test_what_nobody_told_is_found_in_time(site: Membership) -> None:
    subscription = site.subscribe()
    site.reconcile()
    assert site.me().body["state"] == "active"
    paid_until = moment(site.me().body["paid_until"])
    site.stripe.renew(subscription)
    site.now = paid_until + timedelta(hours=23)
    site.reconcile()  # it is not time yet
    assert moment(site.me().body["paid_until"]) == paid_until
    site.later(hours=1)
    assert not site.me().body["is_member"]
    site.reconcile()
    assert site.me().body["is_member"]


def test_one_who_cannot_be_looked_at_holds_no_other_up(
    site: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    from membership.stripe_api import Billing
    from shared.problems import ProblemError, busy

    site.subscribe(member=MEMBER)
    site.subscribe(member=OTHER)
    customers = {item["id"]["S"]: item["customer"]["S"] for item in site.items("MEMBER#")}
    subscriptions = Billing.subscriptions

    def flaky(billing: Billing, customer: str) -> Any:
        if customer == customers[MEMBER]:
            raise busy()
        return subscriptions(billing, customer)

    with monkeypatch.context() as broken:
        broken.setattr(Billing, "subscriptions", flaky)
        with pytest.raises(ProblemError):
            site.reconcile()
    assert (site.me(MEMBER).body["state"], site.me(OTHER).body["state"]) == ("checkout", "active")


@pytest.mark.parametrize("subscribed", [True, False])
def test_whom_stripe_no_longer_knows_can_subscribe_anew(site: Membership, subscribed: bool) -> None:
    if subscribed:
        site.member()
    else:
        site.begin()
    site.stripe.clear()  # as a change from test mode to live mode does
    site.reconcile()
    answer = site.begin("queen")
    site.stripe.complete_checkout(session_of(answer))
    site.deliver_all()
    assert (site.me().body["state"], site.me().body["tier"]) == ("active", "queen")
    site.stripe.clear()
    assert list(site.privacy("export", member=MEMBER)["documents"]) == ["membership"]
    assert site.privacy("erase", member=MEMBER) == {"erased": 1, "kept": []}


def test_two_subscriptions_by_hand_are_told(site: Membership, capsys: Any) -> None:
    site.member()
    api = site.stripe.client().v1
    (running,) = api.subscriptions.list().data
    (price,) = api.prices.list().data
    api.subscriptions.create({"customer": str(running.customer), "items": [{"price": price.id}]})
    site.deliver_all()
    (listed,) = site.operator("/members").body["members"]
    assert listed["doubled"]
    assert '"SubscriptionsDoubled":[1.0]' in capsys.readouterr().out


def test_what_the_account_sells_elsewhere_is_none_of_ours(site: Membership) -> None:
    site.member()
    api = site.stripe.client().v1
    customer = str(api.subscriptions.list().data[0].customer)
    product = api.products.create({"name": "Coaching"})
    price = api.prices.create(
        {
            "product": product.id,
            "currency": "eur",
            "unit_amount_decimal": "9900.5",
            "recurring": {"interval": "month"},
        }
    )
    for buyer in (customer, api.customers.create({}).id):
        api.subscriptions.create({"customer": buyer, "items": [{"price": price.id}]})
    assert set(site.deliver_all()) == {"ignored", "applied"}
    (member,) = site.operator("/members").body["members"]
    assert (member["doubled"], member["tier"]) == (False, "bee")


def test_events_of_nobody_are_ignored(site: Membership) -> None:
    for subject in ({}, {"customer": None}, {"customer": 7}, {"customer": {"id": "cus_1"}}):
        event = {"id": "evt_1", "type": "invoice.paid", "created": 1, "data": {"object": subject}}
        assert site.deliver(event).body == {"outcome": "ignored"}


def test_what_stripe_has_not_signed_changes_nothing(site: Membership) -> None:
    site.subscribe()
    event = site.stripe.events("customer.subscription.created")[0]
    now = int(site.now.timestamp())
    refusals = [
        site.deliver(event, "whsec_of_somebody_else"),
        site.deliver(event, at=now - 400),
        site.call("membership_webhook", "POST", "/membership/stripe-webhook", "{}"),
    ]
    body, headers = signed(event, WEBHOOK_SECRET)
    lower = {name.lower(): value for name, value in headers.items()}
    changed = body.decode().replace("active", "paused")
    refusals.append(
        site.call("membership_webhook", "POST", "/membership/stripe-webhook", changed, headers=lower)
    )
    assert {(answer.status, answer.problem) for answer in refusals} == {(400, "bad-signature")}
    assert site.me().body["state"] == "checkout"
    for wrong in ([], {}, {"id": "evt_1"}):
        answer = site.deliver(wrong)  # type: ignore[arg-type]
        assert (answer.status, answer.problem) == (400, "malformed")


def test_secrets_can_be_exchanged_and_may_be_missing(site: Membership) -> None:
    put_secret(SECRET, f"whsec_the_new_one {WEBHOOK_SECRET}")
    event = {"id": "evt_1", "type": "none", "created": 1, "data": {"object": {}}}
    assert site.deliver(event).status == site.deliver(event, "whsec_the_new_one").status == 200
    put_secret(KEY, "not-set")
    put_secret(SECRET, "not-set")
    site.later(minutes=6)
    for answer in (site.begin(), site.deliver(event)):
        assert (answer.status, answer.problem) == (503, "payments-not-set-up")


def test_a_stripe_that_does_not_answer_is_said(site: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    from membership.settings import settings

    site.subscribe()
    event = site.stripe.events("customer.subscription.created")[0]
    with monkeypatch.context() as gone:
        gone.setattr(
            "membership.looking.settings",
            lambda: settings().model_copy(update={"stripe_api_base": "http://127.0.0.1:1"}),
        )
        for answer in (site.begin(member=OTHER), site.deliver(event)):
            assert (answer.status, answer.problem) == (503, "payments-unavailable")
    assert site.deliver(event).body["outcome"] == "applied"

"""The packed functions behind a real HTTP API: many customers at once, and who is kept out."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

import openapi
from fleet_tui.sandbox.emulator.process import Emulator
from shop.settings import SAMPLE
from tests.lambdas.deployed import (
    BROWSER,
    OWNER,
    REGION,
    STRANGER,
    Deployed,
    all_at_once,
    client,
    deploy,
    eventually,
)
from tests.lambdas.functions import table
from tests.lambdas.members import refused, resigned, tokens
from tests.lambdas.shop.conftest import KEY, SECRET
from tests.lambdas.shop.shop_api import ADDRESS, CONTENT, EMAIL, WEBHOOK_SECRET
from tests.stripe_server.process import API_KEY, StripeServer, signed

pytestmark = pytest.mark.sandbox

CUSTOMERS = 100
THREADS = 4  # each thread keeps a function's process busy


@dataclass(frozen=True)
class Site:
    """The shop of one account, the Stripe that it talks to, and the access token of its admin."""

    deployed: Deployed
    stripe: StripeServer
    admin: str

    def product(self, **fields: Any) -> str:
        """A published product; its id."""
        made = self.deployed.call("POST", "/operator/products", {**CONTENT, **fields}, signer=OWNER)
        assert made.status_code == 201, made.text
        product = str(made.json()["id"])
        body = {"version": 1, "status": "published"}
        moved = self.deployed.call("PUT", f"/operator/products/{product}/status", body, signer=OWNER)
        assert moved.status_code == 200, moved.text
        return product

    def order(self, product: str, customer: int, quantity: int = 1) -> httpx.Response:
        """One of many customers orders."""
        body = {
            "items": [{"product": product, "quantity": quantity}],
            "email": EMAIL,
            "address": ADDRESS,
        }
        headers = {
            "Idempotency-Key": f"{product}-{customer:04d}",
            "User-Agent": f"{BROWSER} Edg/{customer}.0",
        }
        return self.deployed.call("POST", "/orders", body, headers=headers)

    def opened(self, order: Any) -> str:
        """Id of the payment that was opened for an order."""
        answer = self.deployed.call("POST", f"/orders/{order['id']}/payment", token=order["token"])
        assert answer.status_code == 200, answer.text
        return str(answer.json()["client_secret"]).partition("_secret_")[0]

    def status(self, order: Any) -> str:
        """How an order stands, as its customer sees it."""
        answer = self.deployed.call("GET", f"/orders/{order['id']}", token=order["token"])
        assert answer.status_code == 200, answer.text
        return str(answer.json()["status"])

    def stock(self, product: str) -> int:
        """What is left of a product."""
        return int(self.deployed.call("GET", f"/operator/products/{product}", signer=OWNER).json()["stock"])

    def deliver(self, event: Any, secret: str = WEBHOOK_SECRET) -> httpx.Response:
        """Hand an event to the webhook."""
        body, headers = signed(event, secret)
        return self.deployed.call("POST", "/stripe/webhook", body, headers=headers)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, stripe_process: StripeServer) -> Iterator[Site]:
    """The functions and what calls them, in a fresh embedded AWS."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        environment = {**SAMPLE, "STRIPE_API_BASE": stripe_process.url}
        dynamodb = client(emulator.url, "dynamodb")
        table(dynamodb, "products", index=True)
        table(dynamodb, "orders", index=True)
        streamed = dynamodb.update_table(
            TableName="orders", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        )
        for name, value in ((KEY, API_KEY), (SECRET, WEBHOOK_SECRET)):
            client(emulator.url, "ssm").put_parameter(Name=name, Value=value, Type="SecureString")
        client(emulator.url, "sesv2").create_email_identity(EmailIdentity="kasper.live")
        account = {"account": OWNER, "region": REGION}
        emulator.call("ses/verify", {**account, "identity": "kasper.live"})
        emulator.call("ses/production", account)
        routes = {
            name: {route.key: route.by.value for route in listed}
            for name, listed in openapi.routes_of("shop").items()
        }
        behind = {"release_holds": {}, "send_order_mails": {}, "make_refunds": {}}
        cognito = client(emulator.url, "cognito-idp")
        pool = cognito.create_user_pool(PoolName="kasper", UsernameAttributes=["email"])["UserPool"]["Id"]
        site_client = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        for group in ("admin", "moderator"):
            cognito.create_group(UserPoolId=pool, GroupName=group)
        jwt = {
            "issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}",
            "client_id": site_client,
        }
        deployed = deploy(emulator, "shop", {**routes, **behind}, environment, jwt)
        for name, wanted in (
            ("send_order_mails", {"sk": {"S": ["ORDER"]}, "paid_at": {"S": [{"exists": True}]}}),
            ("make_refunds", {"gsi1pk": {"S": ["STATUS#refunding"]}}),
        ):
            client(emulator.url, "lambda").create_event_source_mapping(
                EventSourceArn=streamed["TableDescription"]["LatestStreamArn"],
                FunctionName=deployed.functions[name],
                StartingPosition="TRIM_HORIZON",
                FilterCriteria={"Filters": [{"Pattern": json.dumps({"dynamodb": {"NewImage": wanted}})}]},
            )
        admin = tokens(emulator.url, REGION, OWNER, pool, site_client, groups=("admin",))
        yield Site(deployed, stripe_process, admin)
    finally:
        emulator.stop()


@pytest.fixture(autouse=True)
def forgetful(stripe_server: StripeServer) -> None:
    """Each test has a Stripe that knows of nothing yet."""


def test_a_hundred_customers_and_three_of_them_get_one(site: Site) -> None:
    product = site.product(stock=3)
    answers = all_at_once(lambda customer: site.order(product, customer), list(range(CUSTOMERS)), THREADS)
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: CUSTOMERS - 3}
    refused = {answer.json()["type"].rpartition("/")[2] for answer in answers if answer.status_code == 409}
    assert refused == {"sold-out"}
    assert site.stock(product) == 0


def test_one_order_sent_by_an_impatient_browser_is_one_order(site: Site) -> None:
    product = site.product(stock=9)
    answers = all_at_once(lambda _: site.order(product, 7), list(range(8)), THREADS)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert site.stock(product) == 8
    order = answers[0].json()
    assert len(set(all_at_once(lambda _: site.opened(order), list(range(8)), THREADS))) == 1
    assert len(site.stripe.client().v1.payment_intents.list().data) == 1


def test_everything_told_often_and_in_disorder_is_one_charge_and_the_right_end(site: Site) -> None:
    product = site.product(stock=5)
    order = site.order(product, 1).json()
    intent = site.opened(order)
    site.stripe.pay(intent)
    site.stripe.client().v1.refunds.create({"payment_intent": intent, "amount": 500})
    site.stripe.close_dispute(site.stripe.dispute(intent), "won")
    telling = site.stripe.events() * 3
    random.Random(7).shuffle(telling)  # noqa: S311 - the same disorder each time
    answers = all_at_once(site.deliver, telling, THREADS)
    assert {answer.status_code for answer in answers} == {200}
    outcomes = Counter(answer.json()["outcome"] for answer in answers)
    assert outcomes["applied"] <= 4
    assert outcomes["flagged"] == 0
    assert (site.status(order), site.stock(product)) == ("paid", 4)
    listed = site.deployed.call("GET", "/orders?status=paid", signer=OWNER).json()["orders"]
    (shown,) = [shown for shown in listed if shown["id"] == order["id"]]
    assert (shown["refunded"], shown["failed_payments"]) == (500, 0)
    charges = site.stripe.client().v1.charges.list().data
    assert [charge.amount for charge in charges] == [order["total"]]


def test_paid_by_stripes_own_deliveries_and_told_by_mail_once(site: Site) -> None:
    order = site.order(site.product(stock=2), 1).json()
    emulator = site.deployed.emulator
    emulator.call("mails/clear", {"account": OWNER})
    address = f"{emulator.url}/_aws/execute-api/{site.deployed.api_id}/$default/stripe/webhook"
    site.stripe.deliver_to(address, WEBHOOK_SECRET)
    site.stripe.pay(site.opened(order))
    assert {delivery["status"] for delivery in site.stripe.settle()} == {200}
    assert site.status(order) == "paid"
    site.stripe.deliver_to(address, WEBHOOK_SECRET, types=["none"])

    listed = site.deployed.call("GET", "/orders?status=paid", signer=OWNER).json()["orders"]
    (version,) = [shown["version"] for shown in listed if shown["id"] == order["id"]]
    path = f"/orders/{order['id']}"
    sent = site.deployed.call("PUT", f"{path}/fulfilled", {"version": version}, signer=OWNER)
    assert sent.status_code == 200, sent.text
    refund = {"version": version + 1, "reason": "goodwill", "amount": 100}
    assert site.deployed.call("POST", f"{path}/refund", refund, signer=OWNER).status_code == 202
    eventually(lambda: site.stripe.client().v1.refunds.list().data)

    def mails() -> list[str]:
        return [mail["subject"] for mail in emulator.call("mails", {"account": OWNER})["mails"]]

    eventually(lambda: len(mails()) >= 3)
    assert mails() == [
        "Your order at Kasper Kast",
        "Your order at Kasper Kast is on its way",
        "Your refund from Kasper Kast",
    ]
    assert [refund.amount for refund in site.stripe.client().v1.refunds.list().data] == [100]


def test_only_the_accounts_own_operators_get_in(site: Site) -> None:
    product = site.product()
    for method, path, body in (
        ("GET", "/orders", None),
        ("GET", "/orders/export?from=2026-05-01&to=2026-05-02", None),
        ("POST", f"/orders/{'0' * 26}/refund", {"version": 1, "reason": "x"}),
        ("PUT", f"/orders/{'0' * 26}/fulfilled", {"version": 1}),
        ("PUT", f"/orders/{'0' * 26}/reviewed", {"version": 1}),
        ("POST", "/operator/products", CONTENT),
        ("PUT", f"/operator/products/{product}/stock", {"stock": 1, "seen": None}),
    ):
        for signer in (None, STRANGER):
            assert site.deployed.call(method, path, body, signer=signer).status_code == 403, path
        wrong = {"Authorization": "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=0"}
        assert site.deployed.call(method, path, body, headers=wrong).status_code in (401, 403), path
    export = site.deployed.call("GET", "/orders/export?from=2026-05-01&to=2026-05-02", signer=OWNER)
    assert (export.status_code, export.headers["content-type"]) == (200, "text/csv; charset=utf-8")


def test_tokens_that_no_user_pool_of_ours_has_signed_are_refused(site: Site) -> None:
    url = site.deployed.emulator.url
    assert site.deployed.call("POST", "/shop/products", CONTENT, token=site.admin).status_code == 201
    for name, header in refused(url, REGION, OWNER, site.admin).items():
        answer = site.deployed.call("POST", "/shop/products", CONTENT, headers={"Authorization": header})
        assert answer.status_code == 401, name
    plain = resigned(url, OWNER, site.admin, **{"cognito:groups": ["moderator"]})
    assert site.deployed.call("POST", "/shop/products", CONTENT, token=plain).status_code == 403
    assert site.deployed.call("GET", "/shop/products").status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "statuses"),
    [
        ("/orders", b"{" + b" " * 17_000 + b"}", {413}),
        ("/orders", b"\xff\xfe", {400}),
        ("/orders", b"[]", {422}),
        ("/orders", b"", {400}),
        ("/orders/..%2f..%2fx/payment", b"", {404}),
        ("/orders/%00/payment", b"", {400, 404}),
        (f"/orders/{'x' * 3000}/payment", b"", {404, 414}),
        ("/stripe/webhook", b" " * 300_000, {413}),
        ("/stripe/webhook", b"\xff", {400}),
    ],
)
def test_odd_bodies_and_paths_are_the_callers_fault(
    site: Site, path: str, body: bytes, statuses: set[int]
) -> None:
    headers = {"Stripe-Signature": "t=1,v1=0"}
    assert site.deployed.call("POST", path, body, headers=headers).status_code in statuses


def test_a_forged_event_moves_nothing(site: Site) -> None:
    order = site.order(site.product(stock=1), 1).json()
    intent = site.opened(order)
    site.stripe.pay(intent)
    (event,) = site.stripe.events("payment_intent.succeeded")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: site.deliver(event, "whsec_of_somebody_else"), range(8)))
    assert {answer.status_code for answer in answers} == {400}
    assert site.status(order) == "open"

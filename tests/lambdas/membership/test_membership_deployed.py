"""The packed functions behind real HTTP APIs: many requests at once, Stripe's deliveries, who may watch."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

import ivs_streaming.settings
from fleet_tui.sandbox.emulator.process import Emulator
from membership.settings import SAMPLE
from tests.lambdas.deployed import OWNER, REGION, Deployed, all_at_once, client, deploy
from tests.lambdas.functions import table
from tests.lambdas.members import claims_of, tokens
from tests.lambdas.membership.conftest import KEY, SECRET
from tests.lambdas.membership.membership_api import WEBHOOK_SECRET
from tests.stripe_server.process import API_KEY, StripeServer, signed

pytestmark = pytest.mark.sandbox

THREADS = 4  # each thread keeps a function's process busy
WATCHING = {"issue_playback_token": {"POST /live/token": "member"}}
FUNCTIONS = {
    "get_membership": {"GET /membership/me": "member"},
    "manage_subscription": {"POST /membership/checkout": "member", "POST /membership/portal": "member"},
    "membership_webhook": {"POST /membership/stripe-webhook": "public"},
    "manage_members": {"GET /membership/members": "operator", "GET /membership/figures": "operator"},
    "reconcile_members": {},
    "membership_privacy": {},
}


@dataclass(frozen=True)
class Site:
    """Membership of one account, its streaming, for queens, and the Stripe that it talks to."""

    deployed: Deployed
    streaming: Deployed
    stripe: StripeServer
    members: dict[str, str]

    def token(self) -> str:
        """The access token of a new member."""
        url = self.deployed.emulator.url
        return tokens(url, REGION, OWNER, self.members["pool"], self.members["client_id"])

    def begin(self, token: str, tier: str, key: str) -> httpx.Response:
        """A member begins to subscribe."""
        headers = {"Idempotency-Key": key}
        return self.deployed.call(
            "POST", "/membership/checkout", {"tier": tier}, token=token, headers=headers
        )

    def me(self, token: str) -> Any:
        """What a member has."""
        answer = self.deployed.call("GET", "/membership/me", token=token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def watch(self, token: str) -> httpx.Response:
        """A member wants to watch."""
        return self.streaming.call("POST", "/live/token", token=token)

    def deliver(self, event: Any) -> httpx.Response:
        """Hand an event to the webhook."""
        body, headers = signed(event, WEBHOOK_SECRET)
        return self.deployed.call("POST", "/membership/stripe-webhook", body, headers=headers)

    def listed(self, token: str, state: str) -> list[Any]:
        """What operators see of a member in a state."""
        answer = self.deployed.call("GET", f"/membership/members?state={state}&limit=100", signer=OWNER)
        return [found for found in answer.json()["members"] if found["id"] == claims_of(token)["sub"]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, stripe_process: StripeServer) -> Iterator[Site]:
    """The functions and what calls them, in a fresh embedded AWS."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        url = emulator.url
        table(client(url, "dynamodb"), "membership", index=True)
        for name, value in ((KEY, API_KEY), (SECRET, WEBHOOK_SECRET)):
            client(url, "ssm").put_parameter(Name=name, Value=value, Type="SecureString")
        cognito = client(url, "cognito-idp")
        pool = cognito.create_user_pool(PoolName="kasper", UsernameAttributes=["email"])["UserPool"]["Id"]
        made = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
        members = {"pool": pool, "issuer": issuer, "client_id": made}
        deployed = deploy(
            emulator, "membership", FUNCTIONS, {**SAMPLE, "STRIPE_API_BASE": stripe_process.url}, members
        )
        key = client(url, "kms").create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
        watching = {
            **ivs_streaming.settings.SAMPLE,
            "AUTHORIZED_PLAYBACK": "true",
            "PLAYBACK_KEY_ID": key["KeyMetadata"]["KeyId"],
            "MEMBERSHIP_TABLE": "membership",
            "PLAYBACK_TIER": "queen",
            "TIERS": '["bee", "queen"]',
        }
        streaming = deploy(emulator, "ivs_streaming", WATCHING, watching, members)
        yield Site(deployed, streaming, stripe_process, members)
    finally:
        emulator.stop()


@pytest.fixture(autouse=True)
def _settled(site: Site) -> Iterator[None]:
    """Nothing of Stripe's is under way between two tests."""
    yield
    site.stripe.deliver_to("http://127.0.0.1:9", WEBHOOK_SECRET, types=["none"], name="membership")
    site.stripe.settle()


def test_fifty_requests_of_one_key_open_one_checkout(site: Site) -> None:
    token = site.token()
    answers = all_at_once(lambda _: site.begin(token, "bee", "one-and-the-same-key"), range(50), THREADS)
    assert Counter(answer.status_code for answer in answers) == {201: 50}, answers[0].text
    assert len({answer.json()["url"] for answer in answers}) == 1
    customers = site.stripe.client().v1.customers.list({"limit": 100}).data
    assert [found.metadata["member"] for found in customers] == [claims_of(token)["sub"]]


def test_requests_of_many_keys_and_tiers_leave_one_that_can_be_paid(site: Site) -> None:
    token = site.token()
    wishes = [("bee" if number % 2 else "queen", f"key-number-{number:04d}") for number in range(12)]
    answers = all_at_once(lambda wish: site.begin(token, *wish), wishes, THREADS)
    assert {answer.status_code for answer in answers} <= {201, 503}
    sessions = {answer.json()["url"].rpartition("/")[2] for answer in answers if answer.status_code == 201}
    pages = site.stripe.client().v1.checkout.sessions
    (payable,) = [session for session in sessions if pages.retrieve(session).status == "open"]
    site.stripe.complete_checkout(payable)
    after = site.begin(token, "bee", "a-key-after-paying")
    assert (after.status_code, after.json()["type"].rpartition("/")[2]) == (409, "already-subscribed")


def test_a_hundred_deliveries_in_any_order_record_one_subscription(site: Site) -> None:
    token = site.token()
    site.stripe.clear()
    subscription = site.stripe.complete_checkout(
        site.begin(token, "queen", "a-key-of-mine").json()["url"].rpartition("/")[2]
    )
    for paid in (True, False):
        site.stripe.renew(subscription, paid=paid)
    site.stripe.pay_invoices(subscription)
    site.stripe.client().v1.subscriptions.update(subscription, {"cancel_at_period_end": True})
    events = site.stripe.events()
    telling = (events * (100 // len(events) + 1))[:100]
    random.Random(20).shuffle(telling)  # noqa: S311 - the same disorder each time
    answers = all_at_once(site.deliver, telling, THREADS)
    # What is too contended is told again, as Stripe does.
    for event, answer in zip(telling, answers, strict=True):
        assert answer.status_code in (200, 503), answer.text
        if answer.status_code == 503:
            assert site.deliver(event).status_code == 200
    (listed,) = site.listed(token, "cancelling")
    assert (listed["subscription"], listed["tier"], listed["doubled"]) == (subscription, "queen", False)
    shown = site.me(token)
    assert (shown["is_member"], shown["state"], shown["cancels_at"]) == (
        True,
        "cancelling",
        shown["paid_until"],
    )


def test_only_who_has_the_tier_may_watch_and_only_while_they_have_it(site: Site) -> None:
    token, stranger = site.token(), site.token()
    emulator, api = site.deployed.emulator, site.deployed.api_id
    address = f"{emulator.url}/_aws/execute-api/{api}/$default/membership/stripe-webhook"
    site.stripe.deliver_to(address, WEBHOOK_SECRET, name="membership")
    refused = site.watch(token)
    assert (refused.status_code, refused.json()["tier"]) == (403, "queen")
    subscription = site.stripe.complete_checkout(
        site.begin(token, "queen", "a-key-of-mine").json()["url"].rpartition("/")[2]
    )
    assert {delivery["status"] for delivery in site.stripe.settle()} == {200}
    assert site.watch(token).status_code == 201
    assert site.watch(stranger).status_code == 403

    erased = site.deployed.invoke(
        "membership_privacy", {"action": "erase", "person": {"member": claims_of(token)["sub"]}}
    )
    assert (erased["erased"], erased["kept"][0]["count"]) == (1, 1)
    assert site.stripe.client().v1.subscriptions.retrieve(subscription).status == "canceled"
    assert site.watch(token).status_code == 403
    assert site.me(token)["state"] == "none"


def test_who_is_erased_while_events_come_stays_erased(site: Site) -> None:
    token = site.token()
    site.stripe.clear()
    site.stripe.complete_checkout(site.begin(token, "bee", "a-key-of-mine").json()["url"].rpartition("/")[2])
    events = site.stripe.events() * 3
    with ThreadPoolExecutor(2) as pool:
        told = pool.map(site.deliver, events)
        request = {"action": "erase", "person": {"member": claims_of(token)["sub"]}}
        gone = pool.submit(site.deployed.invoke, "membership_privacy", request)
        assert {answer.status_code for answer in told} == {200}
        assert gone.result()["erased"] == 1
    dynamodb = client(site.deployed.emulator.url, "dynamodb")
    assert claims_of(token)["sub"] not in str(dynamodb.scan(TableName="membership")["Items"])
    assert not site.stripe.client().v1.subscriptions.list().data

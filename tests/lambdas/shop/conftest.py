"""The shop in this process, over moto's AWS and, where a test asks for it, a Stripe of our own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.lambdas.functions import environment, handlers_of, table
from tests.lambdas.shop.shop_api import WEBHOOK_SECRET, Shop
from tests.stripe_server.fixtures import stripe_process as stripe_process
from tests.stripe_server.fixtures import stripe_server as stripe_server
from tests.stripe_server.process import API_KEY, StripeServer

KEY, SECRET = "/kasper/shop/stripe-secret-key", "/kasper/shop/stripe-webhook-secret"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """An empty shop whose payments are set up."""
    handlers_of("shop")
    from shared import mail, parameters, tables, uploads
    from shop.handlers import create_order, make_refunds, process_payment, stripe_webhook
    from shop.settings import settings

    settings.cache_clear()
    monkeypatch.setattr(create_order.visits, "_salt", None)
    for secrets in (make_refunds.keys, process_payment.keys, stripe_webhook.secrets):
        monkeypatch.setattr(secrets._parameter, "_read", None)
    with environment("shop"), mock_aws():
        table(tables.CLIENT, "products", index=True)
        table(tables.CLIENT, "orders", index=True, person=True)
        for name, value in ((KEY, API_KEY), (SECRET, WEBHOOK_SECRET)):
            parameters.CLIENT.put_parameter(Name=name, Value=value, Type="SecureString")
        uploads.client().create_bucket(
            Bucket="product-images", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        mail.CLIENT.create_email_identity(EmailIdentity="kasper.live")
        shop = Shop("shop", client=tables.CLIENT)
        with shop.logged():
            yield shop
    settings.cache_clear()


@pytest.fixture
def stripe(shop: Shop, stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch) -> StripeServer:
    """A Stripe that the shop talks to."""
    from shop.settings import settings

    settings.cache_clear()
    monkeypatch.setenv("STRIPE_API_BASE", stripe_server.url)
    return stripe_server


def put_secret(name: str, value: str) -> None:
    """Another value of a parameter."""
    from shared import parameters

    parameters.CLIENT.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def sent() -> list[dict[str, Any]]:
    """The mails that moto's SES took."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    return [vars(message) for message in ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].sent_messages]

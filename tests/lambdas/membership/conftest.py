"""Membership in this process, over moto's AWS and a Stripe of our own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from tests.lambdas.functions import environment, handlers_of, table
from tests.lambdas.membership.membership_api import WEBHOOK_SECRET, Membership
from tests.stripe_server.fixtures import stripe_process as stripe_process
from tests.stripe_server.fixtures import stripe_server as stripe_server
from tests.stripe_server.process import API_KEY, StripeServer

KEY, SECRET = "/kasper/membership/stripe-secret-key", "/kasper/membership/stripe-webhook-secret"


@pytest.fixture
def site(stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Membership]:
    """Two tiers, bee and queen, that nobody has subscribed to yet; it is now, as Stripe has no other time."""
    handlers_of("membership")
    from membership import looking
    from membership.handlers import membership_webhook
    from membership.settings import settings
    from shared import tables

    settings.cache_clear()
    monkeypatch.setattr(looking.keys._parameter, "_read", None)
    monkeypatch.setattr(membership_webhook.secrets._parameter, "_read", None)
    with environment("membership"), mock_aws():
        monkeypatch.setenv("STRIPE_API_BASE", stripe_server.url)
        settings()
        table(tables.CLIENT, "membership", index=True)
        put_secret(KEY, API_KEY)
        put_secret(SECRET, WEBHOOK_SECRET)
        now = datetime.now(UTC).replace(microsecond=0)
        site = Membership("membership", now=now, client=tables.CLIENT, stripe=stripe_server)
        with site.logged():
            yield site
    settings.cache_clear()


def put_secret(name: str, value: str) -> None:
    """Another value of a parameter."""
    from shared import parameters

    parameters.CLIENT.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

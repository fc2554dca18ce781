"""The sponsor system in this process, over moto's DynamoDB, S3 and SES."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from moto import mock_aws

from tests.lambdas.functions import environment, handlers_of
from tests.lambdas.sponsor_api import BUCKET, Api, table


@pytest.fixture(scope="session")
def handlers() -> Mapping[str, Any]:
    """The sponsor system's functions."""
    return handlers_of("sponsor_system")


@pytest.fixture
def api(handlers: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The sponsor system with empty tables."""
    from shared import mail, tables, uploads
    from sponsor_system.handlers import track_stats

    monkeypatch.setattr(track_stats.visits, "_salt", None)
    with mock_aws():
        table(tables.CLIENT, "sponsors", index=True, person=True)
        table(tables.CLIENT, "sponsor-stats")
        mail.CLIENT.create_email_identity(EmailIdentity="hello@kasper.live")
        with environment("sponsor_system"):
            s3 = uploads.client()
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        api = Api("sponsor_system", client=tables.CLIENT, s3=s3)
        with api.logged():
            yield api

"""Analytics in this process, over moto's DynamoDB, S3 and CloudWatch, with a Firehose of our own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from analytics.settings import SAMPLE
from tests.lambdas.analytics.analytics_api import BUCKET, Analytics, Firehose
from tests.lambdas.functions import environment, handlers_of, table


@pytest.fixture
def analytics(monkeypatch: pytest.MonkeyPatch) -> Iterator[Analytics]:
    """Analytics of a site that nobody has seen."""
    handlers_of("analytics")
    from analytics import ivs_metrics, raw_events
    from analytics.handlers import collect_view
    from shared import tables

    firehose = Firehose()
    monkeypatch.setattr(collect_view.visits, "_salt", None)
    monkeypatch.setattr(raw_events, "_firehose", lambda: firehose)
    with mock_aws(), environment("analytics"):
        table(tables.CLIENT, SAMPLE["ANALYTICS_TABLE"])
        table(tables.CLIENT, SAMPLE["VISITS_TABLE"])
        s3, cloudwatch = raw_events._s3(), ivs_metrics._client()  # kept: making a client takes long
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        made = Analytics("analytics", client=tables.CLIENT, s3=s3, cloudwatch=cloudwatch, firehose=firehose)
        with made.logged():
            yield made

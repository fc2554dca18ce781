"""The streaming module in this process, over moto's AWS and a stubbed IVS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from tests.lambdas.functions import handlers_of, table
from tests.lambdas.ivs_streaming.streaming_api import Ivs, Streaming


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Streaming]:
    """The module with an empty table, an empty bucket, a topic and an IVS that expects no call."""
    handlers_of("ivs_streaming")
    from ivs_streaming import ivs, live_topic, recordings_bucket
    from shared import tables

    with mock_aws(), Stubber(ivs.CLIENT) as stubber:
        table(tables.CLIENT, "streams", index=True)
        place: Any = {"LocationConstraint": "eu-central-1"}
        recordings_bucket.CLIENT.create_bucket(Bucket="recordings", CreateBucketConfiguration=place)
        live_topic.CLIENT.create_topic(Name="kasper-live")
        site = Streaming(
            "ivs_streaming", dynamodb=tables.CLIENT, s3=recordings_bucket.CLIENT, ivs=Ivs(stubber)
        )
        with site.logged():
            yield site
        stubber.assert_no_pending_responses()

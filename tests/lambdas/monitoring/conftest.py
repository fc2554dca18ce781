"""Monitoring in this process: moto's table, parameters and queue, a topic, a server for messengers."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.lambdas.functions import environment, handlers_of, table
from tests.lambdas.monitoring.messengers import Messengers, serving
from tests.lambdas.monitoring.monitoring_api import Monitoring, Topic


@pytest.fixture(scope="package")
def server() -> Iterator[Messengers]:
    """One server for all tests."""
    with serving() as messengers:
        yield messengers


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, server: Messengers) -> Iterator[Monitoring]:
    """Monitoring with an empty table, secrets that nobody has filled, and nothing sent."""
    handlers_of("monitoring")
    from monitoring import channels
    from monitoring.handlers import check_channels, notify
    from shared import parameters, tables

    def forget_secrets() -> None:
        for handler in (check_channels, notify):
            handler.channels[channels.ChannelName.SLACK]._webhook._read = None  # type: ignore[attr-defined]
            handler.channels[channels.ChannelName.TELEGRAM]._token._read = None  # type: ignore[attr-defined]

    topic = Topic()
    monkeypatch.setattr(channels, "CLIENT", topic)
    monkeypatch.setattr(channels, "SLACK", server.url)
    monkeypatch.setattr(channels, "TELEGRAM", server.url)
    fresh = Messengers(url=server.url)
    server.seen, server.slack, server.telegram = fresh.seen, fresh.slack, fresh.telegram
    forget_secrets()
    with mock_aws():
        table(tables.CLIENT, "monitoring")
        with environment("monitoring"):
            sqs = boto3.client("sqs")
        sqs.create_queue(QueueName="kasper-failures")
        for name in ("slack-webhook", "telegram-token"):
            parameters.CLIENT.put_parameter(
                Name=f"/kasper/monitoring/{name}", Type="SecureString", Value="not-set"
            )
        site = Monitoring(
            "monitoring",
            dynamodb=tables.CLIENT,
            ssm=parameters.CLIENT,
            sqs=sqs,
            topic=topic,
            messengers=server,
            forget_secrets=forget_secrets,
        )
        with site.logged():
            yield site

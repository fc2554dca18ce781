"""A creator and a door to stubbed AWS clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Access, Creator

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL_MODULES = {"s3-website": {}, "ivs-streaming": {"channel_type": "STANDARD"}, "sponsor-system": {}}


def creator(**changes: Any) -> Creator:
    return Creator.model_validate(
        {
            "slug": "mina-moor",
            "name": "Mina Moor",
            "domain": "mina-moor.live",
            "account_id": "210000000002",
            "region": "us-east-1",
            "contact": "hello@mina-moor.live",
            "monthly_budget": 120,
            "modules": ALL_MODULES,
            **changes,
        }
    )


class Account:
    def __init__(self, clients: dict[str, Any]) -> None:
        self._clients = clients

    def client(self, service: str, *, region: str | None = None) -> Any:
        return self._clients[service]


class StubbedDoor:
    """Turns botocore's errors into FleetErrors, as the real door does."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Access | None]] = []
        self._clients: dict[str, Any] = {}
        self._stubbers: dict[str, Stubber] = {}
        for service in ("ce", "cloudwatch", "apigatewayv2"):
            client = boto3.client(
                service,
                region_name="us-east-1",
                aws_access_key_id="AKIATEST",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
            self._clients[service] = client
            self._stubbers[service] = Stubber(client)
            self._stubbers[service].activate()

    def on(self, service: str) -> Stubber:
        return self._stubbers[service]

    @contextmanager
    def entered(self, creator: Creator) -> Iterator[Account]:
        with self._inside(creator.slug, None) as account:
            yield account

    @contextmanager
    def entered_as(self, access: Access, region: str, where: str) -> Iterator[Account]:
        with self._inside(where, access) as account:
            yield account

    @contextmanager
    def _inside(self, where: str, access: Access | None) -> Iterator[Account]:
        self.entries.append((where, access))
        try:
            yield Account(self._clients)
        except ClientError as error:
            raise FleetError.of(ProblemKind.DENIED, error.response["Error"]["Code"], where=where) from error

    def assert_all_used(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()

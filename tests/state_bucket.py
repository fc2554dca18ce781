"""A creator's state bucket in moto's AWS, for the tests of what lies in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fleet_tui.aws import AwsDoor
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.registry.model import Creator

KASPER = Creator(
    slug="kasper",
    name="Kasper Kast",
    domain="kasper.live",
    account_id="123456789012",  # moto's own
    region="eu-central-1",
    contact="kasper@kasper.live",
    monthly_budget=Decimal(150),
)
DOOR = AwsDoor(operator="ana@ops")  # one for all tests: what makes it dear is its clients


@contextmanager
def moto(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS, and nothing around that would lead into another one."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(folder / "none"))
    with mock_aws():
        yield


def make_bucket(name: str) -> Any:
    """A bucket, and the client that it was made with."""
    client = boto3.client("s3", region_name=KASPER.region)
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": KASPER.region})
    return client


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account without a state bucket."""
    with moto(tmp_path, monkeypatch):
        yield


@pytest.fixture
def s3(aws: None) -> Any:
    """A client of the account, which has its state bucket."""
    return make_bucket(KASPER.state_bucket)


def put(s3: Any, content: object, key: str = STATE_KEY) -> str | None:
    """Put an object into the state bucket; gives its version where there are versions."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    version: str | None = s3.put_object(Bucket=KASPER.state_bucket, Key=key, Body=body).get("VersionId")
    return version

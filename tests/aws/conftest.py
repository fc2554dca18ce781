"""A machine without any AWS configuration, and a door to a server that answers as AWS does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet_tui.aws import AwsDoor
from tests.aws.fake_aws import Aws, serving


@pytest.fixture(autouse=True)
def _no_aws_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def operator_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOPERATOR00000000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "operators-secret")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with serving() as state:
        monkeypatch.setenv("AWS_ENDPOINT_URL", state.url)
        yield state


@pytest.fixture
def door(aws: Aws, operator_keys: None) -> Iterator[AwsDoor]:
    opened = AwsDoor(operator="ana@ops laptop", now=aws.clock)
    yield opened
    opened.close()

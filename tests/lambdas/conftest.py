"""The sponsor system in this process, over moto's DynamoDB."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.lambdas.sponsor_api import ENVIRONMENT, HANDLERS, Api, table


@pytest.fixture(scope="session")
def handlers() -> dict[str, Any]:
    """The functions, imported as Lambda does it: with their environment, which is gone afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        return {name: importlib.import_module(f"sponsor_system.handlers.{name}").handler for name in HANDLERS}


@pytest.fixture
def api(handlers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The sponsor system with empty tables."""
    from shared.telemetry import logger
    from sponsor_system import tables
    from sponsor_system.handlers import track_stats

    monkeypatch.setattr(track_stats.stats, "_salt", None)
    with mock_aws():
        table(tables.CLIENT, "sponsors", index=True)
        table(tables.CLIENT, "sponsor-stats", index=False)
        api = Api(handlers, tables.CLIENT)
        recorder = logging.StreamHandler(api.log)
        recorder.setFormatter(logger.registered_formatter)
        target = logging.getLogger(ENVIRONMENT["POWERTOOLS_SERVICE_NAME"])
        target.addHandler(recorder)
        yield api
        target.removeHandler(recorder)

"""boto3 clients of the emulator's accounts."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from fleet_tui.sandbox.emulator.process import Emulator

REGION = "eu-central-1"

_session = boto3.Session()


def client_of(
    emulator: Emulator, service: str, account: str, region: str = REGION, **credentials: str
) -> Any:
    """A boto3 client in an account, by the account's id as access key, or by the credentials given."""
    keys = credentials or {"aws_access_key_id": account, "aws_secret_access_key": "secret"}
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return _session.client(service, region_name=region, endpoint_url=emulator.url, config=config, **keys)

"""Backups in this process, over moto's DynamoDB, with stand-ins for AWS Backup and CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.backup.backup_api import Backups, FakeBackup, FakeCloudWatch
from tests.lambdas.functions import handlers_of, table


@pytest.fixture
def backups(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backups]:
    """A creator without tables of their own and without backups."""
    handlers_of("backup")
    from backup import aws
    from shared import tables

    fake, cloudwatch = FakeBackup(tables.CLIENT), FakeCloudWatch()
    monkeypatch.setattr(aws, "BACKUP", fake)
    monkeypatch.setattr(aws, "CLOUDWATCH", cloudwatch)
    with mock_aws():
        table(tables.CLIENT, "kasper-drills")
        backups = Backups("backup", client=tables.CLIENT, aws_backup=fake, cloudwatch=cloudwatch)
        with backups.logged():
            yield backups

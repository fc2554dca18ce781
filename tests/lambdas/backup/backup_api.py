"""The functions of backups, with stand-ins for AWS Backup and CloudWatch over moto's DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from tests.lambdas.functions import ACCOUNT, Answer, Functions, table

_ARN = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/"


@dataclass
class FakeBackup:
    """AWS Backup: copies items of moto's tables, and makes tables of them.

    Args:
        damage: changes the items of a copy as it is restored.
        restores: whether a restore makes a table.
    """

    dynamodb: Any
    points: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    restores: bool = True
    damage: Any = None

    def copy(self, name: str, now: datetime) -> str:
        """Copy a table; the recovery point's ARN."""
        arn = f"arn:aws:backup:eu-central-1:{ACCOUNT}:recovery-point:{uuid4()}"
        items = self.dynamodb.scan(TableName=name)["Items"]
        self.points[arn] = {
            "RecoveryPointArn": arn,
            "ResourceArn": _ARN + name,
            "CreationDate": now,
            "Status": "COMPLETED",
            "BackupSizeInBytes": 100,
            "items": items,
        }
        return arn

    def get_paginator(self, name: str) -> Any:
        """The paginator of the list of recovery points."""
        assert name == "list_recovery_points_by_backup_vault"
        return self

    def paginate(self, *, BackupVaultName: str, ByCreatedAfter: datetime) -> Iterator[dict[str, Any]]:  # noqa: N803
        """A page for each recovery point."""
        assert BackupVaultName == "kasper"
        for point in self.points.values():
            if point["CreationDate"] >= ByCreatedAfter:
                yield {"RecoveryPoints": [point]}

    def start_restore_job(self, **asked: Any) -> dict[str, str]:
        """StartRestoreJob; the same token is the same job."""
        token, target = asked["IdempotencyToken"], asked["Metadata"]["targetTableName"]
        if token not in self.jobs and self.restores:
            table(self.dynamodb, target)
            items = self.points[asked["RecoveryPointArn"]]["items"]
            for item in self.damage(items) if self.damage else items:
                self.dynamodb.put_item(TableName=target, Item=item)
        self.jobs[token] = target
        return {"RestoreJobId": token}


@dataclass
class FakeCloudWatch:
    """CloudWatch: says that a table took so many write units."""

    writes: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        """GetMetricData."""
        self.asked.append(asked)
        return {"MetricDataResults": [{"Id": "writes", "Values": [float(self.writes)]}]}


@dataclass
class Backups(Functions):
    """The functions behind their route, the tables, and what they talk to."""

    client: Any = None
    aws_backup: FakeBackup = field(default_factory=lambda: FakeBackup(None))
    cloudwatch: FakeCloudWatch = field(default_factory=FakeCloudWatch)

    def fill(self, name: str, items: int, **attributes: Any) -> None:
        """Make a table with so many items."""
        table(self.client, name)
        for number in range(items):
            self.put(name, number, **attributes)

    def put(self, name: str, number: int, **attributes: Any) -> None:
        """Write an item."""
        values = {"pk": {"S": f"P#{number}"}, "sk": {"S": "P"}, "n": {"N": str(number)}}
        self.client.put_item(TableName=name, Item={**values, **attributes})

    def show(self, **options: Any) -> Answer:
        """Look as an operator."""
        return self.call("show_backups", "GET", "/backups", **{"operator": True, **options})

    def drill(self) -> None:
        """Call the function in the background as the schedule does."""
        self.later("drill_restores", {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def watch(self) -> None:
        """Call the function in the background as the schedule does."""
        self.later("watch_backups", {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def later(self, function: str, event: Any) -> None:
        """Call a function in the background, at the moment of `now`."""

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            self.invoke(function, event)

    def tables(self) -> list[str]:
        """Names of all tables."""
        return sorted(self.client.list_tables()["TableNames"])

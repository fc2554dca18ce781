"""AWS Backup, DynamoDB's tables, and what CloudWatch counted of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from backup.model import Drill, RecoveryPoint
from shared.tables import CLIENT, Item

if TYPE_CHECKING:
    from types_boto3_cloudwatch.client import CloudWatchClient

_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
BACKUP: Any = boto3.client("backup", config=_CONFIG)
CLOUDWATCH: CloudWatchClient = boto3.client("cloudwatch", config=_CONFIG)

_LOOK_BACK = timedelta(days=7)
_PERIOD_S = 300


def recovery_points(vault: str, now: datetime) -> list[RecoveryPoint]:
    """The vault's recovery points of the last week that can be restored."""
    pages = BACKUP.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=vault, ByCreatedAfter=now - _LOOK_BACK
    )
    return [
        RecoveryPoint(
            arn=point["RecoveryPointArn"],
            table=str(point["ResourceArn"]).rpartition(":table/")[2],
            created_at=point["CreationDate"],
            size_bytes=point.get("BackupSizeInBytes"),
        )
        for page in pages
        for point in page["RecoveryPoints"]
        if point["Status"] == "COMPLETED" and ":table/" in point["ResourceArn"]
    ]


def tables_of(slug: str) -> list[str]:
    """Names of the creator's tables."""
    pages = CLIENT.get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(f"{slug}-")]


def table_of(name: str) -> Any | None:
    """DynamoDB's description of a table, or None where there is none."""
    try:
        return CLIENT.describe_table(TableName=name)["Table"]
    except CLIENT.exceptions.ResourceNotFoundException:
        return None


def items_of(name: str) -> Iterator[Item]:
    """All items of a table as DynamoDB has them."""
    for page in CLIENT.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        yield from page["Items"]


def start_restore(drill: Drill, role_arn: str) -> None:
    """Restore the drill's recovery point into its target. Asked again, it is the same restore.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
    """
    BACKUP.start_restore_job(
        RecoveryPointArn=drill.recovery_point,
        Metadata={"targetTableName": drill.target},
        IamRoleArn=role_arn,
        IdempotencyToken=drill.id,
        ResourceType="DynamoDB",
    )


def delete_table(name: str) -> bool:
    """Delete a table; whether it is gone or going. False while DynamoDB is busy with it."""
    try:
        CLIENT.delete_table(TableName=name)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceInUseException":
            return False
        if code != "ResourceNotFoundException":
            raise
    return True


def writes_to(table: str, start: datetime, end: datetime) -> int:
    """Write units that a table took, in periods of five minutes of which the first and last count whole."""
    answer = CLOUDWATCH.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "writes",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/DynamoDB",
                        "MetricName": "ConsumedWriteCapacityUnits",
                        "Dimensions": [{"Name": "TableName", "Value": table}],
                    },
                    "Period": _PERIOD_S,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=start,
        EndTime=end + timedelta(seconds=_PERIOD_S),
    )
    return int(sum(sum(result["Values"]) for result in answer["MetricDataResults"]))

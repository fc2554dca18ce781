"""AWS Backup copies tables, keeps the copies, and makes tables of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.clients import REGION

pytestmark = pytest.mark.sandbox

ROLE = "arn:aws:iam::111122223333:role/backup"


def table_of(dynamodb, name, *values):
    arn = dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )["TableDescription"]["TableArn"]
    for value in values:
        dynamodb.put_item(TableName=name, Item={"pk": {"S": value}})
    return arn


def test_a_table_is_copied_restored_as_it_was_and_the_copy_deleted(client):
    backup, dynamodb = client("backup"), client("dynamodb")
    arn = table_of(dynamodb, "orders", "1", "2")
    backup.create_backup_vault(BackupVaultName="kasper")
    job = backup.start_backup_job(BackupVaultName="kasper", ResourceArn=arn, IamRoleArn=ROLE)
    assert backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED"
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName="kasper")["RecoveryPoints"]
    assert (point["RecoveryPointArn"], point["ResourceArn"]) == (job["RecoveryPointArn"], arn)
    dynamodb.delete_item(TableName="orders", Key={"pk": {"S": "1"}})

    asked = {
        "RecoveryPointArn": point["RecoveryPointArn"],
        "IamRoleArn": ROLE,
        "Metadata": {"targetTableName": "restored"},
        "IdempotencyToken": "once",
    }
    restore = backup.start_restore_job(**asked)["RestoreJobId"]
    assert backup.start_restore_job(**asked)["RestoreJobId"] == restore
    shown = backup.describe_restore_job(RestoreJobId=restore)
    assert (shown["Status"], shown["CreatedResourceArn"]) == ("COMPLETED", arn.replace("orders", "restored"))
    items = dynamodb.scan(TableName="restored")["Items"]
    assert sorted(item["pk"]["S"] for item in items) == ["1", "2"]

    again = backup.start_restore_job(**{**asked, "IdempotencyToken": "twice"})["RestoreJobId"]
    assert backup.describe_restore_job(RestoreJobId=again)["Status"] == "FAILED", "the table is there already"
    with pytest.raises(ClientError, match="contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="kasper")
    backup.delete_recovery_point(BackupVaultName="kasper", RecoveryPointArn=point["RecoveryPointArn"])
    with pytest.raises(ClientError, match="not found"):
        backup.start_restore_job(**{**asked, "IdempotencyToken": "three"})
    backup.delete_backup_vault(BackupVaultName="kasper")


def test_plans_copy_the_tables_that_they_select(client, emulator, account):
    backup, dynamodb = client("backup"), client("dynamodb")
    for name in ("kasper-orders", "kasper-contact", "drill-kasper-orders"):
        table_of(dynamodb, name)
    backup.create_backup_vault(BackupVaultName="kasper")
    plan = backup.create_backup_plan(
        BackupPlan={
            "BackupPlanName": "daily",
            "Rules": [
                {"RuleName": "daily", "TargetBackupVaultName": "kasper", "Lifecycle": {"DeleteAfterDays": 35}}
            ],
        }
    )["BackupPlanId"]
    tables = f"arn:aws:dynamodb:{REGION}:{account}:table/"
    backup.create_backup_selection(
        BackupPlanId=plan,
        BackupSelection={
            "SelectionName": "tables",
            "IamRoleArn": ROLE,
            "Resources": [f"{tables}kasper-*"],
            "NotResources": [f"{tables}kasper-contact"],
        },
    )
    copied = emulator.call("backups/run", {"account": account, "region": REGION})["copied"]
    assert copied == [f"{tables}kasper-orders"]
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName="kasper")["RecoveryPoints"]
    assert point["Lifecycle"] == {"DeleteAfterDays": 35}
    asked = {"BackupVaultName": "kasper", "ByResourceArn": f"{tables}kasper-contact"}
    assert backup.list_recovery_points_by_backup_vault(**asked)["RecoveryPoints"] == []


def test_the_end_of_a_job_is_told_and_counted(client):
    backup, dynamodb, events, sqs = (client(name) for name in ("backup", "dynamodb", "events", "sqs"))
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.backup"], "detail": {"state": ["FAILED"]}}
    events.put_rule(Name="failed", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="failed", Targets=[{"Id": "queue", "Arn": arn}])
    backup.create_backup_vault(BackupVaultName="kasper")
    table = table_of(dynamodb, "orders")
    for resource in (table, table.replace("orders", "gone")):
        backup.start_backup_job(BackupVaultName="kasper", ResourceArn=resource, IamRoleArn=ROLE)
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
    counted = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Backup",
        MetricName="NumberOfBackupJobsCompleted",
        Dimensions=[{"Name": "BackupVaultName", "Value": "kasper"}],
        StartTime=datetime.now(UTC) - timedelta(hours=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=7200,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in counted) == 1
    event = json.loads(message["Body"])
    assert event["detail-type"] == "Backup Job State Change"
    assert event["resources"] == [table.replace("orders", "gone")]


def test_a_vault_has_an_access_policy(client):
    backup = client("backup")
    backup.create_backup_vault(BackupVaultName="kasper")
    with pytest.raises(ClientError, match="no access policy"):
        backup.get_backup_vault_access_policy(BackupVaultName="kasper")
    backup.put_backup_vault_access_policy(BackupVaultName="kasper", Policy="{}")
    assert backup.get_backup_vault_access_policy(BackupVaultName="kasper")["Policy"] == "{}"
    backup.delete_backup_vault_access_policy(BackupVaultName="kasper")
    with pytest.raises(ClientError, match="no access policy"):
        backup.get_backup_vault_access_policy(BackupVaultName="kasper")

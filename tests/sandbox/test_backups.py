"""Point-in-time recovery goes back as far as it was told to."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox


def test_a_tables_recovery_period_is_kept(client):
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="contact",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )

    def period():
        shown = dynamodb.describe_continuous_backups(TableName="contact")["ContinuousBackupsDescription"]
        recovery = shown["PointInTimeRecoveryDescription"]
        return recovery["PointInTimeRecoveryStatus"], recovery.get("RecoveryPeriodInDays")

    def set_to(**wanted):
        return dynamodb.update_continuous_backups(
            TableName="contact", PointInTimeRecoverySpecification=wanted
        )["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]

    assert period() == ("DISABLED", None)
    set_to(PointInTimeRecoveryEnabled=True)
    assert period() == ("ENABLED", 35)
    assert set_to(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=1)["RecoveryPeriodInDays"] == 1
    assert period() == ("ENABLED", 1)
    with pytest.raises(ClientError, match="between 1 and 35"):
        set_to(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=36)
    set_to(PointInTimeRecoveryEnabled=False)
    assert period() == ("DISABLED", None)

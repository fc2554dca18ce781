"""The packed functions over the embedded AWS Backup and DynamoDB: restores are tried, and done for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backup.settings import SAMPLE
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.deployed import OWNER, REGION, Deployed, all_at_once, client, deploy
from tests.lambdas.functions import table

pytestmark = pytest.mark.sandbox

FUNCTIONS = {"show_backups": {"GET /backups": "operator"}, "watch_backups": {}, "drill_restores": {}}
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event"}
ORDERS = "kasper-orders"
ROLE = SAMPLE["RESTORE_ROLE_ARN"]
PLACE = {"account": OWNER, "region": REGION}
ITEMS = 60


@dataclass(frozen=True)
class Site:
    """A creator with orders and a vault."""

    deployed: Deployed
    dynamodb: Any
    backup: Any

    def drill(self) -> None:
        """Call the function as the schedule does."""
        self.deployed.invoke("drill_restores", SCHEDULED)

    def shown(self) -> dict[str, Any]:
        """What operators see."""
        answer = self.deployed.call("GET", "/backups", signer=OWNER)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def put(self, number: int, text: str = "honey") -> None:
        """Write an order."""
        item = {"pk": {"S": f"ORDER#{number}"}, "sk": {"S": "ORDER"}, "text": {"S": text}}
        self.dynamodb.put_item(TableName=ORDERS, Item=item)

    def tables(self) -> list[str]:
        """Names of all tables."""
        return sorted(self.dynamodb.list_tables()["TableNames"])

    def forget_drills(self) -> None:
        """Time passes: another drill is due."""
        for item in self.dynamodb.scan(TableName="kasper-drills")["Items"]:
            key = {"pk": item["pk"], "sk": item["sk"]}
            self.dynamodb.delete_item(TableName="kasper-drills", Key=key)

    def twenty_minutes_pass(self) -> None:
        """What the drill that goes on has compared, it compared twenty minutes ago, with a copy of before."""
        key = {"pk": {"S": "CURRENT"}, "sk": {"S": "CURRENT"}}
        item = self.dynamodb.get_item(TableName="kasper-drills", Key=key)["Item"]
        drill = json.loads(item["drill"]["S"])
        drill["compared_at"] = (datetime.now(UTC) - timedelta(minutes=20)).isoformat()
        drill["copied_at"] = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        item["drill"] = {"S": json.dumps(drill)}
        self.dynamodb.put_item(TableName="kasper-drills", Item=item)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh embedded AWS where every table was copied once."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        dynamodb, backup = client(emulator.url, "dynamodb"), client(emulator.url, "backup")
        for name in (ORDERS, "kasper-drills"):
            table(dynamodb, name)
        site = Site(deploy(emulator, "backup", FUNCTIONS, SAMPLE), dynamodb, backup)
        for number in range(ITEMS):
            site.put(number)
        backup.create_backup_vault(BackupVaultName="kasper")
        arn = dynamodb.describe_table(TableName=ORDERS)["Table"]["TableArn"]
        backup.start_backup_job(BackupVaultName="kasper", ResourceArn=arn, IamRoleArn=ROLE)
        yield site
    finally:
        emulator.stop()


def test_a_drill_that_many_run_at_once_is_one_restore_that_proves_itself(site: Site) -> None:
    all_at_once(lambda _: site.drill(), range(4), 4)
    site.drill()
    (drill,) = site.shown()["drills"]
    assert (drill["state"], drill["restored"], drill["same"]) == ("passed", ITEMS, ITEMS)
    assert site.tables() == ["kasper-drills", ORDERS]


def test_orders_that_vanished_without_a_write_fail_the_drill_and_with_writes_do_not(site: Site) -> None:
    site.put(1, "mead")
    site.put(ITEMS, "wax")
    for writes, result in ((0, "failed"), (2, "passed")):
        site.forget_drills()
        if writes:
            at = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
            point = {
                "name": "ConsumedWriteCapacityUnits",
                "value": writes,
                "unit": "Count",
                "dimensions": {"TableName": ORDERS},
                "at": at,
            }
            door = {**PLACE, "namespace": "AWS/DynamoDB", "points": [point]}
            site.deployed.emulator.call("metrics", door)
        site.drill()
        site.drill()
        assert site.tables() == ["kasper-drills", ORDERS]
        site.twenty_minutes_pass()
        site.drill()
        (drill,) = site.shown()["drills"]
        found = [drill[name] for name in ("state", "same", "changed", "new", "gone", "writes")]
        assert found == [result, ITEMS - 1, 1, 1, 0, writes]


def test_a_table_is_restored_for_real_as_the_manual_says(site: Site) -> None:
    point = next(found for found in site.shown()["tables"] if found["table"] == ORDERS)["recovery_point"]
    site.dynamodb.delete_table(TableName=ORDERS)
    job = site.backup.start_restore_job(
        RecoveryPointArn=point, IamRoleArn=ROLE, Metadata={"targetTableName": ORDERS}
    )["RestoreJobId"]
    assert site.backup.describe_restore_job(RestoreJobId=job)["Status"] == "COMPLETED"
    items = site.dynamodb.scan(TableName=ORDERS)["Items"]
    assert len(items) == ITEMS
    assert {item["text"]["S"] for item in items} == {"honey"}
    site.deployed.invoke("watch_backups", SCHEDULED)

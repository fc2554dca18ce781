"""Restores are tried, compared and cleaned up, and what is wrong with backups is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lambdas.backup.backup_api import Backups
from tests.lambdas.functions import NOW, table

ORDERS = "kasper-orders"


def test_a_restore_is_tried_compared_and_deleted(backups: Backups) -> None:
    backups.fill(ORDERS, 20)
    point = backups.aws_backup.copy(ORDERS, NOW - timedelta(hours=9))
    backups.drill()
    assert [name for name in backups.tables() if name.startswith("drill-")] == [
        f"drill-{ORDERS}-{next(iter(backups.aws_backup.jobs))}"
    ]
    assert backups.show().body["drills"][0]["state"] == "restoring"
    backups.now = NOW + timedelta(minutes=20)
    backups.drill()
    assert backups.tables() == ["kasper-drills", ORDERS]
    (drill,) = backups.show().body["drills"]
    assert {
        name: drill[name] for name in ("table", "recovery_point", "state", "seconds", "restored", "same")
    } == {
        "table": ORDERS,
        "recovery_point": point,
        "state": "passed",
        "seconds": 1200,
        "restored": 20,
        "same": 20,
    }
    assert (drill["changed"], drill["gone"], drill["new"], drill["writes"]) == (0, 0, 0, None)
    assert backups.cloudwatch.asked == []


@pytest.mark.parametrize(
    ("writes", "result", "note"),
    [
        (4, "passed", None),
        (3, "failed", "4 items differ, and 3 writes can explain no more than so many."),
    ],
)
def test_differences_pass_where_writes_explain_them(
    backups: Backups, capsys: Any, writes: int, result: str, note: str | None
) -> None:
    backups.fill(ORDERS, 10)
    backups.put(ORDERS, 99, expires_at={"N": str(int(NOW.timestamp()) - 1)})
    backups.aws_backup.copy(ORDERS, NOW - timedelta(hours=9))
    backups.drill()
    backups.put(ORDERS, 1, n={"N": "-1"})
    backups.put(ORDERS, 50)
    for number in (2, 3, 99):
        backups.client.delete_item(TableName=ORDERS, Key={"pk": {"S": f"P#{number}"}, "sk": {"S": "P"}})
    backups.cloudwatch.writes = writes
    backups.now = NOW + timedelta(minutes=5)
    backups.drill()
    assert backups.tables() == ["kasper-drills", ORDERS], (
        "the restored table is gone before there is a result"
    )
    assert backups.show().body["drills"][0]["state"] == "compared"
    backups.drill()
    assert backups.cloudwatch.asked == [], "CloudWatch has not counted the last writes yet"
    capsys.readouterr()
    backups.now = NOW + timedelta(minutes=21)
    backups.drill()
    (drill,) = backups.show().body["drills"]
    counted = [drill[name] for name in ("restored", "same", "changed", "gone", "expired", "new", "writes")]
    assert counted == [11, 7, 1, 2, 1, 1, writes]
    assert (drill["state"], drill["note"]) == (result, note)
    (asked,) = backups.cloudwatch.asked
    assert asked["StartTime"] == NOW - timedelta(hours=9, minutes=10)
    assert ('"BackupProblems":[1.0]' in capsys.readouterr().out) is (result == "failed")


def test_a_damaged_restore_fails(backups: Backups) -> None:
    backups.fill(ORDERS, 5)
    backups.aws_backup.copy(ORDERS, NOW)
    backups.aws_backup.damage = lambda items: [{**item, "n": {"N": "7777"}} for item in items]
    for minutes in (0, 1, 17):
        backups.now = NOW + timedelta(minutes=minutes)
        backups.drill()
    (drill,) = backups.show().body["drills"]
    assert (drill["state"], drill["changed"]) == ("failed", 5)
    backups.aws_backup.damage = None
    backups.now = NOW + timedelta(days=1)
    backups.drill()
    backups.drill()
    assert [drill["state"] for drill in backups.show().body["drills"]] == ["passed", "failed"]


def test_a_restore_that_makes_no_table_is_given_up(backups: Backups, capsys: Any) -> None:
    backups.fill(ORDERS, 5)
    backups.aws_backup.copy(ORDERS, NOW)
    backups.aws_backup.restores = False
    for hours in (0, 6, 12):
        backups.now = NOW + timedelta(hours=hours)
        backups.drill()
    assert backups.show().body["drills"][0]["state"] == "restoring"
    capsys.readouterr()
    backups.now = NOW + timedelta(hours=12, minutes=1)
    backups.drill()
    assert backups.show().body["drills"][0]["note"] == "The restore made no table within 12 hours."
    assert '"BackupProblems":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize("step", ["start_restore", "compare", "delete_table"])
def test_a_crash_in_between_leaves_nothing_behind(
    backups: Backups, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from backup import aws, drilling
    from shared.background import BackgroundError

    backups.fill(ORDERS, 5)
    backups.aws_backup.copy(ORDERS, NOW)
    where = drilling if step == "compare" else aws
    with monkeypatch.context() as broken:
        broken.setattr(where, step, lambda *_: 1 / 0)
        if step != "start_restore":
            backups.drill()  # the restore is under way
        with pytest.raises(BackgroundError, match="ZeroDivisionError"):
            backups.drill()
    backups.drill()
    assert len(backups.aws_backup.jobs) <= 1, "somebody may still be at it"
    backups.now = NOW + timedelta(hours=1)
    backups.drill()
    backups.drill()
    assert [drill["state"] for drill in backups.show().body["drills"]] == ["passed"]
    assert backups.tables() == ["kasper-drills", ORDERS]


def test_a_table_that_no_drill_knows_is_deleted_and_the_one_of_the_drill_is_not(backups: Backups) -> None:
    backups.fill(ORDERS, 5)
    backups.aws_backup.copy(ORDERS, NOW)
    table(backups.client, f"drill-{ORDERS}-0123")
    table(backups.client, "drill-beate-orders-0123")
    backups.drill()
    (job,) = backups.aws_backup.jobs
    assert set(backups.tables()) == {
        "drill-beate-orders-0123",
        f"drill-{ORDERS}-{job}",
        "kasper-drills",
        ORDERS,
    }


def test_two_runs_at_once_are_one_drill(backups: Backups) -> None:
    from backup.drills_table import DrillsTable
    from backup.model import Drill, State

    drills = DrillsTable("kasper-drills")
    drill = Drill(
        id="1",
        table=ORDERS,
        recovery_point="p",
        copied_at=NOW,
        target="t",
        state=State.STARTING,
        started_at=NOW,
    )
    assert drills.begin(drill, NOW)
    assert not drills.begin(drill, NOW)
    assert drills.claim(NOW + timedelta(minutes=15)) is None
    assert drills.claim(NOW + timedelta(minutes=16)) == drill
    assert drills.claim(NOW + timedelta(minutes=17)) is None
    drills.release(drill, NOW)
    assert drills.claim(NOW) == drill


def test_a_drill_that_ended_while_another_was_thought_of_is_the_only_one(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backup.drills_table import DrillsTable

    backups.fill(ORDERS, 5)
    backups.aws_backup.copy(ORDERS, NOW)
    for _ in range(2):
        backups.drill()
    read = DrillsTable.drills
    looks = iter([lambda _: []])  # the first look is from before it ended
    monkeypatch.setattr(DrillsTable, "drills", lambda self: next(looks, read)(self))
    backups.drill()
    assert [drill["state"] for drill in backups.show().body["drills"]] == ["passed"]
    assert len(backups.aws_backup.jobs) == 1


def test_a_table_that_is_too_large_is_refused_with_a_note(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backup import drilling

    backups.fill(ORDERS, 3)
    backups.aws_backup.copy(ORDERS, NOW)
    monkeypatch.setattr(drilling, "MAX_ITEMS", 2)
    backups.drill()
    (drill,) = backups.show().body["drills"]
    assert drill["state"] == "skipped"
    assert drill["note"].startswith("Too large for a drill: ")
    assert backups.aws_backup.jobs == {}


def test_tables_are_drilled_in_turn_and_as_often_as_said(backups: Backups) -> None:
    names = ["kasper-orders", "kasper-products", "kasper-streams"]
    for name in names:
        backups.fill(name, 2)
    for _ in range(8):
        for name in names:
            backups.aws_backup.copy(name, backups.now)
        backups.drill()
        backups.drill()
        backups.now += timedelta(days=15)
    drilled = [drill["table"] for drill in backups.show().body["drills"]][::-1]
    assert drilled == [*names, names[0]]


def test_nothing_is_drilled_that_has_no_backup_or_is_not_there(backups: Backups) -> None:
    backups.drill()
    backups.fill(ORDERS, 2)
    backups.aws_backup.copy(ORDERS, NOW)
    backups.client.delete_table(TableName=ORDERS)
    backups.drill()
    assert backups.show().body["drills"] == []


def test_what_nobody_tells_of_is_noticed(backups: Backups, capsys: Any) -> None:
    made = backups.now = datetime.now(UTC)  # tables are made by moto's own clock
    for name in (ORDERS, "kasper-products", "kasper-contact"):
        backups.fill(name, 1)
    backups.watch()
    backups.now = made + timedelta(days=1)
    backups.watch()
    assert "BackupProblems" not in capsys.readouterr().out, "new tables are given two days"
    backups.now = made + timedelta(days=3)
    backups.aws_backup.copy(ORDERS, made + timedelta(days=2))
    backups.aws_backup.copy("kasper-products", made)
    backups.watch()
    assert '"BackupProblems":[1.0]' in capsys.readouterr().out
    assert "'kasper-products'" in backups.log.getvalue() or '"kasper-products"' in backups.log.getvalue()
    assert "kasper-contact" not in backups.log.getvalue()
    backups.now = made + timedelta(days=61)
    backups.watch()
    assert '"BackupProblems":[3.0]' in capsys.readouterr().out, "two tables, and no drill for two months"
    assert backups.show().body["overdue"] is True


def test_a_job_that_failed_is_counted(backups: Backups, capsys: Any) -> None:
    event = {
        "source": "aws.backup",
        "detail-type": "Backup Job State Change",
        "resources": ["arn:aws:dynamodb:eu-central-1:100000000001:table/kasper-orders"],
        "detail": {"state": "FAILED"},
    }
    backups.later("watch_backups", event)
    assert '"BackupProblems":[1.0]' in capsys.readouterr().out
    assert "kasper-orders" in backups.log.getvalue()


def test_operators_see_what_could_be_restored(backups: Backups) -> None:
    backups.fill(ORDERS, 2)
    backups.fill("kasper-contact", 1)
    backups.aws_backup.copy(ORDERS, NOW - timedelta(days=1))
    newest = backups.aws_backup.copy(ORDERS, NOW - timedelta(hours=1))
    shown = backups.show().body
    assert (shown["vault"], shown["overdue"]) == ("kasper", False)
    assert [(found["table"], found["is_backed_up"]) for found in shown["tables"]] == [
        ("kasper-contact", False),
        ("kasper-drills", False),
        (ORDERS, True),
    ]
    assert shown["tables"][2]["recovery_point"] == newest
    assert shown["tables"][2]["recovered_at"] == "2026-05-20T11:00:00Z"
    assert backups.show(operator=False).problem == "forbidden"


def test_no_log_line_and_no_metric_knows_an_item(backups: Backups, capsys: Any) -> None:
    backups.fill(ORDERS, 2, email={"S": "beate@honey.example"})
    backups.aws_backup.copy(ORDERS, NOW)
    backups.aws_backup.damage = lambda items: items[1:]
    for minutes in (0, 1, 17):
        backups.now = NOW + timedelta(minutes=minutes)
        backups.drill()
    backups.watch()
    written = backups.log.getvalue() + "".join(capsys.readouterr()) + str(backups.show().body)
    written += str(backups.client.scan(TableName="kasper-drills")["Items"])
    assert "drill ended" in written
    for secret in ("beate", "honey", "P#"):
        assert secret not in written, secret

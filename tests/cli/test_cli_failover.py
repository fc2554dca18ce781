"""`fleet failover` in two regions: what is shown, what is written where, and who may not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from fleet_tui.cli.main import cli
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import OperationKind, RunStatus
from fleet_tui.settings import load_settings

HOME, SECOND = "eu-central-1", "eu-west-1"
ACCOUNT = "123456789012"  # moto's own
CREATOR = f"""
name = "Kasper Kast"
domain = "kasper.live"
account_id = "{ACCOUNT}"
region = "{HOME}"
contact = "kasper@kasper.live"
monthly_budget = 150
"""
TWO = f'[failover]\nregion = "{SECOND}"\n'
KEY = {"pk": {"S": "REGION"}, "sk": {"S": "ACTIVE"}}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Kasper in moto, with a table in each of two regions; between them nothing is copied there."""
    (tmp_path / "creators/kasper").mkdir(parents=True)
    (tmp_path / "creators/kasper/creator.toml").write_text(CREATOR + TWO)
    (tmp_path / "fleet.toml").write_text('environment = "test"\ncache_dir = "cache"\nstate_dir = "state"\n')
    for name in ("FLEET_CONFIG", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        for region in (HOME, SECOND):
            keys = {"pk": "HASH", "sk": "RANGE"}
            dynamodb(region).create_table(
                TableName="kasper-region",
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            )
        yield tmp_path


def dynamodb(region: str) -> Any:
    return boto3.client("dynamodb", region_name=region)


def named(region: str) -> str | None:
    item = dynamodb(region).get_item(TableName="kasper-region", Key=KEY).get("Item")
    return item["region"]["S"] if item else None


def fleet(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["failover", "kasper", *words], input=typed)


def test_without_a_word_the_first_region_takes_writes(workspace: Path) -> None:
    done = fleet("--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "first": HOME,
        "second": SECOND,
        "writes": HOME,
        "first_agrees": True,
    }
    assert "takes writes" in fleet().stdout


def test_the_second_region_takes_over_and_gives_back(workspace: Path) -> None:
    done = fleet("--to", SECOND, "--reason", "outage", typed="kasper\n")
    assert "takes writes" in done.stdout, done.output
    assert "reads only" in done.stderr
    assert (named(SECOND), named(HOME)) == (SECOND, None)  # written where the other one is not needed
    assert fleet().exit_code == 1, "somebody has to bring it back"

    dynamodb(HOME).put_item(TableName="kasper-region", Item=KEY | {"region": {"S": SECOND}})
    back = fleet("--to", HOME, "--confirm", "kasper")
    assert named(SECOND) == HOME
    assert "has not heard of it yet" in back.stdout
    runs = Fleet(load_settings()).runs()
    assert [(run.operation.kind, run.operation.target, run.status) for run in runs] == [
        (OperationKind.FAILOVER, HOME, RunStatus.SUCCEEDED),
        (OperationKind.FAILOVER, SECOND, RunStatus.SUCCEEDED),
    ]
    assert runs[1].operation.reason == "outage"


@pytest.mark.parametrize("typed", ["\n", "yes\n", "mina\n"])
def test_nothing_is_written_unless_the_slug_is_typed(workspace: Path, typed: str) -> None:
    done = fleet("--to", SECOND, typed=typed)
    assert done.exit_code == 1
    assert "not confirmed, nothing was done" in done.stderr
    assert named(SECOND) is None


def _another_region() -> None:
    dynamodb(SECOND).delete_table(TableName="kasper-region")


def _one_region(workspace: Path) -> None:
    (workspace / "creators/kasper/creator.toml").write_text(CREATOR)


@pytest.mark.parametrize(
    ("break_it", "words", "sentence"),
    [
        (_one_region, (), "there is no second region"),
        (lambda _: _another_region(), (), f"there is no table kasper-region in {SECOND}"),
        (lambda _: None, ("--to", "us-east-1"), f"us-east-1 is neither {HOME} nor {SECOND}"),
    ],
)
def test_what_cannot_be_says_why(
    workspace: Path, break_it: Callable[[Path], None], words: tuple[str, ...], sentence: str
) -> None:
    break_it(workspace)
    done = fleet(*words, "--confirm", "kasper")
    assert done.exit_code in (1, 2)
    assert sentence in done.stderr


def test_who_was_first_is_not_overruled(workspace: Path) -> None:
    shown = Fleet(load_settings()).failover.look("kasper")
    dynamodb(SECOND).put_item(TableName="kasper-region", Item=KEY | {"region": {"S": SECOND}})
    done = fleet("--to", HOME, "--confirm", "kasper")
    assert named(SECOND) == HOME, done.output
    with pytest.raises(Exception, match="somebody else has just named a region"):
        Fleet(load_settings()).failover.name("kasper", SECOND, shown.model_copy(update={"writes": SECOND}))


def test_a_first_region_that_does_not_answer_is_told(workspace: Path) -> None:
    dynamodb(HOME).delete_table(TableName="kasper-region")
    done = fleet()
    assert done.exit_code == 0, done.output
    assert f"{HOME} does not answer" in done.stdout


def test_a_console_that_may_only_look_changes_nothing(workspace: Path) -> None:
    done = CliRunner().invoke(
        cli, ["--read-only", "failover", "kasper", "--to", SECOND, "--confirm", "kasper"]
    )
    assert "read-only" in done.stderr
    assert named(SECOND) is None

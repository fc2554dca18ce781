"""Drift and state care on a small fleet: with the real Terraform, in an account that changes past us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from fleet_tui.cli.main import cli
from fleet_tui.deploy.drift import DriftClass
from fleet_tui.deploy.drift.reports import checks_of
from fleet_tui.deploy.model import DeployStatus
from fleet_tui.deploy.statelock import LOCK_KEY
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.observatory.model import Facet
from fleet_tui.operations.model import Action, OperationKind, RunStatus
from fleet_tui.problems import ProblemKind
from fleet_tui.sandbox.emulator.process import Emulator
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

BUDGET = "aws_ssm_parameter.budget[0]"
TABLE = "aws_dynamodb_table.this[0]"
SECRET = "hunter2-hunter2"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    """A fleet with one creator, who is deployed."""
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna")
        made.write("anna", size="2", table="yes", budget="yes")
        apply(made)
        yield made
    emulator.stop()


def apply(small: SmallFleet) -> None:
    """Plan, and apply what there is to apply."""
    fleet = small.fleet()
    planned = ended(fleet, fleet.plan("anna"))
    assert planned.status is RunStatus.SUCCEEDED, planned.problem
    done = ended(fleet, fleet.apply(planned.id))
    assert done.status is RunStatus.SUCCEEDED, done.problem
    fleet.stop()


def change_by_hand(small: SmallFleet) -> None:
    """Somebody was in the account: a value, a secret value, a table's protection, a tag, and one is gone."""
    ssm, dynamodb = small.client("ssm", "anna"), small.client("dynamodb", "anna")
    ssm.put_parameter(Name="/anna/budget", Value="75", Overwrite=True)
    ssm.put_parameter(Name="/anna/part-0", Value=SECRET, Overwrite=True)
    ssm.delete_parameter(Name="/anna/part-1")
    dynamodb.update_table(TableName="anna-table", DeletionProtectionEnabled=True)
    arn = dynamodb.describe_table(TableName="anna-table")["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "who", "Value": "bob"}])


def versions(small: SmallFleet) -> list[str]:
    found = small.client("s3", "anna").list_object_versions(Bucket=small.bucket("anna"), Prefix=STATE_KEY)
    return [one["VersionId"] for one in found["Versions"] if one["Key"] == STATE_KEY]


def fleet_says(*words: str):
    return CliRunner().invoke(cli, words, prog_name="fleet")


def test_what_was_changed_by_hand_is_found_accepted_let_be_and_planned_back(small):
    change_by_hand(small)
    before = versions(small)
    result = fleet_says("drift", "anna", "--json")
    assert result.exit_code == 1, result.stderr
    assert versions(small) == before  # looking writes no state
    (found,) = json.loads(result.stdout)
    told = {one["address"]: {change["path"]: change for change in one["changes"]} for one in found["drift"]}
    assert {one["address"]: one["worst"] for one in found["drift"]} == {
        "aws_ssm_parameter.this[1]": DriftClass.GONE,
        TABLE: DriftClass.ACCESS,
        BUDGET: DriftClass.BEHAVIOUR,
        "aws_ssm_parameter.this[0]": DriftClass.BEHAVIOUR,
    }
    assert told[TABLE]["deletion_protection_enabled"]["after"] == "true"
    assert told[TABLE]["tags.who"]["after"] == "bob"
    budget = told[BUDGET]["insecure_value"]
    assert (budget["before"], budget["after"], budget["setting"]) == ("50", "75", "monthly_budget")
    assert told["aws_ssm_parameter.this[0]"]["value"]["hidden"]

    kept = json.dumps(json.loads(small.client("s3", "anna").get_object(
        Bucket=small.bucket("anna"), Key="fleet/record.json")["Body"].read()))  # fmt: skip
    assert "insecure_value" in kept
    assert "bob" not in kept  # names alone are kept beside the state
    folder = next(iter(checks_of(small.root / "state" / "small" / "runs", "anna")))
    everything = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert SECRET.encode() not in everything
    assert not (folder / "drift.bin").exists()

    assert fleet_says("drift", "anna", "--accept", BUDGET, "--yes").exit_code == 0
    assert "monthly_budget = 75" in (small.root / "creators" / "anna" / "creator.toml").read_text()
    refused = fleet_says("drift", "anna", "--accept", TABLE, "--yes")
    assert refused.exit_code == 2
    assert "terraform/creator/main.tf" in refused.stderr
    day = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    let_be = fleet_says("drift", "anna", "--accept", TABLE, "--until", day, "--reason", "audit")
    assert let_be.exit_code == 0, let_be.stderr
    (seen,) = json.loads(fleet_says("drift", "anna", "--cached", "--json").stdout)
    assert [one["address"] for one in seen["drift"] if one["let_be"]] == [TABLE]

    fleet = small.fleet()
    assert fleet.observatory.look_once(["anna"], (Facet.DEPLOY,), seconds=30)
    state = fleet.snapshot().rows["anna"].deploy.value
    assert state.status is DeployStatus.DRIFTED
    assert TABLE not in state.drift.open(datetime.now(UTC))
    assert len(state.drift.open(datetime.now(UTC))) == 3
    accepts = [run for run in fleet.runs() if run.operation.kind is OperationKind.ACCEPT]
    assert len(accepts) == 2
    fleet.stop()

    # The repair is a plan like every other, and what was taken into code is none of it.
    fleet = small.fleet()
    planned = ended(fleet, fleet.plan("anna"))
    assert {change.address: change.action for change in planned.plan.changes} == {
        TABLE: Action.UPDATE,
        "aws_ssm_parameter.this[0]": Action.UPDATE,
        "aws_ssm_parameter.this[1]": Action.CREATE,
    }
    drift = fleet.care.drift
    assert BUDGET not in drift._desk.records().read(fleet.observatory.creator("anna")).drift.addresses
    fleet.stop()


def test_an_older_version_becomes_the_newest_and_what_is_left_over_is_told(small):
    s3, bucket, before = small.client("s3", "anna"), small.bucket("anna"), small.state("anna")
    spoilt = before | {
        "serial": before["serial"] + 1,
        "resources": [one for one in before["resources"] if one["name"] != "budget"],
    }
    s3.put_object(Bucket=bucket, Key=STATE_KEY, Body=json.dumps(spoilt))
    fleet = small.fleet()
    newest, older, *_ = fleet.care.states.versions("anna")
    assert (newest.newest, newest.operator) == (True, "")  # no record tells who that was
    assert (older.kind, older.operator) == ("apply", "ana@small")
    assert fleet.care.states.compare("anna", str(older.serial)).removed == (BUDGET,)

    lock = {"ID": "x", "Who": "ben@build", "Operation": "apply", "Created": "2026-11-23T02:00:00Z"}
    s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=json.dumps(lock))
    locked = ended(fleet, fleet.care.states.restore("anna", older.id, reason="mistake"))
    assert locked.problem.kind is ProblemKind.CONFLICT
    assert "ben@build" in locked.problem.what
    s3.delete_object(Bucket=bucket, Key=LOCK_KEY)

    done = fleet_says(
        "state", "restore", "anna", str(older.serial), "--reason", "mistake", "--confirm", "ann"
    )
    assert "nothing was done" in done.stderr
    run = ended(fleet, fleet.care.states.restore("anna", older.id, reason="mistake"))
    assert run.status is RunStatus.SUCCEEDED, run.problem
    state = small.state("anna")
    assert state == before | {"serial": spoilt["serial"] + 1}
    assert s3.list_objects_v2(Bucket=bucket, Prefix=LOCK_KEY)["KeyCount"] == 0
    said = "\n".join(event.text for event in fleet.run_events(run.id))
    assert older.id in said
    assert BUDGET in said
    (again, *_) = fleet.care.states.versions("anna")
    assert (again.kind, again.resources) == ("restore", older.resources)
    assert versions(small)[0] == again.id
    same = ended(fleet, fleet.care.states.restore("anna", older.id, reason="again"))
    assert same.problem.kind is ProblemKind.CONFLICT
    told = fleet_says("state", "restore", "anna", str(state["serial"]), "--reason", "again")
    assert "nothing to restore" in told.stderr

    s3.delete_object(Bucket=bucket, Key=STATE_KEY)
    back = fleet_says(
        "state", "restore", "anna", str(state["serial"]), "--reason", "deleted", "--confirm", "anna"
    )
    assert back.exit_code == 0, back.stderr
    assert small.state("anna") == before | {"serial": state["serial"] + 1}
    fleet.stop()


def test_an_export_is_for_its_owner_and_a_redacted_one_has_no_values(small, tmp_path):
    target = tmp_path / "state.json"
    assert fleet_says("state", "export", "anna", "--out", str(target)).exit_code == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert json.loads(target.read_text())["lineage"] == small.state("anna")["lineage"]
    assert fleet_says("state", "export", "anna", "--out", str(target)).exit_code == 2
    redacted = Path(tmp_path / "names.json")
    assert fleet_says("state", "export", "anna", "--redacted", "--out", str(redacted)).exit_code == 0
    assert '"first"' not in redacted.read_text()
    assert TABLE in redacted.read_text()


def test_another_state_is_taken_for_the_right_one_only_when_the_slug_is_typed(small):
    other = small.state("anna") | {"lineage": "00000000-0000-0000-0000-000000000001", "serial": 1}
    small.client("s3", "anna").put_object(Bucket=small.bucket("anna"), Key=STATE_KEY, Body=json.dumps(other))
    words = ("state", "adopt", "anna", "--reason", "begun anew", "--confirm")
    assert fleet_says(*words, "ann").exit_code == 1
    done = fleet_says(*words, "anna")
    assert (done.exit_code, other["lineage"] in done.stdout) == (0, True), done.stderr
    record = json.loads(
        small.client("s3", "anna")
        .get_object(Bucket=small.bucket("anna"), Key="fleet/record.json")["Body"]
        .read()
    )
    assert record["state"]["lineage"] == other["lineage"]

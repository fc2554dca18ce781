"""The versions of a state in a bucket, and Terraform's lock while one is restored."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from fleet_tui.deploy.statelock import LOCK_KEY, terraform_lock
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.deploy.versions import StateVersions
from fleet_tui.problems import FleetError, ProblemKind
from tests.state_bucket import DOOR, KASPER, put

BUCKET = KASPER.state_bucket


@pytest.fixture
def s3(s3):
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


def state(serial: int, *names: str):
    resources = [{"mode": "managed", "type": "aws_x", "name": name, "instances": [{}]} for name in names]
    return {"version": 4, "serial": serial, "lineage": "l", "resources": resources}


def test_versions_come_newest_first_with_what_is_in_them(s3):
    first = put(s3, state(1, "a"))
    broken = put(s3, b"<html>")
    s3.put_object(Bucket=BUCKET, Key=LOCK_KEY, Body=b"{}")  # its name begins like the state's
    s3.delete_object(Bucket=BUCKET, Key=STATE_KEY)
    last = put(s3, state(2, "a", "b"))
    found = StateVersions(DOOR).listed(KASPER, 10)
    assert [one.id for one in found if not one.removed] == [last, broken, first]
    assert [(one.serial, one.resources, one.newest) for one in found if not one.removed] == [
        (2, 2, True), (None, 0, False), (1, 1, False),
    ]  # fmt: skip
    assert sum(one.removed for one in found) == 1
    assert len(StateVersions(DOOR).listed(KASPER, 1)) == 1
    assert StateVersions(DOOR).content(KASPER, first) == state(1, "a")


def test_what_is_not_there_or_no_state_is_a_problem(s3):
    broken = put(s3, b"[1]")
    with pytest.raises(FleetError) as error:
        StateVersions(DOOR).content(KASPER, broken)
    assert error.value.problem.kind is ProblemKind.CONFIGURATION
    with pytest.raises(FleetError) as error:
        StateVersions(DOOR).content(KASPER, "00000000-0000-0000-0000-000000000000")
    assert error.value.problem.kind is ProblemKind.NOT_FOUND


def test_an_account_without_a_bucket_has_no_versions(s3):
    s3.delete_bucket(Bucket=BUCKET)
    assert StateVersions(DOOR).listed(KASPER, 10) == ()


def test_terraforms_lock_is_held_in_its_own_form_and_let_go_of(s3):
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    with terraform_lock(DOOR, KASPER, operation="restore", who="ana@ops", now=now):
        lock = json.loads(s3.get_object(Bucket=BUCKET, Key=LOCK_KEY)["Body"].read())
        assert lock.keys() == {"ID", "Operation", "Info", "Who", "Version", "Created", "Path"}
        assert lock["Created"] == "2026-11-23T03:00:00Z"
        assert lock["Path"] == f"{BUCKET}/{STATE_KEY}"
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=LOCK_KEY)


def test_somebody_elses_lock_stays_and_is_named(s3):
    lock = {"ID": "1", "Who": "ben@build", "Created": "2026-11-23T02:00:00Z"}
    s3.put_object(Bucket=BUCKET, Key=LOCK_KEY, Body=json.dumps(lock))
    with (
        pytest.raises(FleetError, match="locked by ben@build"),
        terraform_lock(DOOR, KASPER, operation="restore", who="ana", now=datetime.now(UTC)),
    ):
        pytest.fail("it was held")
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix=LOCK_KEY)["KeyCount"] == 1


def test_a_lock_that_was_broken_meanwhile_and_taken_by_somebody_else_stays(s3):
    with terraform_lock(DOOR, KASPER, operation="restore", who="ana", now=datetime.now(UTC)):
        s3.put_object(Bucket=BUCKET, Key=LOCK_KEY, Body=b'{"ID": "2"}')
    assert s3.get_object(Bucket=BUCKET, Key=LOCK_KEY)["Body"].read() == b'{"ID": "2"}'

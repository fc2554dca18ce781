from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.leases import LEASE_KEY
from fleet_tui.deploy.model import DeployStatus, LastRun, RunRecord
from fleet_tui.deploy.recordbook import RECORD_KEY
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.statelock import LOCK_KEY
from fleet_tui.deploy.variables import BACKEND_STATE_KEY, STATE_KEY
from fleet_tui.problems import FleetError, ProblemKind
from tests.state_bucket import DOOR, KASPER, put


@pytest.fixture
def buckets(aws, tmp_path):
    return StateBuckets(DOOR, ConfigurationDigest(tmp_path))


def state(digest, serial=1):
    return {
        "version": 4,
        "serial": serial,
        "outputs": {"configuration_digest": {"value": digest, "type": "string"}},
        "resources": [{"mode": "managed", "type": "aws_x", "name": "this", "instances": [{}]}],
    }


def test_an_account_without_the_bucket_was_never_deployed(buckets):
    assert buckets.observe(KASPER).status is DeployStatus.NEVER_DEPLOYED
    assert not buckets.ready(KASPER)


def test_state_lock_and_record_are_read(buckets, s3, tmp_path):
    digest = ConfigurationDigest(tmp_path).of(KASPER)
    assert not buckets.ready(KASPER)  # it was broken off before its own state had moved in
    put(s3, state("x"), BACKEND_STATE_KEY)
    assert buckets.ready(KASPER)
    put(s3, state(digest))
    assert buckets.observe(KASPER).status is DeployStatus.UP_TO_DATE
    put(
        s3,
        {"ID": "1", "Who": "ana@ops", "Operation": "x", "Created": "2026-11-22T14:03:55.123456789Z"},
        LOCK_KEY,
    )
    seen = buckets.observe(KASPER)
    assert (seen.status, seen.lock.who) == (DeployStatus.LOCKED, "ana@ops")
    s3.delete_object(Bucket=KASPER.state_bucket, Key=LOCK_KEY)
    record = RunRecord(
        last_run=LastRun(
            run_id="r",
            kind="apply",
            outcome="failed",
            operator="ana@ops",
            started_at=datetime(2026, 11, 22, tzinfo=UTC),
            summary="no table",
        )
    )
    assert buckets.records.change(KASPER, lambda _: record) == record
    seen = buckets.observe(KASPER)
    assert (seen.status, seen.reason) == (DeployStatus.FAILED, "no table")


def test_a_new_state_is_seen_although_the_old_one_is_held(buckets, s3):
    put(s3, state("old", serial=1))
    assert buckets.observe(KASPER).serial == 1
    assert buckets.observe(KASPER).serial == 1
    put(s3, state("old", serial=2))
    assert buckets.observe(KASPER).serial == 2


@pytest.mark.parametrize(
    ("key", "content"),
    [
        (STATE_KEY, b"<html>"),
        (STATE_KEY, {"resources": [{"mode": "managed"}]}),
        (LOCK_KEY, {"Who": "somebody"}),
        (LEASE_KEY, {"number": 0}),
        (RECORD_KEY, {"last_run": {"outcome": 1}}),
    ],
)
def test_what_is_not_what_it_should_be_is_a_problem_and_not_a_state(buckets, s3, key, content):
    put(s3, content, key)
    with pytest.raises(FleetError) as caught:
        buckets.observe(KASPER)
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert KASPER.state_bucket in caught.value.problem.where


def test_the_digest_follows_sources_and_variables(tmp_path):
    root = tmp_path / "w"
    (root / "terraform" / "creator").mkdir(parents=True)
    main = root / "terraform" / "creator" / "main.tf"
    main.write_text("# one\n")
    before = ConfigurationDigest(root).of(KASPER)
    assert ConfigurationDigest(root).of(KASPER) == before
    assert ConfigurationDigest(root).of(KASPER.model_copy(update={"name": "K"})) != before
    (root / "terraform" / "creator" / "README.md").write_text("prose does not count")
    assert ConfigurationDigest(root).of(KASPER) == before
    main.write_text("# two\n")
    assert ConfigurationDigest(root).of(KASPER) != before


def test_two_workspaces_with_the_same_content_have_the_same_digest(tmp_path):
    for name in ("a", "b"):
        folder = tmp_path / name / "lambdas" / "x"
        folder.mkdir(parents=True)
        Path(folder / "f.py").write_text("pass\n")
    assert ConfigurationDigest(tmp_path / "a").of(KASPER) == ConfigurationDigest(tmp_path / "b").of(KASPER)

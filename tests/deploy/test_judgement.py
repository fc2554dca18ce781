from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.deploy.drift import Drift
from fleet_tui.deploy.judgement import judge
from fleet_tui.deploy.lease import Claim, Lease, LeaseStatus, SeenLease
from fleet_tui.deploy.model import DeployStatus, LastRun, Lock, RunRecord
from fleet_tui.deploy.records import StateMark

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
APPLIED = NOW - timedelta(days=2)
LOCK = Lock(id="1", operation="OperationTypeApply", who="ana@ops", created=NOW - timedelta(hours=2))
CHANNEL = 'module.ivs_streaming[0].aws_ivs_channel.this["a"]'


def state(digest: str = "d1", *, status: str | None = None, deposed: bool = False) -> dict:
    instance = {"index_key": "a"} | ({"status": status} if status else {})
    replaced = [{"index_key": "a", "deposed": "3fa9b1c0"}] if deposed else []
    return {
        "serial": 7,
        "lineage": "x",
        "terraform_version": "1.11.4",
        "outputs": {
            "configuration_digest": {"value": digest},
            "stream_key": {"value": "sk_secret", "sensitive": True},
            "channel_arn": {"value": "arn:x"},
        },
        "resources": [
            {
                "mode": "managed",
                "module": "module.ivs_streaming[0]",
                "type": "aws_ivs_channel",
                "name": "this",
                "instances": [instance, *replaced],
            },
            {"mode": "data", "type": "aws_region", "name": "here", "instances": [{}]},
        ],
    }


def run(outcome: str, kind: str = "apply", ago: timedelta = timedelta(hours=1)) -> LastRun:
    return LastRun(
        run_id="r",
        kind=kind,
        outcome=outcome,
        operator="ana@ops",
        started_at=NOW - ago,
        finished_at=None if outcome == "running" else NOW,
    )


def lease(status: LeaseStatus, kind: str = "apply") -> SeenLease:
    claim = Claim(run_id="r", kind=kind, operator="ana@ops", host="desk")
    held = Lease(number=7, claim=claim, taken_at=NOW - timedelta(hours=1))
    return SeenLease(lease=held, renewed_at=NOW, status=status)


def look(found=None, *, lock=None, record=None, wanted="d1", lease=None):
    return judge(
        state=found,
        modified_at=APPLIED if found else None,
        lock=lock,
        lease=lease,
        record=record or RunRecord(),
        wanted_digest=wanted,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("found", "lock", "record", "wanted", "status"),
    [
        (None, None, None, "d1", DeployStatus.NEVER_DEPLOYED),
        (state(), None, None, "d1", DeployStatus.UP_TO_DATE),
        (state(), None, None, "d2", DeployStatus.OUT_OF_DATE),
        (state(), LOCK, None, "d1", DeployStatus.LOCKED),
        (state(), LOCK, RunRecord(last_run=run("running")), "d1", DeployStatus.DEPLOYING),
        (
            None,
            None,
            RunRecord(last_run=run("running", ago=timedelta(seconds=5))),
            "d1",
            DeployStatus.DEPLOYING,
        ),
        (state(), None, RunRecord(last_run=run("running")), "d1", DeployStatus.FAILED),
        (state(), None, RunRecord(last_run=run("failed")), "d1", DeployStatus.FAILED),
        (None, None, RunRecord(last_run=run("failed")), "d1", DeployStatus.FAILED),
        (state(status="tainted"), None, None, "d1", DeployStatus.FAILED),
        (
            state(),
            None,
            RunRecord(drift=Drift(checked_at=NOW, addresses=("a.b",))),
            "d1",
            DeployStatus.DRIFTED,
        ),
        (state(), None, RunRecord(drift=Drift(checked_at=NOW, addresses=())), "d1", DeployStatus.UP_TO_DATE),
        (
            state(),
            None,
            RunRecord(drift=Drift(checked_at=APPLIED - timedelta(days=1), addresses=("a.b",))),
            "d1",
            DeployStatus.UP_TO_DATE,
        ),
        (state("old"), None, RunRecord(last_run=run("cancelled")), "d1", DeployStatus.OUT_OF_DATE),
        (state(), None, RunRecord(last_run=run("cancelled")), "d1", DeployStatus.OUT_OF_DATE),
        (state(deposed=True), None, None, "d1", DeployStatus.FAILED),
    ],
)
def test_one_word_for_every_situation(found, lock, record, wanted, status):
    assert look(found, lock=lock, record=record, wanted=wanted).status is status


RUNNING = RunRecord(last_run=run("running"))


@pytest.mark.parametrize(
    ("held", "lock", "record", "status", "reason"),
    [
        # Whatever writes there, it is at work as long as its lease is renewed.
        (lease(LeaseStatus.HELD), None, RUNNING, DeployStatus.DEPLOYING, "apply by ana@ops"),
        (lease(LeaseStatus.HELD, "restore"), LOCK, None, DeployStatus.DEPLOYING, "restore by ana@ops"),
        # A dead one has broken off, and what it left is named.
        (lease(LeaseStatus.DEAD), None, RUNNING, DeployStatus.FAILED, "broke off, and never said how"),
        (lease(LeaseStatus.DEAD), LOCK, RUNNING, DeployStatus.FAILED, "broke off and left Terraform's lock"),
        (lease(LeaseStatus.DEAD, "frontend"), None, None, DeployStatus.UP_TO_DATE, ""),
        (None, None, RunRecord(last_run=run("lost")), DeployStatus.FAILED, "failed"),
    ],
)
def test_a_lease_tells_a_run_that_works_from_one_that_died(held, lock, record, status, reason):
    seen = look(state(), lock=lock, record=record, lease=held)
    assert (seen.status, seen.lease) == (status, held)
    assert reason in seen.reason


def test_a_state_without_resources_after_a_destroy_says_so():
    empty = state() | {"resources": []}
    seen = look(empty, record=RunRecord(last_run=run("succeeded", kind="destroy")))
    assert (seen.status, seen.reason) == (DeployStatus.NEVER_DEPLOYED, "destroyed")


def test_a_state_that_was_there_and_is_gone_is_not_called_never_deployed():
    record = RunRecord(state=StateMark(lineage="x", serial=7, seen_at=APPLIED), last_run=run("succeeded"))
    gone = look(None, record=record)
    assert gone.status is DeployStatus.FAILED
    assert gone.reason == "the state of serial 7 is gone: restore it, or adopt what is there"
    assert look(state(), record=record).status is DeployStatus.UP_TO_DATE


def test_sensitive_outputs_are_left_behind():
    seen = look(state())
    assert seen.outputs == {"configuration_digest": "d1", "channel_arn": "arn:x"}
    assert "sk_secret" not in seen.model_dump_json()


def test_addresses_are_terraforms_own():
    assert look(state()).addresses == (CHANNEL,)


def test_a_replaced_object_that_is_still_there_is_told_apart():
    seen = look(state(deposed=True))
    assert (seen.addresses, seen.resources, seen.deposed) == ((CHANNEL,), 1, (CHANNEL,))
    assert seen.reason == f"half replaced: {CHANNEL}"


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "lost", "running"])
def test_what_a_run_left_open_is_settled_by_a_plan_that_finds_nothing_to_do(outcome):
    left = RunRecord(last_run=run(outcome))
    assert look(state(), record=left).status is not DeployStatus.UP_TO_DATE
    settled = RunRecord(last_run=run(outcome).model_copy(update={"settled_at": NOW}))
    assert look(state(), record=settled).status is DeployStatus.UP_TO_DATE


@pytest.mark.parametrize(
    ("kind", "protecting", "giving_up"),
    [
        ("aws_dynamodb_table", {"deletion_protection_enabled": True}, {"deletion_protection_enabled": False}),
        ("aws_cognito_user_pool", {"deletion_protection": "ACTIVE"}, {"deletion_protection": "INACTIVE"}),
        ("aws_s3_bucket", {"force_destroy": False}, {"force_destroy": True}),
        ("aws_sqs_queue", None, {"force_destroy": False}),
    ],
)
def test_what_holds_data_is_protected_as_the_state_says(kind, protecting, giving_up):
    def held(attributes):
        resource = {"mode": "managed", "type": kind, "name": "this", "module": "module.shop[0]"}
        return {
            "serial": 1,
            "outputs": {},
            "resources": [{**resource, "instances": [{"attributes": attributes}]}],
        }

    assert look(held(giving_up)).protected == ()
    assert look(held(None)).protected == ()
    if protecting:
        assert look(held(protecting)).protected == (f"module.shop[0].{kind}.this",)


def test_a_lock_names_its_holder():
    seen = look(state(), lock=LOCK)
    assert (seen.reason, seen.since) == ("by ana@ops", LOCK.created)


@given(
    st.one_of(
        st.none(),
        st.builds(
            state,
            st.sampled_from(["d1", "d2"]),
            status=st.sampled_from([None, "tainted"]),
            deposed=st.booleans(),
        ),
    ),
    st.one_of(st.none(), st.just(LOCK)),
    st.one_of(st.none(), st.builds(run, st.sampled_from(["running", "failed", "cancelled", "succeeded"]))),
)
def test_good_is_said_only_of_what_is_all_good(found, lock, last):
    seen = look(found, lock=lock, record=RunRecord(last_run=last))
    if seen.status is DeployStatus.UP_TO_DATE:
        assert found is not None
        assert lock is None
        assert not seen.tainted
        assert not seen.deposed
        assert seen.applied_digest == seen.wanted_digest
        assert last is None or last.outcome == "succeeded"

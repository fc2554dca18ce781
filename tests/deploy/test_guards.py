"""Whose state it is, and whether it is still the same one: a sentence for every way in which it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.guards import guard, mark_of, still_known
from fleet_tui.deploy.memory import StateMemory
from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.records import StateMark
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.variables import BACKEND_STATE_KEY, STATE_KEY
from fleet_tui.operations.guarding import adopt_state, prove_state, remember_state
from fleet_tui.problems import FleetError, ProblemKind
from tests.deploy.test_records import AT
from tests.state_bucket import DOOR, KASPER, put

MARK = StateMark(lineage="a", serial=4, seen_at=AT)
OWN = {"slug": "kasper", "account_id": KASPER.account_id, "region": KASPER.region}


def state(lineage="a", serial=4, **creator):
    return {
        "version": 4,
        "lineage": lineage,
        "serial": serial,
        "outputs": {"creator": {"value": OWN | creator}},
        "resources": [],
    }


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_state_may_only_grow(remembered, serial):
    problem = guard(KASPER, state(serial=serial), [MARK.model_copy(update={"serial": remembered})])
    assert (problem is None) == (serial >= remembered)


@pytest.mark.parametrize(
    ("found", "kind", "sentence"),
    [
        (state(slug="mina"), ProblemKind.WRONG_ACCOUNT, "is of slug mina; asked for was slug kasper"),
        (state(account_id="999999999999"), ProblemKind.WRONG_ACCOUNT, "account_id 999999999999"),
        (state(region="us-east-1"), ProblemKind.WRONG_ACCOUNT, "region us-east-1"),
        (state("b"), ProblemKind.CONFLICT, "another state than the one that was there on 22 Nov 2026 14:03"),
        (state(serial=3), ProblemKind.CONFLICT, "an older state (serial 3)"),
        (None, ProblemKind.CONFLICT, "is gone"),
    ],
)
def test_every_way_to_be_another_one_has_its_sentence(found, kind, sentence):
    problem = guard(KASPER, found, [MARK])
    assert problem.kind is kind
    assert sentence in problem.what
    assert "nothing was done" in problem.hint


def test_what_was_never_seen_and_what_has_no_outputs_yet_may_be_worked_on():
    assert guard(KASPER, None, []) is None
    assert guard(KASPER, state(), []) is None
    assert guard(KASPER, {"lineage": "a", "serial": 4, "outputs": {}}, [MARK]) is None


def test_what_this_machine_remembers_holds_until_somebody_has_given_it_up():
    here = StateMark(lineage="z", serial=9, seen_at=AT)
    assert still_known(RunRecord(), here) == (here,)
    assert still_known(RunRecord(state=MARK), here) == (MARK, here)
    assert still_known(RunRecord(state=MARK, given_up=("z",)), here) == (MARK,)
    assert still_known(RunRecord(given_up=("z",)), here) == ()
    assert mark_of({"lineage": 1}, AT) is None


@pytest.fixture
def buckets(s3, tmp_path):
    put(s3, {}, BACKEND_STATE_KEY)
    return StateBuckets(DOOR, ConfigurationDigest(tmp_path))


def test_a_state_is_remembered_beside_it_and_here_and_another_one_stops_everybody(buckets, s3, tmp_path):
    memory, elsewhere = StateMemory(tmp_path / "a"), StateMemory(tmp_path / "b")
    put(s3, state())
    prove_state(buckets, memory, KASPER)
    remember_state(buckets, memory, KASPER)
    assert (memory.get("kasper").serial, elsewhere.get("kasper")) == (4, None)
    put(s3, state("b", serial=9))
    for one in (memory, elsewhere):
        with pytest.raises(FleetError, match="another state"):
            prove_state(buckets, one, KASPER)
    # The whole bucket was made anew: only this machine knows.
    s3.delete_object(Bucket=KASPER.state_bucket, Key="fleet/record.json")
    prove_state(buckets, elsewhere, KASPER)
    with pytest.raises(FleetError, match="another state"):
        prove_state(buckets, memory, KASPER)


def test_another_state_is_taken_for_the_right_one_only_by_saying_so(buckets, s3, tmp_path):
    memory, elsewhere = StateMemory(tmp_path / "a"), StateMemory(tmp_path / "b")
    put(s3, state())
    for one in (memory, elsewhere):
        prove_state(buckets, one, KASPER)
        remember_state(buckets, one, KASPER)
    put(s3, state("b", serial=1))
    assert adopt_state(buckets, memory, KASPER).lineage == "b"
    for one in (memory, elsewhere):
        prove_state(buckets, one, KASPER)
    s3.delete_object(Bucket=KASPER.state_bucket, Key=STATE_KEY)
    with pytest.raises(FleetError, match="is gone"):
        prove_state(buckets, memory, KASPER)
    assert adopt_state(buckets, memory, KASPER) is None
    for one in (memory, elsewhere):
        prove_state(buckets, one, KASPER)


def test_another_creators_state_is_never_adopted(buckets, s3, tmp_path):
    put(s3, state(slug="mina-moor"))
    with pytest.raises(FleetError, match="mina-moor"):
        adopt_state(buckets, StateMemory(tmp_path), KASPER)

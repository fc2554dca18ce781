"""The chain of records: what is done to it is seen, and where."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.deploy.drift import Drift, DriftedResource
from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.recording import adopted, appended, begun, cut_off, deploying, ended, seen
from fleet_tui.deploy.records import RunEnd, RunFacts, StateMark, chained, first_break, hash_of, usual_end

AT = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
MARK = StateMark(lineage="a", serial=4, seen_at=AT)


def facts(run_id: str, kind: str = "apply", at: datetime = AT) -> RunFacts:
    return RunFacts(
        run_id=run_id, kind=kind, operator="ana@ops", host="desk", requested_at=at, started_at=at, lease=1
    )


def end(outcome: str = "succeeded", seconds: float = 60, **more: object) -> RunEnd:
    return RunEnd(outcome=outcome, at=AT + timedelta(seconds=seconds), **more)


def chain(length: int) -> list[dict]:
    """So many records as they lie in the bucket."""
    entries, newest = [], None
    for number in range(1, length + 1):
        newest = chained(newest, facts(f"run {number}"), end(summary="ü" if number % 2 else ""))
        entries.append(json.loads(newest.model_dump_json()))
    return entries


@given(st.integers(0, 6), st.randoms())
def test_a_chain_that_nobody_touched_holds_in_whatever_order_it_is_read(length, random):
    entries = chain(length)
    newest = entries[-1] if entries else None
    random.shuffle(entries)
    assert first_break(entries, newest) is None


@given(st.data(), st.integers(1, 6))
def test_a_change_is_found_where_it_was_made(data, length):
    entries = chain(length)
    place = data.draw(st.integers(0, length - 1))
    broken = entries[place]
    field = data.draw(st.sampled_from(["operator", "reason", "run_id", "plan_digest"]))
    broken["run"][field] += "x"
    found = first_break(entries, chain(length)[-1])
    assert (found.number, found.what) == (place + 1, "was changed after it was written")


@given(st.data(), st.integers(2, 6))
def test_so_is_one_that_was_taken_out_put_in_twice_or_written_anew(data, length):
    entries = chain(length)
    newest = entries[-1]
    place = data.draw(st.integers(0, length - 1))
    without = entries[:place] + entries[place + 1 :]
    assert first_break(without, newest).number == place + 1
    assert first_break([*entries, entries[place]], newest).what == "is there twice"
    forged = json.loads(json.dumps(entries))
    forged[place]["end"]["outcome"] = "failed" if place % 2 else "cancelled"
    forged[place]["hash"] = hash_of(forged[place])
    found = first_break(forged, newest)
    # What follows it is named: it does not go on from the forged one. Of the last one the head knows.
    assert (found.number, found.what) == (
        (place + 2, "does not follow the one before it")
        if place + 1 < length
        else (length, "is not the newest one that was written")
    )


def test_what_is_no_record_breaks_the_chain_and_not_the_proof():
    entries = chain(2)
    newest = entries[-1]
    assert first_break([{"run": {"run_id": "x.json"}}, *entries], newest).run_id == "x.json"
    assert first_break([{"run": {"run_id": "x.json"}}, entries[1]], newest).what == "is missing"
    assert first_break(entries, None).number == 1


def test_an_end_is_expected_by_what_runs_of_the_kind_took_that_came_to_their_end():
    entries = [
        chained(None, facts(str(number)), end(outcome, seconds))
        for number, (outcome, seconds) in enumerate(
            [("succeeded", 60), ("succeeded", 100), ("succeeded", 900), ("failed", 5)]
        )
    ]
    assert usual_end(entries, "apply", AT) == AT + timedelta(seconds=100)
    assert usual_end(entries, "restore", AT) is None


def test_a_run_begins_writes_and_ends():
    begins = begun(RunRecord(), facts("one"), cut_off=cut_off(AT))
    assert (begins.writing.run_id, begins.last_run) == ("one", None)
    writes = deploying(begins, "one")
    assert writes.last_run.outcome == "running"
    ends = ended(writes, "one", end(after=MARK))
    assert (ends.writing, ends.last_run.outcome, ends.state, ends.newest.run.run_id) == (
        None, "succeeded", MARK, "one",
    )  # fmt: skip
    assert ended(ends, "one", end("failed")) == ends  # it has ended


def test_a_run_that_is_refused_before_it_writes_is_recorded_and_leaves_the_deploy_state_alone():
    before = ended(deploying(begun(RunRecord(), facts("one"), cut_off=cut_off(AT)), "one"), "one", end())
    after = ended(begun(before, facts("two"), cut_off=cut_off(AT)), "two", end("failed", summary="gone"))
    assert after.last_run == before.last_run
    assert (after.newest.number, after.newest.end.outcome) == (2, "failed")


@pytest.mark.parametrize("kind", ["restore", "repair", "push", "frontend"])
def test_only_what_brings_the_account_to_its_configuration_tells_the_deploy_state(kind):
    record = begun(RunRecord(), facts("one", kind), cut_off=cut_off(AT))
    assert deploying(record, "one").last_run is None


def test_whoever_writes_next_ends_the_run_that_was_cut_off():
    cut = deploying(begun(RunRecord(), facts("one"), cut_off=cut_off(AT)), "one")
    record = begun(cut, facts("two"), cut_off=cut_off(AT))
    assert (record.newest.run.run_id, record.newest.end.outcome, record.writing.run_id) == (
        "one", "lost", "two",
    )  # fmt: skip
    assert record.last_run.outcome == "lost"
    # It may live all the same, and comes too late: its end is not recorded twice.
    assert ended(record, "one", end()) == record


def test_a_run_that_is_taken_up_again_goes_on_with_what_was_known_first():
    record = begun(RunRecord(), facts("one"), cut_off=cut_off(AT))
    later = facts("one", at=AT + timedelta(minutes=5))
    assert begun(record, later, cut_off=cut_off(AT)) == record


def test_an_apply_that_succeeded_has_changed_back_what_had_drifted():
    drifted = Drift(
        checked_at=AT,
        addresses=("a.b",),
        resources=(
            DriftedResource.model_construct(
                address="a.b", type="a", attributes=(), first_seen=AT, accepted=None
            ),
        ),
    )
    for outcome, left in (("failed", True), ("succeeded", False)):
        record = deploying(begun(RunRecord(drift=drifted), facts("one"), cut_off=cut_off(AT)), "one")
        drift = ended(record, "one", end(outcome)).drift
        assert bool(drift and drift.addresses) is left


def test_a_state_is_adopted_and_what_it_takes_the_place_of_is_given_up_for_good():
    other = StateMark(lineage="b", serial=1, seen_at=AT)
    record = adopted(seen(RunRecord(), MARK), other, known=("z",))
    assert (record.state.lineage, record.given_up) == ("b", ("a", "z"))
    again = seen(record, other.model_copy(update={"serial": 2}))
    assert (again.state.serial, again.given_up) == (2, ("a", "z"))
    back = adopted(again, MARK, known=())
    assert (back.state.lineage, back.given_up) == ("a", ("b", "z"))
    assert (adopted(back, None, known=()).state, adopted(back, None, known=()).given_up) == (
        None,
        ("a", "b", "z"),
    )


def test_a_run_without_a_beginning_can_be_put_in():
    record = appended(appended(RunRecord(), facts("one", "unlock"), end()), facts("two", "unlock"), end())
    assert (record.newest.number, record.newest.previous) == (2, "one")

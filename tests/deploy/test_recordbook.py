"""The records in a bucket: two who write at once, and a writing that is cut off."""

from __future__ import annotations

import json

import pytest

from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.recordbook import RECORD_KEY, RUNS, RecordBook
from fleet_tui.deploy.recording import appended
from fleet_tui.problems import FleetError, ProblemKind
from tests.deploy.test_leases import answers  # noqa: F401 - a fixture
from tests.deploy.test_records import end, facts
from tests.state_bucket import DOOR, KASPER


@pytest.fixture
def book(s3):
    return RecordBook(DOOR)


def add(run_id):
    return lambda record: appended(record, facts(run_id), end())


def keys(s3):
    found = s3.list_objects_v2(Bucket=KASPER.state_bucket).get("Contents", [])
    return [item["Key"] for item in found]


def test_records_are_kept_listed_and_hold(book, s3):
    assert book.read(KASPER) == RunRecord()
    assert (book.entries(KASPER), book.verify(KASPER)) == ([], (0, None))
    for number in range(1, 5):
        book.change(KASPER, add(f"2026112{number}"))
    assert [entry.number for entry in book.entries(KASPER)] == [4, 3, 2, 1]
    assert [entry.number for entry in book.entries(KASPER, limit=2)] == [4, 3]
    assert book.entry(KASPER, "20261122").number == 2
    assert book.entry(KASPER, "20261129") is None
    assert book.verify(KASPER) == (4, None)


def test_of_two_who_write_at_once_none_is_lost(book, s3):
    other = RecordBook(DOOR)
    calls = []

    def change(record):
        calls.append(1)
        if len(calls) == 1:
            other.change(KASPER, add("two"))
        return add("one")(record)

    book.change(KASPER, change)
    assert len(calls) == 2
    assert [entry.run.run_id for entry in book.entries(KASPER)] == ["one", "two"]
    assert book.verify(KASPER) == (2, None)


def test_a_record_whose_own_object_was_cut_off_is_written_by_whoever_comes_next(book, s3):
    book.change(KASPER, add("one"))
    s3.delete_object(Bucket=KASPER.state_bucket, Key=f"{RUNS}one.json")
    assert book.entry(KASPER, "one").number == 1
    assert [entry.number for entry in book.entries(KASPER)] == [1]
    assert book.verify(KASPER) == (1, None)
    book.change(KASPER, add("two"))
    assert keys(s3) == [RECORD_KEY, f"{RUNS}one.json", f"{RUNS}two.json"]
    assert book.verify(KASPER) == (2, None)


def test_what_was_changed_by_hand_is_found(book, s3):
    for run_id in ("one", "two"):
        book.change(KASPER, add(run_id))
    key = f"{RUNS}one.json"
    content = json.loads(s3.get_object(Bucket=KASPER.state_bucket, Key=key)["Body"].read())
    content["run"]["operator"] = "ben@ops"
    s3.put_object(Bucket=KASPER.state_bucket, Key=key, Body=json.dumps(content).encode())
    count, broken = book.verify(KASPER)
    assert (count, broken.run_id, broken.what) == (2, "one", "was changed after it was written")
    s3.put_object(Bucket=KASPER.state_bucket, Key=f"{RUNS}x.json", Body=b"<html>")
    assert book.verify(KASPER)[1].run_id == "one"
    with pytest.raises(FleetError) as caught:
        book.entries(KASPER)
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION


def test_what_is_sent_twice_is_recorded_once(book, answers):  # noqa: F811
    for run_id in ("one", "two"):
        answers("twice", "twice", "twice")
        book.change(KASPER, add(run_id))
        answers.left.clear()
    assert [entry.number for entry in book.entries(KASPER)] == [2, 1]
    assert book.verify(KASPER) == (2, None)


def test_nothing_is_written_where_nothing_changes(book, s3):
    book.change(KASPER, lambda record: record)
    assert keys(s3) == []


def test_what_is_no_record_is_a_problem_and_is_left_as_it_is(book, s3):
    s3.put_object(Bucket=KASPER.state_bucket, Key=RECORD_KEY, Body=b"[]")
    with pytest.raises(FleetError) as caught:
        book.change(KASPER, add("one"))
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert keys(s3) == [RECORD_KEY]

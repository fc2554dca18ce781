"""The rules of backups over made-up tables, copies and drills."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backup.comparison import compare, digest_of
from backup.model import Comparison, Drill, RecoveryPoint, State
from backup.rules import (
    FRESH,
    Interval,
    is_due,
    is_explained,
    is_overdue,
    newest_points,
    next_point,
    without_backup,
)
from tests.lambdas.functions import NOW

TABLES = ("kasper-a", "kasper-b", "kasper-c")
KEYS = ("pk", "sk")
VALUES = st.recursive(
    st.builds(lambda text: {"S": text}, st.text(max_size=5))
    | st.builds(lambda number: {"N": str(number)}, st.integers())
    | st.builds(lambda data: {"B": data}, st.binary(max_size=5))
    | st.builds(
        lambda texts: {"SS": texts}, st.lists(st.text(min_size=1, max_size=3), min_size=1, unique=True)
    )
    | st.sampled_from([{"BOOL": True}, {"NULL": True}]),
    lambda inner: (
        st.builds(lambda values: {"L": values}, st.lists(inner, max_size=3))
        | st.builds(lambda values: {"M": values}, st.dictionaries(st.text(max_size=3), inner, max_size=3))
    ),
    max_leaves=5,
)
TABLE = st.dictionaries(st.integers(0, 20), VALUES, max_size=12)
MOMENTS = st.integers(0, 200).map(lambda days: NOW - timedelta(days=days))
DRILLS = st.lists(
    st.builds(
        lambda table, state, at: drill_of(table, state, at),
        st.sampled_from(TABLES),
        st.sampled_from([State.PASSED, State.FAILED, State.SKIPPED]),
        MOMENTS,
    ),
    max_size=12,
)


def drill_of(table: str, state: State, at: datetime) -> Drill:
    return Drill(
        id="0",
        table=table,
        recovery_point="point",
        copied_at=at,
        target="target",
        state=state,
        started_at=at,
        ended_at=at + timedelta(minutes=30),
    )


def point_of(table: str, at: datetime) -> RecoveryPoint:
    return RecoveryPoint(arn=f"{table}{at}", table=table, created_at=at, size_bytes=None)


def items_of(table: dict[int, Any]) -> list[dict[str, Any]]:
    items = [{"pk": {"S": str(key)}, "sk": {"S": "X"}, "value": value} for key, value in table.items()]
    random.shuffle(items)
    return items


@settings(max_examples=50)
@given(TABLE, TABLE)
def test_a_comparison_accounts_for_every_item(restored: dict[int, Any], live: dict[int, Any]) -> None:
    found = compare(items_of(restored), items_of(live), KEYS, NOW)
    assert found.restored == len(restored) == found.same + found.changed + found.gone
    assert found.new == len(live.keys() - restored.keys())
    assert found.gone == len(restored.keys() - live.keys())
    assert (found.differences == 0) is (restored == live or _equal(restored, live))


def _equal(one: dict[int, Any], other: dict[int, Any]) -> bool:
    """Whether two tables differ in the order of their sets alone."""
    return one.keys() == other.keys() and all(
        digest_of({"value": one[key]}) == digest_of({"value": other[key]}) for key in one
    )


@given(TABLE)
def test_order_means_nothing_and_content_everything(table: dict[int, Any]) -> None:
    once = compare(items_of(table), [], KEYS, NOW)
    assert compare(items_of(table), items_of(table), KEYS, NOW).digest == once.digest
    for key in table:
        other = {**table, key: {"S": "something else entirely"}}
        assert compare(items_of(other), [], KEYS, NOW).digest != once.digest


def test_sets_have_no_order_and_lists_have_one() -> None:
    assert digest_of({"a": {"SS": ["x", "y"]}}) == digest_of({"a": {"SS": ["y", "x"]}})
    assert digest_of({"a": {"L": [{"S": "x"}, {"S": "y"}]}}) != digest_of(
        {"a": {"L": [{"S": "y"}, {"S": "x"}]}}
    )
    assert digest_of({"a": {"N": "1"}}) != digest_of({"a": {"S": "1"}})


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 200))
def test_writes_explain_as_many_differences_and_no_more(
    changed: int, gone: int, new: int, expired: int, writes: int
) -> None:
    found = Comparison(
        restored=500, digest="0", same=400, changed=changed, gone=gone, expired=expired, new=new
    )
    assert is_explained(found, writes) is (changed + gone + new <= writes)


@given(DRILLS, st.sampled_from(Interval))
def test_a_drill_is_due_after_its_interval_and_after_a_failure_the_next_day(
    drills: list[Drill], interval: Interval
) -> None:
    due = is_due(interval, drills, NOW)
    if interval is Interval.OFF:
        assert not due
    elif drills:
        last = max(drills, key=lambda drill: drill.started_at)
        if last.state is State.PASSED:
            assert due is (NOW - last.started_at >= interval.period)
        else:
            assert due is (NOW - last.started_at >= timedelta(days=1))
    else:
        assert due


@given(DRILLS, st.sets(st.sampled_from(TABLES)))
def test_the_table_that_was_not_drilled_for_longest_is_next(drills: list[Drill], copied: set[str]) -> None:
    points = {table: point_of(table, NOW) for table in copied}
    found = next_point(points, drills)
    if not copied:
        assert found is None
        return
    assert found is not None

    def last(table: str) -> float:
        moments = [
            drill.started_at.timestamp()
            for drill in drills
            if drill.table == table and drill.state is not State.FAILED
        ]
        return max(moments, default=0.0)

    assert last(found.table) == min(last(table) for table in copied)


@given(DRILLS, MOMENTS, st.sampled_from([Interval.WEEKLY, Interval.MONTHLY]))
def test_drills_are_overdue_when_none_has_passed_for_two_intervals(
    drills: list[Drill], since: datetime, interval: Interval
) -> None:
    passed = [drill.ended_at for drill in drills if drill.state is State.PASSED and drill.ended_at]
    assert is_overdue(interval, drills, since, NOW) is (NOW - max([since, *passed]) > 2 * interval.period)
    assert not is_overdue(Interval.OFF, drills, since, NOW)
    assert not is_overdue(interval, drills, None, NOW)


@given(
    st.lists(st.tuples(st.sampled_from(TABLES), MOMENTS)), st.dictionaries(st.sampled_from(TABLES), MOMENTS)
)
def test_every_table_has_a_fresh_copy_or_is_told(
    copies: list[tuple[str, datetime]], made: dict[str, datetime]
) -> None:
    points = newest_points(point_of(table, at) for table, at in copies)
    missing = without_backup(made, points, NOW)
    for table, made_at in made.items():
        fresh = any(copied == table and NOW - at <= FRESH for copied, at in copies)
        assert (table in missing) is (NOW - made_at > FRESH and not fresh)

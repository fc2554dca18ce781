"""The grid's row model and its layout, without a screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.tui.widgets.grid import Rows
from fleet_tui.tui.widgets.grid.fleet_columns import FLEET_COLUMNS
from fleet_tui.tui.widgets.grid.layout import place

Steps = list[tuple[str, int]]


def model(rows: dict[str, int]) -> Rows[int]:
    rows_of = Rows[int]()
    rows_of.replace(rows)
    return rows_of


def test_the_cursor_stays_with_its_row_through_sort_filter_and_refresh() -> None:
    rows = model({"a": 3, "b": 2, "c": 1})
    rows.select("a")
    rows.sort(lambda value: value)
    assert (rows.order, rows.cursor, rows.place("a")) == (["c", "b", "a"], "a", 2)
    rows.filter(lambda value: value > 1)
    assert (rows.order, rows.cursor) == (["b", "a"], "a")
    assert rows.replace({"a": 2, "b": 9, "c": 1}, {"a", "b"})
    assert (rows.order, rows.cursor) == (["a", "b"], "a")


def test_rows_that_come_in_another_order_are_shown_in_it() -> None:
    rows = model({"a": 1, "b": 2, "c": 3})
    rows.select("a")
    assert rows.replace({"c": 3, "a": 1, "b": 2})
    assert (rows.order, rows.cursor, rows.place("a")) == (["c", "a", "b"], "a", 1)
    assert not rows.replace({"c": 9, "a": 1, "b": 2})


def test_a_row_that_the_filter_hides_gets_the_cursor_back() -> None:
    rows = model({"a": 1, "b": 2, "c": 3})
    rows.select("b")
    rows.filter(lambda value: value != 2)
    assert rows.cursor == "c"
    rows.filter(None)
    assert rows.cursor == "b"


def test_after_the_last_row_is_gone_the_one_before_has_the_cursor() -> None:
    rows = model({"a": 1, "b": 2})
    rows.select("b")
    rows.replace({"a": 1}, {"b"})
    assert rows.cursor == "a"
    rows.replace({}, {"a"})
    assert rows.cursor is None


def test_held_rows_keep_their_places_and_new_ones_come_at_the_end() -> None:
    rows = model({"a": 1, "b": 2})
    rows.sort(lambda value: value)
    rows.hold(True)
    assert not rows.replace({"a": 9, "b": 2}, {"a"})
    assert rows.order == ["a", "b"]
    assert rows.replace({"a": 9, "b": 2, "c": 0}, {"c"})
    assert rows.order == ["a", "b", "c"]
    rows.hold(False)
    assert rows.order == ["c", "b", "a"]


def test_marks_of_hidden_rows_are_named() -> None:
    rows = model({"a": 1, "b": 2})
    rows.toggle_mark("a")
    rows.filter(lambda value: value == 2)
    assert rows.hidden_marks == {"a"}
    rows.replace({"b": 2}, {"a"})
    assert rows.marks == frozenset()


def test_a_change_that_touches_no_order_is_told_apart() -> None:
    rows = model({"a": 10, "b": 20})
    rows.sort(lambda value: value // 10)
    assert not rows.replace({"a": 11, "b": 20}, {"a"})
    assert rows.replace({"a": 31, "b": 20}, {"a"})


changes = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.one_of(st.none(), st.integers(min_value=0, max_value=9))),
    max_size=12,
)


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(min_value=0, max_value=9)),
    st.lists(changes, max_size=5),
)
def test_any_sequence_of_changes_ends_in_what_a_fresh_model_shows(
    start: dict[str, int], batches: list
) -> None:
    def even(value: int) -> bool:
        return value % 2 == 0

    now = dict(sorted(start.items()))  # the registry's order, which who goes and comes back finds again
    rows = model(now)
    rows.sort(lambda value: -value)
    rows.filter(even)
    for batch in batches:
        now = dict(now)
        for key, value in batch:
            if value is None:
                now.pop(key, None)
            else:
                now[key] = value
        now = dict(sorted(now.items()))
        before = list(rows.order)
        changed = rows.replace(now, {key for key, _ in batch})
        fresh = model(now)
        fresh.sort(lambda value: -value)
        fresh.filter(even)
        assert rows.order == fresh.order
        assert changed is (before != rows.order)
        assert (rows.cursor in rows.order) if rows.order else rows.cursor is None
        assert [rows.place(key) for key in rows.order] == list(range(len(rows.order)))


@given(st.integers(min_value=10, max_value=300))
def test_columns_fit_and_the_more_important_ones_come_first(width: int) -> None:
    placed = place(FLEET_COLUMNS, width, gap=2)
    assert sum(size for _, size in placed) + 2 * max(0, len(placed) - 1) <= width
    by_importance = sorted(FLEET_COLUMNS, key=lambda column: column.steps[0].priority)
    assert {column.titles for column, _ in placed} == {
        column.titles for column in by_importance[: len(placed)]
    }

"""The rows of a table by key: which are shown, in which order, where the cursor and the marks are.

Cursor and marks belong to keys, not to positions, so they stay with their row through sorting, filtering
and every refresh. Nothing in here knows of a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

R = TypeVar("R")


class Rows(Generic[R]):
    """Rows by key, filtered and sorted."""

    def __init__(self) -> None:
        self._rows: Mapping[str, R] = {}
        self._matches: Callable[[R], bool] | None = None
        self._sort_key: Callable[[R], Any] | None = None
        self._descending = False
        self._sort_values: dict[str, Any] = {}
        self._order: list[str] = []
        self._places: dict[str, int] = {}
        self._cursor: str | None = None
        self._wanted: str | None = None
        self._marks: set[str] = set()
        self._held = False
        self._behind = False

    @property
    def order(self) -> list[str]:
        """Keys of the rows that are shown, from the top. Not to be changed."""
        return self._order

    @property
    def held(self) -> bool:
        """Whether rows keep their places although their values change."""
        return self._held

    @property
    def marks(self) -> frozenset[str]:
        """Keys of marked rows, hidden ones included."""
        return frozenset(self._marks)

    @property
    def hidden_marks(self) -> frozenset[str]:
        """Keys of marked rows that the filter hides."""
        return frozenset(key for key in self._marks if key not in self._places)

    @property
    def cursor(self) -> str | None:
        """Key of the row under the cursor; None only where no row is shown."""
        return self._cursor

    @property
    def total(self) -> int:
        """How many rows there are, hidden ones included."""
        return len(self._rows)

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, key: str) -> R:
        return self._rows[key]

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def place(self, key: str | None) -> int | None:
        """The position of a key from the top, or None where it is not shown."""
        return None if key is None else self._places.get(key)

    def is_marked(self, key: str) -> bool:
        """Whether this row is marked."""
        return key in self._marks

    def replace(self, rows: Mapping[str, R], changed: Collection[str] | None = None) -> bool:
        """Take these rows.

        Args:
            rows: all rows by key; they are not copied.
            changed: keys whose row is new, gone or different; None where that is not known, and they may come
                in another order.

        Returns:
            Whether the order differs now. Rows that changed in place are for the caller to repaint.
        """
        known = self._rows
        self._rows = rows
        unknown = changed is None
        if changed is None:
            changed = rows.keys() | known.keys()
            self._sort_values.clear()
        gone = {key for key in changed if key not in rows}
        self._marks -= gone
        if self._held:
            arrived = [key for key in changed if key not in known and key in rows and self._shown(key)]
            self._behind = True
            if not gone and not arrived:
                return False
            self._settle([key for key in self._order if key not in gone] + sorted(arrived))
            return True
        if not unknown and not self._touches_order(changed):
            return False
        return self._arrange()

    def filter(self, matches: Callable[[R], bool] | None) -> None:
        """Show only rows that match; None shows all. Works while the order is held, too."""
        self._matches = matches
        self._arrange()

    def sort(self, key: Callable[[R], Any] | None, *, descending: bool = False) -> None:
        """Order by this value, equal rows as they came; None: all rows as they came."""
        self._sort_key, self._descending = key, descending
        self._sort_values.clear()
        self._arrange()

    def hold(self, held: bool) -> None:
        """Keep every row where it is, or let them move to where they belong."""
        self._held = held
        if not held and self._behind:
            self._sort_values.clear()
            self._arrange()

    def move_to(self, place: int) -> None:
        """Put the cursor on the row at this position, or on the nearest one there is."""
        if self._order:
            self._cursor = self._wanted = self._order[max(0, min(place, len(self._order) - 1))]

    def select(self, key: str) -> bool:
        """Put the cursor on this row, now or as soon as it is shown; returns whether it is."""
        self._wanted = key
        if key in self._places:
            self._cursor = key
            return True
        return False

    def toggle_mark(self, key: str) -> None:
        """Mark the row, or unmark it."""
        self._marks ^= {key}

    def clear_marks(self) -> None:
        """Unmark every row."""
        self._marks.clear()

    def _shown(self, key: str) -> bool:
        return self._matches is None or self._matches(self._rows[key])

    def _touches_order(self, changed: Collection[str]) -> bool:
        """Whether one of these rows comes, goes, or sorts differently now."""
        touched = False
        for key in changed:
            row = self._rows.get(key)
            shown = row is not None and (self._matches is None or self._matches(row))
            if shown is not (key in self._places):
                touched = True
            if row is None:
                self._sort_values.pop(key, None)
            elif self._sort_key is not None:
                value = self._sort_key(row)
                if value != self._sort_values.get(key):
                    self._sort_values[key] = value
                    touched = touched or shown
        return touched

    def _arrange(self) -> bool:
        self._behind = False
        matches = self._matches
        order = [key for key, row in self._rows.items() if matches is None or matches(row)]
        if self._sort_key is not None:
            values = self._sort_values
            for key in order:
                if key not in values:
                    values[key] = self._sort_key(self._rows[key])
            order.sort(key=values.__getitem__, reverse=self._descending)
        if order == self._order:
            self._settle_cursor()
            return False
        self._settle(order)
        return True

    def _settle(self, order: list[str]) -> None:
        before = self._places.get(self._cursor) if self._cursor is not None else None
        self._order = order
        self._places = {key: place for place, key in enumerate(order)}
        self._settle_cursor(before)

    def _settle_cursor(self, before: int | None = None) -> None:
        """Back to the row that was chosen if it is shown, else to what took its place."""
        if self._wanted in self._places:
            self._cursor = self._wanted
        elif self._cursor not in self._places:
            last = len(self._order) - 1
            self._cursor = self._order[min(before or 0, last)] if self._order else None

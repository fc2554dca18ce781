"""How the operator wants to see the fleet: filter, worst first, order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fleet_tui.observatory.attention import attention
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.observatory.query import SORTS, Query, QueryError, complete, parse


class View:
    """Filter and order; `worst_first` goes together with any filter."""

    def __init__(self) -> None:
        self.text = ""
        self.error = ""
        self.worst_first = False
        self.sort: str | None = None
        self._query = Query()

    @property
    def sorts(self) -> tuple[str, ...]:
        """Names of the orders."""
        return tuple(SORTS)

    def set_text(self, text: str) -> bool:
        """Take this filter; where it cannot be understood the last one stays, and `error` says why."""
        try:
            self._query = parse(text)
        except QueryError as error:
            self.error = error.problem.sentence
            return False
        self.text, self.error = text.strip(), ""
        return True

    def forget_error(self) -> None:
        """The text that could not be understood has been given up."""
        self.error = ""

    def next_sort(self) -> None:
        """The order after this one; after the last comes the order of the files."""
        names = (None, *SORTS)
        self.sort = names[(names.index(self.sort) + 1) % len(names)]

    def complete(self, text: str) -> str | None:
        """The whole line that `text` is most likely the beginning of, or None."""
        return next(iter(complete(text, len(text))), None) if text else None

    def matches(self, clock: Callable[[], datetime]) -> Callable[[CreatorSnapshot], bool] | None:
        """Whether a row is shown; None where all are."""
        query, worst = self._query, self.worst_first
        if not self.text and not worst:
            return None

        def shown(row: CreatorSnapshot) -> bool:
            now = clock()
            return (not worst or attention(row, now) is not None) and query.matches(row, now)

        return shown

    def sort_key(self, clock: Callable[[], datetime]) -> Callable[[CreatorSnapshot], Any] | None:
        """What rows are ordered by, the unknown last; None for the order of the files."""
        name = "worst" if self.worst_first else self.sort
        if name is None:
            return None
        value_of = SORTS[name]

        def key(row: CreatorSnapshot) -> tuple[bool, Any]:
            value = value_of(row, clock())
            return value is None, value if value is not None else 0

        return key

"""Which columns a table shows at a width, and how wide each of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from fleet_tui.present.line import Line, clip

R = TypeVar("R")


class Step(NamedTuple):
    """A width that a column can have, and when it is its turn to get it: lower priorities first."""

    width: int
    priority: int


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column.

    Args:
        titles: longest first; the first that fits is shown.
        steps: the widths it can have, narrowest first, priorities ascending.
        cell: draws a row's cell in exactly the given width, at the given moment.
        right: the title stands over right-aligned cells.
        stretch: how many cells it may grow beyond its last step when there is room left.
        sign: one character before the cell, such as a stale mark.
    """

    titles: tuple[str, ...]
    steps: tuple[Step, ...]
    cell: Callable[[R, int, datetime], Line]
    right: bool = False
    stretch: int = 0
    sign: Callable[[R], str] | None = None

    def title(self, width: int) -> str:
        """The longest title that fits, in exactly `width` cells."""
        title = next((title for title in self.titles if len(title) <= width), clip(self.titles[-1], width))
        return title.rjust(width) if self.right else title.ljust(width)


class Placed(NamedTuple, Generic[R]):
    """A column with its width."""

    column: Column[R]
    width: int


def place(columns: Sequence[Column[R]], width: int, *, gap: int) -> tuple[Placed[R], ...]:
    """The columns that fit into `width` cells, in their order, `gap` cells apart.

    Steps are taken by priority. The first column that does not fit keeps out all that are less important; a
    wider step that does not fit ends the growth of its own column. What is left goes to the columns that
    stretch, first column first.
    """
    granted: dict[int, int] = {}
    stopped: set[int] = set()
    full = False
    steps = sorted(
        ((step, index) for index, column in enumerate(columns) for step in column.steps),
        key=lambda item: item[0].priority,
    )
    free = width
    for step, index in steps:
        first = index not in granted
        if index in stopped or (first and full):
            continue
        needed = step.width + (gap if first and granted else 0) - granted.get(index, 0)
        if needed > free:
            stopped.add(index)
            full = full or first
            continue
        granted[index] = step.width
        free -= needed
    for index, column in enumerate(columns):
        if index in granted:
            extra = min(free, column.stretch)
            granted[index] += extra
            free -= extra
    return tuple(Placed(columns[index], granted[index]) for index in sorted(granted))

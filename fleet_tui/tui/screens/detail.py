"""A list, and what is under its cursor in full: the page that bookings, plans and drift share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from textual import events, on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.present.line import Line
from fleet_tui.tui.content import content, one_line
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.widgets.grid import Column, Grid

_LEAST_WIDTH = 20
_AROUND = 6  # cells that stand around the detail, before it is known how wide it is

R = TypeVar("R")


class DetailPage(Page, Generic[R]):
    """A status line, the list, and one row of it in full.

    Both panes are there at once where there is room, and one after the other where there is not. Subclasses
    name `detail.tcss` before a file of their own.
    """

    COLUMNS: ClassVar[tuple[Column[Any], ...]]
    EMPTY: ClassVar[str]  # said when there is no row
    WIDE: ClassVar[int]  # from here on there is room for both panes
    PANES: ClassVar[type[Horizontal] | type[Vertical]] = Horizontal

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, R] = {}

    @abstractmethod
    def status(self) -> Line:
        """What stands above both panes."""

    @abstractmethod
    def detail(self, row: R, width: int) -> Sequence[Line]:
        """A row in full, drawn for this many cells."""

    @abstractmethod
    def open_row(self, row: R) -> None:
        """Where enter leads to from the detail."""

    def body(self) -> Iterable[Widget]:
        """A status line and the panes."""
        yield Static(id="status")
        with self.PANES(id="panes"):
            yield Grid[R](self.COLUMNS, self.fleet.clock(), empty=self.EMPTY, markable=False, id="list")
            with VerticalScroll(id="detail", can_focus=False):
                yield Static(id="full")

    @property
    def grid(self) -> Grid[R]:
        """The list."""
        return self.query_one("#list", Grid)

    @property
    def row(self) -> R | None:
        """What is under the cursor."""
        return self.rows.get(self.grid.cursor or "")

    def show_rows(self, rows: dict[str, R]) -> None:
        """Take these rows, in their order."""
        self.rows = rows
        self.grid.show(rows)
        self.draw()

    def draw(self) -> None:
        """Draw the status line and the detail anew."""
        self.query_one("#status", Static).update(one_line(self.status()))
        width = self.query_one("#detail").content_size.width or self.size.width - _AROUND
        lines = [] if self.row is None else self.detail(self.row, max(_LEAST_WIDTH, width))
        self.query_one("#full", Static).update(content(lines))
        self.refresh_bindings()

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.grid.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Both panes where there is room; what is in full is drawn for its width."""
        self.set_class(event.size.width < self.WIDE, "-narrow")
        self.call_after_refresh(self.draw)

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""
        self.grid.tick(now)
        self.draw()

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").scroll_home(animate=False)
        self.draw()

    @on(Grid.Opened)
    def _opened(self) -> None:
        """From the list to the detail where it is not there yet, and on from there."""
        if self.has_class("-narrow") and not self.has_class("-reading"):
            self.add_class("-reading")
            self.call_after_refresh(self.draw)
        elif self.row is not None:
            self.open_row(self.row)

    def action_back(self) -> None:
        """From the detail to the list, from the list to where one came from."""
        if self.has_class("-reading"):
            self.remove_class("-reading")
        else:
            super().action_back()

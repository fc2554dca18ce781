"""Operations: every run known on this machine, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from fleet_tui.operations.model import Run
from fleet_tui.present import runs as cells
from fleet_tui.tui.screens.journals import JournalsPage
from fleet_tui.tui.widgets.grid import Column, Grid, Step

COLUMNS: tuple[Column[Run], ...] = (
    Column(("STATUS",), (Step(11, 0),), cells.status_cell),
    Column(("KIND",), (Step(7, 1),), cells.kind_cell),
    Column(("CREATOR",), (Step(12, 2), Step(20, 7)), cells.slug_cell),
    Column(("DONE",), (Step(7, 4),), cells.progress_cell, right=True),
    Column(("AGE",), (Step(7, 3),), cells.started_cell, right=True),
    Column(("BY",), (Step(10, 6), Step(14, 8)), cells.operator_cell),
    Column(("OUTCOME",), (Step(16, 5),), cells.outcome_cell, stretch=200),
)


class RunsScreen(JournalsPage[Run]):
    """All runs."""

    CSS_PATH: ClassVar[str] = "runs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "creator", "creator")]
    COLUMNS = COLUMNS
    WORDS = ("run", "runs")

    def place(self) -> tuple[str, ...]:
        """Operations."""
        return ("operations",)

    def read(self) -> Sequence[Run]:
        """All runs."""
        return self.fleet.service.runs()

    def is_over(self, item: Run) -> bool:
        """Whether it has ended."""
        return item.finished

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        if self.items and event.key in self.items:
            self.fleet.open_run(self.items[event.key])

    def action_creator(self) -> None:
        """Open the creator's page."""
        if self.items and self.grid.cursor:
            self.fleet.open_creator(self.items[self.grid.cursor].operation.slug)

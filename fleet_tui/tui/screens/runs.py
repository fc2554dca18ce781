"""Operations: every run known on this machine, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.operations.model import Run
from fleet_tui.present import runs as cells
from fleet_tui.present.line import Span, Tone
from fleet_tui.present.quantity import count
from fleet_tui.tui.content import one_line
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.widgets.grid import Column, Grid, Step

POLL_SECONDS = 1.0

COLUMNS: tuple[Column[Run], ...] = (
    Column(("STATUS",), (Step(11, 0),), cells.status_cell),
    Column(("KIND",), (Step(7, 1),), cells.kind_cell),
    Column(("CREATOR",), (Step(12, 2), Step(20, 7)), cells.slug_cell),
    Column(("DONE",), (Step(7, 4),), cells.progress_cell, right=True),
    Column(("AGE",), (Step(7, 3),), cells.started_cell, right=True),
    Column(("BY",), (Step(10, 6), Step(14, 8)), cells.operator_cell),
    Column(("OUTCOME",), (Step(16, 5),), cells.outcome_cell, stretch=200),
)


class RunsScreen(Page):
    """All runs."""

    CSS_PATH: ClassVar[str] = "runs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "creator", "creator")]

    class RunsRead(Message):
        """The journals have been read."""

        def __init__(self, runs: Sequence[Run]) -> None:
            super().__init__()
            self.runs = runs

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, Run] | None = None

    def place(self) -> tuple[str, ...]:
        """Operations."""
        return ("operations",)

    def body(self) -> Iterable[Widget]:
        """A status line and the list."""
        yield Static(id="status")
        yield Grid[Run](COLUMNS, self.fleet.clock(), empty="", markable=False, id="list")

    @property
    def grid(self) -> Grid[Run]:
        """The list."""
        return self.query_one("#list", Grid)

    def on_mount(self) -> None:
        """Read the journals now and then."""
        self.grid.focus()
        self._read()
        self.set_interval(POLL_SECONDS, self._poll)

    def on_screen_resume(self) -> None:
        """A run may have come in between."""
        self._read()

    def _poll(self) -> None:
        if self.is_current:
            self._read()

    @work(thread=True, exclusive=True, exit_on_error=False, group="runs")
    def _read(self) -> None:
        self.post_message(self.RunsRead(self.fleet.service.runs()))

    @on(RunsRead)
    def _runs_read(self, event: RunsRead) -> None:
        event.stop()
        before = self._runs or {}
        # The newest come first and new ones arrive at the top, so the mapping's order is the list's order.
        runs = {run.id: run for run in event.runs}
        if self._runs is not None and runs == before:
            return
        self._runs = runs
        self.grid.show(runs, {key for key in before.keys() | runs.keys() if before.get(key) != runs.get(key)})
        going = sum(not run.finished for run in event.runs)
        status = f"{count(len(runs))} {'run' if len(runs) == 1 else 'runs'} on this machine"
        doing = Span(f" · {going} under way", Tone.STRONG) if going else Span("")
        self.query_one("#status", Static).update(one_line((Span(status, Tone.QUIET), doing)))

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""
        self.grid.tick(now)

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        if self._runs and event.key in self._runs:
            self.fleet.open_run(self._runs[event.key])

    def action_creator(self) -> None:
        """Open the creator's page."""
        if self._runs and self.grid.cursor:
            self.fleet.open_creator(self._runs[self.grid.cursor].operation.slug)

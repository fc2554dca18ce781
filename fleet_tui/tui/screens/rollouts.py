"""Rollouts: every one known on this machine, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.present import rollouts as cells
from fleet_tui.present.line import Span, Tone
from fleet_tui.present.quantity import count
from fleet_tui.rollouts.model import Rollout
from fleet_tui.tui.content import one_line
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.widgets.grid import Column, Grid, Step

POLL_SECONDS = 1.0

COLUMNS: tuple[Column[Rollout], ...] = (
    Column(("STATUS",), (Step(12, 0),), cells.status_cell),
    Column(("APPLIED",), (Step(7, 1),), cells.applied_cell, right=True),
    Column(("WAVE",), (Step(7, 2),), cells.wave_cell),
    Column(("AGE",), (Step(7, 3),), cells.age_cell, right=True),
    Column(("BY",), (Step(10, 5), Step(14, 6)), cells.operator_cell),
    Column(("WHY",), (Step(14, 4),), cells.cause_cell, stretch=200),
)


class RolloutsScreen(Page):
    """All rollouts."""

    CSS_PATH: ClassVar[str] = "rollouts.tcss"

    class RolloutsRead(Message):
        """The journals have been read."""

        def __init__(self, rollouts: Sequence[Rollout]) -> None:
            super().__init__()
            self.rollouts = rollouts

    def __init__(self) -> None:
        super().__init__()
        self._rollouts: dict[str, Rollout] | None = None

    def place(self) -> tuple[str, ...]:
        """Rollouts."""
        return ("rollouts",)

    def body(self) -> Iterable[Widget]:
        """A status line and the list."""
        yield Static(id="status")
        yield Grid[Rollout](
            COLUMNS,
            self.fleet.clock(),
            empty="nothing was rolled out yet: plan several creators, then approve them",
            markable=False,
            id="list",
        )

    @property
    def grid(self) -> Grid[Rollout]:
        """The list."""
        return self.query_one("#list", Grid)

    def on_mount(self) -> None:
        """Read the journals now and then."""
        self.grid.focus()
        self._read()
        self.set_interval(POLL_SECONDS, self._poll)

    def on_screen_resume(self) -> None:
        """One may have come in between."""
        self._read()

    def _poll(self) -> None:
        if self.is_current:
            self._read()

    @work(thread=True, exclusive=True, exit_on_error=False, group="rollouts")
    def _read(self) -> None:
        self.post_message(self.RolloutsRead(self.fleet.service.rollouts.all()))

    @on(RolloutsRead)
    def _rollouts_read(self, event: RolloutsRead) -> None:
        event.stop()
        found = {rollout.id: rollout for rollout in event.rollouts}
        before = self._rollouts
        if found == before:
            return
        self._rollouts = found
        known = before or {}
        self.grid.show(
            found, {key for key in known.keys() | found.keys() if known.get(key) != found.get(key)}
        )
        going = sum(not rollout.ended for rollout in event.rollouts)
        word = "rollout" if len(found) == 1 else "rollouts"
        doing = Span(f" · {going} under way" if going else "", Tone.STRONG)
        status = Span(f"{count(len(found))} {word} on this machine", Tone.QUIET)
        self.query_one("#status", Static).update(one_line((status, doing)))

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""
        self.grid.tick(now)

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        self.fleet.open_rollout(event.key)

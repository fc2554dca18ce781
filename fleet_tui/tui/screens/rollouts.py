"""Rollouts: every one known on this machine, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on

from fleet_tui.present import rollouts as cells
from fleet_tui.rollouts.model import Rollout
from fleet_tui.tui.screens.journals import JournalsPage
from fleet_tui.tui.widgets.grid import Column, Grid, Step

COLUMNS: tuple[Column[Rollout], ...] = (
    Column(("STATUS",), (Step(12, 0),), cells.status_cell),
    Column(("APPLIED",), (Step(7, 1),), cells.applied_cell, right=True),
    Column(("WAVE",), (Step(7, 2),), cells.wave_cell),
    Column(("AGE",), (Step(7, 3),), cells.age_cell, right=True),
    Column(("BY",), (Step(10, 5), Step(14, 6)), cells.operator_cell),
    Column(("WHY",), (Step(14, 4),), cells.cause_cell, stretch=200),
)


class RolloutsScreen(JournalsPage[Rollout]):
    """All rollouts."""

    CSS_PATH: ClassVar[str] = "rollouts.tcss"
    COLUMNS = COLUMNS
    WORDS = ("rollout", "rollouts")
    EMPTY = "nothing was rolled out yet: plan several creators, then approve them"

    def place(self) -> tuple[str, ...]:
        """Rollouts."""
        return ("rollouts",)

    def read(self) -> Sequence[Rollout]:
        """All rollouts."""
        return self.fleet.service.rollouts.all()

    def is_over(self, item: Rollout) -> bool:
        """Whether it has ended."""
        return item.ended

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        self.fleet.open_rollout(event.key)

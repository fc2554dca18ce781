"""The columns of the fleet, and in which order they leave when the terminal gets narrow."""

from __future__ import annotations

from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.present import cells
from fleet_tui.tui.widgets.grid.layout import Column, Step

# Who it is, then what an operator has to act on, then what explains it. At 60 columns the names and the three
# states are left; at 80 the forecast and the age have joined them, at 120 the month and the wave, and at 160
# everything is there in full.
FLEET_COLUMNS: tuple[Column[CreatorSnapshot], ...] = (
    Column(
        titles=("CREATOR",),
        steps=(Step(12, 0), Step(16, 60)),
        cell=cells.creator_cell,
        stretch=12,
    ),
    Column(titles=("WAVE",), steps=(Step(7, 90),), cell=cells.wave_cell),
    Column(
        titles=("DEPLOY",),
        steps=(Step(16, 10), Step(19, 70), Step(21, 125)),
        cell=cells.deploy_cell,
        sign=lambda row: cells.mark(row.deploy),
        stretch=4,
    ),
    Column(
        titles=("STREAM",),
        steps=(Step(15, 20), Step(28, 80), Step(cells.STREAM_FULL, 120), Step(54, 130)),
        cell=cells.stream_cell,
        sign=lambda row: cells.mark(row.stream),
        stretch=14,
    ),
    Column(
        titles=("APPR · OLDEST", "APPR"),
        steps=(Step(4, 30), Step(13, 65)),
        cell=cells.approvals_cell,
        sign=lambda row: cells.mark(row.bookings),
    ),
    Column(
        titles=("  MONTH → FORECAST           BUDGET", "  MONTH → FORECAST", "FORECAST"),
        steps=(Step(9, 40), Step(cells.COST_MIDDLE, 85), Step(cells.COST_FULL, 100)),
        cell=cells.cost_cell,
        sign=lambda row: cells.mark(row.cost),
    ),
    Column(titles=("AGE  ",), steps=(Step(5, 50),), cell=cells.age_cell, right=True),
)

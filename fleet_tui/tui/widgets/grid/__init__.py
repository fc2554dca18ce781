"""A table of keyed rows that repaints only what changed."""

from __future__ import annotations

from fleet_tui.tui.widgets.grid.grid import Grid
from fleet_tui.tui.widgets.grid.layout import Column, Step
from fleet_tui.tui.widgets.grid.rows import Rows

__all__ = ["Column", "Grid", "Rows", "Step"]

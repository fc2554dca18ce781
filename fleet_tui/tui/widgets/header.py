"""The first line of every screen."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from fleet_tui.present.line import Line
from fleet_tui.present.totals import Totals, header_line
from fleet_tui.tui.content import one_line


class Header(Widget):
    """Where one is, and how the fleet is."""

    DEFAULT_CSS = """
    Header { height: 1; width: 1fr; background: $surface; color: $foreground; }
    """

    def __init__(self, place: tuple[str, ...]) -> None:
        super().__init__()
        self.place = place
        self._totals = Totals()
        self._now: datetime | None = None
        self._read_only = False
        self._rollout: Line = ()

    def show(self, totals: Totals, now: datetime, *, read_only: bool, rollout: Line = ()) -> None:
        """Take these values; repaints only where the line is another one."""
        before = self._text()
        self._totals, self._now, self._read_only, self._rollout = totals, now, read_only, rollout
        if self._text() != before:
            self.refresh()

    def render(self) -> Content:
        """The line."""
        return self._text()

    def _text(self) -> Content:
        if self._now is None:
            return Content("")
        return one_line(
            header_line(
                self.place,
                self._totals,
                read_only=self._read_only,
                now=self._now,
                width=self.size.width,
                rollout=self._rollout,
            )
        )

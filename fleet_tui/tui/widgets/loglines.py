"""A log that grows at its end and is followed until somebody scrolls up."""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Size
from textual.strip import Strip

from fleet_tui.present.line import Line, Tone, fit, hang
from fleet_tui.tui.widgets.toned import TonedView

MOST_LINES = 20_000


class LogLines(TonedView, can_focus=True):
    """Stamped lines in tones."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._wrapped: list[Line] = []
        self._following = True

    @property
    def text(self) -> str:
        """All lines, for tests and for copying."""
        return "\n".join("".join(span.text for span in line) for line in self._lines)

    def add(self, lines: Iterable[Line]) -> None:
        """Append these lines; the view stays at the end if it is there."""
        fresh = list(lines)
        if not fresh:
            return
        self._lines += fresh
        if len(self._lines) > MOST_LINES:
            del self._lines[: len(self._lines) - MOST_LINES]
            self._wrap_all()
            return
        for line in fresh:
            self._wrapped += hang(line, self._width)
        self._fit()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._following = True
        self._fit()

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Scrolling up ends the following, coming back to the end begins it."""
        super().watch_scroll_y(old, new)
        self._following = new >= self.max_scroll_y

    def on_resize(self) -> None:
        """Long lines break elsewhere now."""
        self._wrap_all()

    def render_line(self, y: int) -> Strip:
        """The line `y` of the window."""
        place = y + self.scroll_offset.y
        width = self.size.width
        if place >= len(self._wrapped):
            return Strip.blank(width, self.style_of(Tone.PLAIN))
        return self.paint(fit(self._wrapped[place], width), width)

    @property
    def _width(self) -> int:
        return max(20, self.size.width)

    def _wrap_all(self) -> None:
        self._wrapped = [part for line in self._lines for part in hang(line, self._width)]
        self._fit()

    def _fit(self) -> None:
        following = self._following
        self.virtual_size = Size(self.size.width, len(self._wrapped))
        if following:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
            self._following = True
        self.refresh()

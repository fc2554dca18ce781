"""The base of widgets that draw lines in tones by Textual's line API."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fleet_tui.present.line import Line, Tone


class TonedView(ScrollView):
    """Turns lines into strips; the colours come from the theme."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"toned--cursor", *(f"toned--{tone}" for tone in Tone)}
    DEFAULT_CSS = """
    TonedView {
        background: $background;
        color: $foreground;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        overflow-y: auto;
        & > .toned--cursor { background: $surface; }
        &:focus > .toned--cursor { background: $panel; }
        & > .toned--plain { color: $foreground; }
        & > .toned--faint { color: $faint; }
        & > .toned--quiet { color: $quiet; }
        & > .toned--strong { color: $foreground; text-style: bold; }
        & > .toned--waiting { color: $accent; }
        & > .toned--caution { color: $warning; }
        & > .toned--trouble { color: $error; text-style: bold; }
    }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles: dict[tuple[Tone, bool], Style] = {}

    def notify_style_update(self) -> None:
        """Forget the colours."""
        super().notify_style_update()
        self._styles.clear()

    def paint(self, line: Line, width: int, *, cursor: bool = False) -> Strip:
        """The strip of a line that is `width` cells wide."""
        segments: list[Segment] = []
        text, tone = "", Tone.PLAIN
        for span in line:
            # Spaces look alike in every tone, so they join what stands before them.
            if span.tone is tone or span.text.isspace():
                text += span.text
                continue
            if text:
                segments.append(Segment(text, self.style_of(tone, cursor=cursor)))
            text, tone = span.text, span.tone
        segments.append(Segment(text, self.style_of(tone, cursor=cursor)))
        return Strip(segments, width)

    def style_of(self, tone: Tone, *, cursor: bool = False) -> Style:
        """The style of a tone, on the cursor's ground or on the widget's own."""
        style = self._styles.get((tone, cursor))
        if style is None:
            ground = self.get_component_rich_style("toned--cursor") if cursor else self.rich_style
            letters = self.get_component_rich_style(f"toned--{tone}", partial=True)
            style = ground + Style(color=letters.color, bold=letters.bold)
            self._styles[tone, cursor] = style
        return style

"""What the terminal at hand can show."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from fleet_tui.present.ascii import ASCII

LEAST_WIDTH, LEAST_HEIGHT = 52, 12


def wants_ascii(environ: Mapping[str, str]) -> bool:
    """Whether the operator asked for signs that every font has."""
    return environ.get("FLEET_ASCII", "") not in ("", "0")


def desktop_note(text: str, *, in_tmux: bool) -> str:
    """The escape sequence (OSC 9) by which a terminal tells its user something who looks elsewhere.

    Args:
        text: one line; what a terminal would obey is taken out of it.
        in_tmux: tmux hands on only what is wrapped for it.
    """
    safe = "".join(sign for sign in text if sign.isprintable())
    sequence = f"\x1b]9;{safe}\x07"
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\" if in_tmux else sequence


class AsciiFilter(LineFilter):
    """Puts an ASCII character in the place of every sign that is drawn, frames and scroll bars included."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII signs; letters of names stay what they are."""
        return [
            segment if segment.text.isascii() else Segment(segment.text.translate(ASCII), segment.style)
            for segment in segments
        ]

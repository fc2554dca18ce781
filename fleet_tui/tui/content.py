"""From lines in tones to what Textual draws."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from fleet_tui.present.line import Line, Tone

STYLES = {
    Tone.PLAIN: "",
    Tone.FAINT: "$faint",
    Tone.QUIET: "$quiet",
    Tone.STRONG: "bold",
    Tone.WAITING: "$accent",
    Tone.CAUTION: "$warning",
    Tone.TROUBLE: "bold $error",
}


def content(lines: Iterable[Line]) -> Content:
    """These lines, one below the other."""
    return Content("\n").join([one_line(pieces) for pieces in lines])


def one_line(pieces: Line) -> Content:
    """One line."""
    return Content.assemble(*((span.text, STYLES[span.tone]) for span in pieces))

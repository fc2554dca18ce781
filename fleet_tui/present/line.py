"""A line of text in tones: what is shown, before anybody decides how a tone looks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size


class Tone(StrEnum):
    """What a piece of text means to its reader. Colour is for what needs a person, and never stands alone."""

    PLAIN = "plain"
    FAINT = "faint"  # drawings, which would be loud in any other tone
    QUIET = "quiet"  # there for whoever looks for it
    STRONG = "strong"  # the name of things
    WAITING = "waiting"  # a person's decision is asked for
    CAUTION = "caution"  # look at it soon
    TROUBLE = "trouble"  # look at it now


class Span(NamedTuple):
    """A piece of text in one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Span, ...]
"""Pieces of text that stand beside each other."""

ELLIPSIS = "…"
_WORDS = re.compile(r"\S+\s*|\s+")


def line(*pieces: Span | str) -> Line:
    """A line of these pieces; bare text is plain, empty pieces are left out."""
    spans = (piece if isinstance(piece, Span) else Span(piece) for piece in pieces)
    return tuple(span for span in spans if span.text)


def plain(pieces: Iterable[Span]) -> str:
    """The text alone."""
    return "".join(span.text for span in pieces)


def width_of(pieces: Iterable[Span]) -> int:
    """Width in terminal cells."""
    return sum(cell_len(span.text) for span in pieces)


def in_tone(pieces: Iterable[Span], tone: Tone) -> Line:
    """The same text, all of it in one tone."""
    return tuple(Span(span.text, tone) for span in pieces)


def subdued(pieces: Iterable[Span]) -> Line:
    """The same text, quiet but for what asks for a person."""
    return tuple(
        Span(span.text, Tone.QUIET) if span.tone in (Tone.PLAIN, Tone.STRONG) else span for span in pieces
    )


def clip(text: str, width: int) -> str:
    """The text in at most `width` cells; what was cut off leaves an ellipsis."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width]
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def fit(pieces: Line, width: int, *, right: bool = False) -> Line:
    """The line in exactly `width` cells, padded or cut with an ellipsis.

    Args:
        pieces: the line.
        width: in cells, 0 or more.
        right: pad on the left, as numbers want it.
    """
    room = width - width_of(pieces)
    if room == 0:
        return pieces
    if room > 0:
        padding = Span(" " * room)
        return (padding, *pieces) if right else (*pieces, padding)
    kept: list[Span] = []
    left = width
    for span in pieces:
        used = cell_len(span.text)
        # The last cell is kept for the ellipsis, because this line is too long as a whole.
        if used >= left:
            text = clip(span.text, left) if used > left else clip(span.text + " ", left)
            kept.append(Span(text, span.tone))
            left -= cell_len(text)
            break
        kept.append(span)
        left -= used
    if left > 0:
        kept.append(Span(" " * left))
    return tuple(kept)


def spread(left: Line, right: Line, width: int) -> Line:
    """`left` and `right` at the two ends of `width` cells; where there is no room, `right` is left out."""
    gap = width - width_of(left) - width_of(right)
    if not right or gap < 1:
        return fit(left, width)
    return (*left, Span(" " * gap), *right)


def hang(pieces: Line, width: int) -> list[Line]:
    """The line broken at words into lines of at most `width` cells.

    Where it begins with a label, that is a piece that ends in a space, the text goes on under its own
    beginning.
    """
    if width_of(pieces) <= width:
        return [pieces]
    label = pieces[:1] if pieces[0].text.endswith(" ") and len(pieces) > 1 else ()
    indent = width_of(label)
    room = width - indent
    if room < 8:
        label, indent, room = (), 0, max(1, width)
    lines: list[Line] = []
    current: list[Span] = list(label)
    used = 0
    for span in pieces[len(label) :]:
        for word in _WORDS.findall(span.text):
            for part in chop_cells(word, room):
                size = cell_len(part)
                if used + cell_len(part.rstrip()) > room and used:
                    lines.append(_trimmed(current))
                    current, used = [*line(Span(" " * indent))], 0
                current.append(Span(part, span.tone))
                used += size
    lines.append(_trimmed(current))
    return lines


def _trimmed(pieces: Iterable[Span]) -> Line:
    """The pieces without the space that they end in."""
    kept = list(pieces)
    while kept and not kept[-1].text.strip():
        kept.pop()
    return (*kept[:-1], Span(kept[-1].text.rstrip(), kept[-1].tone)) if kept else ()

"""Colours that can be read, made from a creator's branding: pure.

Branding is free: a yellow on cream is allowed, and text in it could not be read. So what is text takes the
first colour of the branding, or of a row that leads from it to black or white, that has enough contrast.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from fleet_tui.registry.model import Branding
from fleet_tui.values import Value

READABLE = 4.5
"""Least contrast of text (https://www.w3.org/TR/WCAG22/#contrast-minimum, level AA)."""

BLACK, WHITE = "#000000", "#ffffff"
_NIGHT = "#101014"
_STEPS = (0.2, 0.4, 0.6, 0.8)


class Palette(Value):
    """The colours of the pages in one scheme, each `#rrggbb`.

    Args:
        surface: behind cards and fields; text can be read on it as on the background.
        line: borders that only part things.
        quiet: text that stands back.
        button: behind `on_button`.
    """

    background: str
    surface: str
    line: str
    text: str
    quiet: str
    link: str
    button: str
    on_button: str


class _Rgb(NamedTuple):
    red: int
    green: int
    blue: int


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`one` with this share (0 to 1) of `other`."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def day(branding: Branding) -> Palette:
    """The palette on the branding's own background."""
    return _palette(branding, branding.background.lower())


def night(branding: Branding) -> Palette:
    """The palette for who wants it dark; the same as by day where the branding's background is dark."""
    own = branding.background.lower()
    if contrast(own, WHITE) >= contrast(own, BLACK):
        return day(branding)
    return _palette(branding, mix(_NIGHT, branding.accent, 0.15))


def _palette(branding: Branding, background: str) -> Palette:
    primary, accent, own = branding.primary.lower(), branding.accent.lower(), branding.background.lower()
    ink = max((BLACK, WHITE), key=lambda colour: contrast(colour, background))
    surface = mix(background, WHITE, 0.5 if ink == BLACK else 0.06)  # cards are lighter than the page
    if contrast(ink, surface) < READABLE:
        surface = background
    grounds = (background, surface)
    return Palette(
        background=background,
        surface=surface,
        line=mix(background, ink, 0.18),
        text=_readable((accent, own), ink, grounds),
        quiet=_readable((mix(ink, background, 0.3),), ink, grounds),
        link=_readable((primary, accent), ink, grounds),
        button=primary,
        on_button=max((BLACK, WHITE), key=lambda colour: contrast(colour, primary)),
    )


def _readable(wanted: Iterable[str], ink: str, grounds: tuple[str, ...]) -> str:
    """The first of these colours, or of the way from each to `ink`, that can be read on all grounds."""
    wanted = tuple(wanted)
    candidates = (*wanted, *(mix(colour, ink, step) for colour, step in product(wanted, _STEPS)), ink)
    return next(
        (colour for colour in candidates if all(contrast(colour, ground) >= READABLE for ground in grounds)),
        ink,
    )


def _luminance(colour: str) -> float:
    """Relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    red, green, blue = (
        part / 12.92 if (part := channel / 255) <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for channel in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> _Rgb:
    return _Rgb(*bytes.fromhex(colour[1:]))

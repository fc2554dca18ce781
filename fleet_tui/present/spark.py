"""Small drawings made of block characters: sparklines, charts and budget bars."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

_BLOCKS = "▁▂▃▄▅▆▇█"
SPENT, COMING, FREE = "━", "─", "·"
OVER = "!"


def resample(values: Sequence[float], width: int) -> tuple[float, ...]:
    """`width` means over equal parts of the series; the series itself where it is shorter."""
    if len(values) <= width:
        return tuple(values)
    edges = [round(index * len(values) / width) for index in range(width + 1)]
    return tuple(sum(values[a:b]) / (b - a) for a, b in pairwise(edges))


def sparkline(values: Sequence[float], width: int, *, top: float = 0.0) -> str:
    """The series in at most `width` cells, oldest first, from zero up, so that a drop looks like a drop.

    Args:
        values: oldest first.
        width: cells.
        top: the value that is meant to be reached; the highest point counts where it is above that.
    """
    points = resample(values, width)
    top = max(top, *points, 0.0)
    if top <= 0:
        return _BLOCKS[0] * len(points)
    # The full block is left out, so that sparklines in neighbouring rows do not touch.
    return "".join(_BLOCKS[max(0, min(6, round(6 * point / top)))] for point in points)


def chart(values: Sequence[float], width: int, height: int, *, top: float) -> tuple[str, ...]:
    """The series as columns, `height` rows of at most `width` cells, the upper row first.

    Args:
        values: oldest first.
        width: cells.
        height: rows.
        top: the value that reaches the upper edge.
    """
    points = resample(values, width)
    eighths = [round(max(0.0, min(1.0, point / top)) * height * 8) if top > 0 else 0 for point in points]
    rows = []
    for row in range(height - 1, -1, -1):
        parts = (filled - row * 8 for filled in eighths)
        rows.append("".join(" " if part <= 0 else _BLOCKS[min(part, 8) - 1] for part in parts))
    return tuple(rows)


def budget_bar(spent: Decimal, forecast: Decimal, budget: Decimal, width: int) -> str:
    """Spent, still expected and free as parts of the budget; ends in `!` when the forecast is above it."""
    if width < 1:
        return ""
    if budget <= 0:
        return OVER * (forecast > 0) + FREE * (width - (forecast > 0))
    filled = min(width, int(spent / budget * width + Decimal("0.5")))
    expected = min(width, max(filled, int(forecast / budget * width + Decimal("0.5"))))
    bar = SPENT * filled + COMING * (expected - filled) + FREE * (width - expected)
    return bar[:-1] + OVER if forecast > budget else bar

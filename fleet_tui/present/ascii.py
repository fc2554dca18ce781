"""One-to-one stand-ins for the signs that a terminal or its font may lack; widths never change."""

from __future__ import annotations

_SIGNS = {
    "●": "*", "◐": "%", "○": "o", "✓": "+", "✗": "x", "≠": "#", "↻": "@", "⊘": "&", "⚑": "?", "⚠": "!",
    "▌": ">", "◆": "*", "…": "~", "–": "-", "—": "-", "·": ".", "→": ">", "←": "<", "↑": "^", "↓": "v",
    "▸": ">", "▾": "v", "›": ">", "×": "x", "≤": "<", "≥": ">", "±": "~", "’": "'", "•": "*", "⏎": "<",
    "▁": "_", "▂": "_", "▃": ".", "▄": "-", "▅": "=", "▆": "=", "▇": "#", "█": "#",
    "▀": "#", "▐": "|", "▕": "|", "▏": "|", "▎": "|", "▍": "|", "▋": "|", "▊": "|", "▉": "#", "▔": "-",
    "░": ".", "▒": ":", "▓": "#", "─": "-", "━": "=", "│": "|", "┃": "|", "═": "=", "║": "|",
    "╸": "-", "╺": "-", "╴": "-", "╶": "-", "╹": "'", "╻": ".",
    "€": "E", "£": "L",
}  # fmt: skip

# Corners and crossings of every box-drawing style.
_BOXES = {chr(code): "+" for code in range(0x2500, 0x2580)}

ASCII = str.maketrans(_BOXES | _SIGNS)
"""For `str.translate`: one ASCII character for each sign that the product draws with."""

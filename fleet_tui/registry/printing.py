"""How text from a file is shown to a person: quoted, short, and without control characters."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 60


def printable(text: str) -> str:
    """The text with everything that a terminal would act on, and half characters, written as escapes.

    Two different texts stay different (backslashes are escaped as well).
    """
    return "".join(
        char if char.isprintable() and char != "\\" else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def shown(value: object) -> str:
    """A value from a TOML file as it looks there, cut to one short piece of a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if not isinstance(value, str):
        return str(value)[:_LONGEST]
    cut = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return f'"{printable(cut)}"'


def dotted(parts: Iterable[object]) -> str:
    """A dotted key, with quotes around the parts that TOML wants quoted."""
    return ".".join(part if _BARE_KEY.fullmatch(part) else f'"{printable(part)}"' for part in map(str, parts))

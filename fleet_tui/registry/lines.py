"""Where in a TOML text a key stands.

TOML's parsers do not keep positions, so the text is cut into its statements (a header, or a key with its
value) with the help of the parser itself: a value that goes over several lines does not parse before its
last line is there, and everything else ends with its line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

KeyPath = tuple[str, ...]
"""The parts of a dotted key, outermost first."""

_CLOSERS = ('"""', "'''", "]")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line on which each key and each table of a valid TOML text is first named.

    Args:
        text: a whole document that `tomllib` accepts.

    Returns:
        1-based lines by path. A key inside an inline table has the line on which its statement begins.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for line, header, parsed in _statements(text.replace("\r\n", "\n")):
        if header:
            table = max(_paths(parsed), key=len)
            found = [table[:depth] for depth in range(1, len(table) + 1)]
        else:
            found = [table + path for path in _paths(parsed)]
        for path in found:
            lines.setdefault(path, line)
    return lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """The line of a key, or of the innermost table around it that is in the text; None where none is."""
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), None)


def _statements(text: str) -> Iterator[tuple[int, bool, dict[str, Any]]]:
    """First line, whether it is a header, and value of each statement; comments are passed over."""
    pending: list[str] = []
    start = 1
    # Not splitlines: it also cuts at characters that TOML allows inside a value.
    for number, line in enumerate(text.split("\n"), start=1):
        if not pending:
            start = number
        pending.append(line)
        if len(pending) > 1 and not any(closer in line for closer in _CLOSERS):
            continue  # spares a parse per line of a long value
        try:
            parsed = tomllib.loads("\n".join(pending))
        except (ValueError, RecursionError):
            continue
        if parsed:
            yield start, pending[0].lstrip(" \t").startswith("["), parsed
        pending.clear()


def _paths(parsed: Mapping[str, Any], prefix: KeyPath = ()) -> Iterator[KeyPath]:
    for key, value in parsed.items():
        path = (*prefix, key)
        yield path
        if isinstance(value, dict):
            yield from _paths(value, path)

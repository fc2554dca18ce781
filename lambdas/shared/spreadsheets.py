"""Rows for spreadsheets: CSV that none of them takes for anything but text and numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What a cell must not begin with: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_of_rows(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """A header and the rows; texts that a spreadsheet would compute get an apostrophe in front."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: str | int) -> str | int:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value

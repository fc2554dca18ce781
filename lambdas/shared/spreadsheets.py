"""Rows for spreadsheets: CSV that none of them takes for anything but text and numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from aws_lambda_powertools.event_handler import Response

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


def csv_file(name: str, text: str, headers: Mapping[str, str] | None = None) -> Response[str]:
    """The answer that a browser keeps as a file.

    Args:
        name: of the file, without anything that somebody has typed.
        text: of CSV.
        headers: further ones.
    """
    return Response(
        status_code=200,
        content_type="text/csv; charset=utf-8",
        headers={
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="{name}"',
            **(headers or {}),
        },
        body=text,
    )

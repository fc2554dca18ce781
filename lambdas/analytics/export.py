"""Days as rows of a table, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from analytics.figures import Figures

COLUMNS = ("day", "views", "visitors", "untracked", "bots", "final")


def csv_of(days: Iterable[Figures]) -> str:
    """A header, and a row for each day: nothing in it that a spreadsheet could take for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for day in days:
        values = day.model_dump(include=set(COLUMNS), mode="json")
        writer.writerow([str(values[column]).lower() for column in COLUMNS])
    return text.getvalue()

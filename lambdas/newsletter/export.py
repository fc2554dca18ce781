"""Subscribers as rows for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.model import Subscriber
from shared.spreadsheets import csv_of_rows

MAX_ROWS = 5_000
"""Of one answer; some 3 MB at most, under the 6 MB that a function can answer with."""

COLUMNS = ("address", "topics", "language", "asked_at", "confirmed_at", "consent")


def csv_of(subscribers: Iterable[Subscriber]) -> str:
    """A header and a row for each subscriber, with their newest consent."""
    return csv_of_rows(COLUMNS, map(_row, subscribers))


def _row(subscriber: Subscriber) -> tuple[str, ...]:
    consent = subscriber.consents[-1]
    return (
        subscriber.address,
        " ".join(subscriber.topics),
        subscriber.language,
        consent.asked_at.isoformat(timespec="seconds"),
        consent.confirmed_at.isoformat(timespec="seconds"),
        consent.text,
    )

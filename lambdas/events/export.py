"""An event's sign-ups as rows, for whoever stands at the door."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from events.sign_up import SignUp, State
from shared.problems import invalid
from shared.spreadsheets import csv_of_rows

MAX_ROWS = 20_000
"""Some 4 MB, under the 6 MB that a function can answer with."""

COLUMNS = ("sign_up", "state", "number", "name", "email", "member", "asked_at", "confirmed_at", "seated_at")

_ORDER = (State.SEATED, State.WAITING, State.HELD, State.ASKED)


def csv_of(sign_ups: Iterable[SignUp]) -> str:
    """A header and a row for each sign-up: those with a seat, those who wait, and who has not confirmed.

    Raises:
        ProblemError: 422, there are more than `MAX_ROWS`.
    """
    found: list[SignUp] = []
    for sign_up in sign_ups:
        found.append(sign_up)
        if len(found) > MAX_ROWS:
            raise invalid(
                [("/state", f"There are more than {MAX_ROWS} sign-ups; ask for those of one state")]
            )
    found.sort(key=lambda one: (_ORDER.index(one.state), one.number or 0, one.asked_at, one.id))
    return csv_of_rows(COLUMNS, map(_row, found))


def _row(sign_up: SignUp) -> tuple[str | int, ...]:
    return (
        sign_up.id,
        sign_up.state.value,
        sign_up.number or "",
        sign_up.name or "",
        sign_up.email,
        sign_up.member or "",
        _moment(sign_up.asked_at),
        _moment(sign_up.confirmed_at),
        _moment(sign_up.seated_at),
    )


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""

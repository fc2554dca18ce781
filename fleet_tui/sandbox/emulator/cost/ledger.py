"""What was spent: US dollars per account, day and service."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple


class Spending(NamedTuple):
    """One figure of the ledger."""

    account: str
    day: date
    service: str
    usd: Decimal


class Ledger:
    """The spendings of every account."""

    def __init__(self) -> None:
        self._days: dict[str, dict[str, dict[str, str]]] = {}

    def spend(self, account: str, day: date, service: str, usd: Decimal) -> None:
        """Set what a service has cost an account on a day, in place of what was said before.

        Args:
            account: 12 digits.
            day: in UTC.
            service: Cost Explorer's name of it, such as `Amazon Simple Storage Service`.
            usd: the whole day's amount so far; not negative.
        """
        self._days.setdefault(account, {}).setdefault(day.isoformat(), {})[service] = str(usd)

    def between(self, accounts: Iterable[str] | None, start: date, end: date) -> Iterator[Spending]:
        """All spendings from `start` until before `end`; of every account when `accounts` is None."""
        for account in sorted(self._days) if accounts is None else accounts:
            for day, services in sorted(self._days.get(account, {}).items()):
                if start.isoformat() <= day < end.isoformat():
                    for service, usd in sorted(services.items()):
                        yield Spending(account, date.fromisoformat(day), service, Decimal(usd))

    def get_state(self) -> dict[str, Any]:
        """What is persisted."""
        return {"days": copy.deepcopy(self._days)}

    def load_persisted_state(self, state: dict[str, Any]) -> None:
        """Restore."""
        self._days.update(state["days"])

    def reset(self) -> None:
        """Forget all spendings."""
        self._days.clear()


ledger = Ledger()

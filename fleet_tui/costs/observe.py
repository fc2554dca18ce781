"""One look at what a creator costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from fleet_tui.costs.estimate import estimate
from fleet_tui.costs.explorer import KEPT_FOR, AccountBill, CostExplorer, Payer, PayerDoor
from fleet_tui.costs.forecast import forecast
from fleet_tui.costs.model import CostReport, Usage
from fleet_tui.costs.pricebook import price_book
from fleet_tui.costs.usage import UsageDoor, measure
from fleet_tui.problems import FleetError, Problem
from fleet_tui.registry.model import Creator


class Door(UsageDoor, PayerDoor, Protocol):
    """The way into the creators' accounts and into the payer's."""


class CostObserver:
    """Puts together usage, estimate, bill and forecast. Safe to use from many threads.

    Args:
        door: the way into accounts.
        payer: the organisation's payer account; None where there is none: estimates only.
        now: the current time with its zone.
        kept_for: how long a bill is good enough.
    """

    def __init__(
        self,
        door: Door,
        payer: Payer | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        kept_for: timedelta = KEPT_FOR,
    ) -> None:
        self._door = door
        self._now = now
        self._explorer = CostExplorer(door, payer, now, kept_for) if payer else None

    def __call__(self, creator: Creator) -> CostReport:
        """What this creator costs in the running month (UTC).

        A bill or a usage that cannot be read does not hide the other: it is named in the report's problems,
        and the figures do without it.

        Raises:
            FleetError: neither could be read, so that nothing would be known but planning figures.
        """
        now = self._now().astimezone(UTC)
        book = price_book()
        problems: list[Problem] = []
        usage, bill, billed_at = Usage(), None, None
        try:
            usage = measure(self._door, creator, now)
        except FleetError as error:
            problems.append(error.problem)
        if self._explorer:
            try:
                fleet = self._explorer.bill()
                bill, billed_at = fleet.accounts.get(creator.account_id), fleet.as_of
                problems += [fleet.problem] if fleet.problem else []
            except FleetError as error:
                problems.append(error.problem)
        if problems and bill is None and usage == Usage():
            raise FleetError(problems[0])
        lines = estimate(creator, usage, book, now)
        total = sum((line.total for line in lines), Decimal(0))
        today = now.date()
        return CostReport(
            month=today.replace(day=1),
            estimate=lines,
            actual=bill.total if bill else None,
            actual_by_service=_largest_first(bill),
            actual_as_of=billed_at if bill else None,
            yesterday=bill.by_day.get(today - timedelta(days=1)) if bill else None,
            forecast=forecast(bill.by_day, total, today) if bill else total,
            budget=creator.monthly_budget,
            price_book=book.as_of,
            problems=tuple(problems),
        )


def _largest_first(bill: AccountBill | None) -> tuple[tuple[str, Decimal], ...]:
    if bill is None:
        return ()
    return tuple(sorted(bill.by_service.items(), key=lambda pair: (-pair[1], pair[0])))

"""The bill of the whole fleet, read from Cost Explorer through the payer account."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Access

if TYPE_CHECKING:
    from types_boto3_ce.type_defs import GetCostAndUsageResponseTypeDef

KEPT_FOR = timedelta(hours=6)
"""Cost Explorer has new data up to three times a day, and each page that is asked for costs $0.01."""

FAILURE_KEPT_FOR = timedelta(minutes=5)
"""A payer account that refuses is not asked again by every creator's turn."""

REGION = "us-east-1"
"""Where Cost Explorer is, for every region's costs
(https://docs.aws.amazon.com/general/latest/gr/billing.html)."""


class Payer(Protocol):
    """The way into the payer account."""

    @property
    def access(self) -> Access:
        """The profile or the role."""


class PayerDoor(Protocol):
    """What is needed of the door to AWS."""

    def entered_as(self, access: Access, region: str, where: str) -> AbstractContextManager[Any]:
        """The account, whose `client(service)` gives boto3 clients; errors leave it as FleetErrors."""


@dataclass(frozen=True, slots=True)
class AccountBill:
    """One account's part of the bill for the month so far, in US dollars.

    Args:
        by_day: cost by day (UTC); the newest days are not complete yet.
        by_service: cost by AWS' name of the service.
    """

    by_day: Mapping[date, Decimal] = field(default_factory=dict)
    by_service: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """The month so far."""
        return sum(self.by_day.values(), Decimal(0))


@dataclass(frozen=True, slots=True)
class Bill:
    """The fleet's bill for the month so far.

    Args:
        month: its first day.
        as_of: when Cost Explorer was asked.
        accounts: by account id; an account that is not in here has no cost that is known.
        problem: why there is no newer one, although it is time.
    """

    month: date
    as_of: datetime
    accounts: Mapping[str, AccountBill]
    problem: Problem | None = None


class CostExplorer:
    """Asks once for everybody, and again only when the answer is old or another month has begun.

    Safe to use from many threads: while one asks, the others wait for its answer.

    Args:
        door: the way into accounts.
        payer: the organisation's payer account.
        now: the current time with its zone.
        kept_for: how long an answer is good enough.
    """

    def __init__(
        self, door: PayerDoor, payer: Payer, now: Callable[[], datetime], kept_for: timedelta = KEPT_FOR
    ) -> None:
        self._door = door
        self._payer = payer
        self._now = now
        self._kept_for = kept_for
        self._lock = threading.Lock()
        self._bill: Bill | None = None
        self._failure: tuple[datetime, Problem] | None = None

    def bill(self) -> Bill:
        """The bill of the running month (UTC), at most `kept_for` old, or older and with its problem.

        Raises:
            FleetError: there is no bill of this month; as the door, or kind SERVICE where the bill is not in
                US dollars.
        """
        with self._lock:
            now = self._now()
            month = now.date().replace(day=1)
            old = self._bill if self._bill and self._bill.month == month else None
            if old and now - old.as_of < self._kept_for:
                return old
            if self._failure is None or now - self._failure[0] >= FAILURE_KEPT_FOR:
                try:
                    self._bill = self._ask(month, now)
                except FleetError as error:
                    self._failure = (now, error.problem)
                else:
                    self._failure = None
                    return self._bill
            problem = self._failure[1]
            if old is None:
                raise FleetError(problem)
            return replace(old, problem=problem)

    def _ask(self, month: date, now: datetime) -> Bill:
        days: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        services: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        with self._door.entered_as(self._payer.access, REGION, "payer account") as account:
            client = account.client("ce")
            page: dict[str, str] = {}
            while True:
                answer: GetCostAndUsageResponseTypeDef = client.get_cost_and_usage(
                    # The end is not included, and has to be after the start on the first of the month, too.
                    TimePeriod={
                        "Start": month.isoformat(),
                        "End": (now.date() + timedelta(days=1)).isoformat(),
                    },
                    Granularity="DAILY",
                    Metrics=["UnblendedCost"],
                    GroupBy=[
                        {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"},
                        {"Type": "DIMENSION", "Key": "SERVICE"},
                    ],
                    **page,
                )
                for period in answer["ResultsByTime"]:
                    day = date.fromisoformat(period["TimePeriod"]["Start"])
                    for group in period["Groups"]:
                        account_id, service = group["Keys"]
                        amount = _dollars(group["Metrics"]["UnblendedCost"])
                        days[account_id][day] += amount
                        services[account_id][service] += amount
                if not (token := answer.get("NextPageToken")):
                    break
                page = {"NextPageToken": token}
        accounts = {
            account_id: AccountBill(by_day=dict(by_day), by_service=dict(services[account_id]))
            for account_id, by_day in days.items()
        }
        return Bill(month=month, as_of=now, accounts=accounts)


def _dollars(metric: Mapping[str, Any]) -> Decimal:
    if metric["Unit"] != "USD":
        raise FleetError.of(
            ProblemKind.SERVICE,
            f"the bill is in {metric['Unit']}, and only US dollars can be compared with budgets",
            where="payer account: ce",
        )
    return Decimal(metric["Amount"])

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from fleet_tui.costs.explorer import FAILURE_KEPT_FOR, KEPT_FOR, CostExplorer
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Access
from tests.costs.fleet import NOW, Account, StubbedDoor

PAYER = SimpleNamespace(access=Access(profile="billing"))


def asked(end: str = "2026-11-23", start: str = "2026-11-01", **page: str) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": start, "End": end},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [
            {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"},
            {"Type": "DIMENSION", "Key": "SERVICE"},
        ],
        **page,
    }


def period(day: str, *groups: tuple[str, str, str], unit: str = "USD") -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": day, "End": day},
        "Groups": [
            {"Keys": [account, service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": unit}}}
            for account, service, amount in groups
        ],
    }


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def door() -> StubbedDoor:
    return StubbedDoor()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def answer(door: StubbedDoor, *periods: dict[str, Any], token: str | None = None, **request: Any) -> None:
    response: dict[str, Any] = {"ResultsByTime": list(periods)}
    if token:
        response["NextPageToken"] = token
    door.on("ce").add_response("get_cost_and_usage", response, asked(**request))


def test_the_whole_fleet_is_read_by_one_query_over_all_its_pages(door: StubbedDoor, clock: Clock):
    answer(
        door,
        period(
            "2026-11-01", ("210000000001", "Amazon CloudFront", "0.1"), ("210000000002", "AWS Lambda", "0.01")
        ),
        token="more",
    )
    answer(
        door,
        period("2026-11-01", ("210000000001", "AWS Lambda", "0.2")),
        period("2026-11-02", ("210000000001", "AWS Lambda", "0.7")),
        NextPageToken="more",
    )

    bill = CostExplorer(door, PAYER, clock).bill()

    assert door.entries == [("payer account", PAYER.access)]
    assert bill.month == date(2026, 11, 1)
    assert bill.as_of == NOW
    one = bill.accounts["210000000001"]
    assert one.by_day == {date(2026, 11, 1): Decimal("0.3"), date(2026, 11, 2): Decimal("0.7")}
    assert one.by_service == {"Amazon CloudFront": Decimal("0.1"), "AWS Lambda": Decimal("0.9")}
    assert one.total == Decimal("1.0")
    assert bill.accounts["210000000002"].total == Decimal("0.01")
    door.assert_all_used()


def test_the_answer_is_kept_for_hours_and_not_over_the_end_of_the_month(door: StubbedDoor, clock: Clock):
    answer(door)
    explorer = CostExplorer(door, PAYER, clock)
    first = explorer.bill()
    clock.now = NOW + KEPT_FOR - timedelta(seconds=1)
    assert explorer.bill() is first

    clock.now = NOW + KEPT_FOR
    answer(door)
    assert explorer.bill() is not first

    clock.now = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    answer(door, end="2026-12-01")
    explorer.bill()
    clock.now = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    answer(door, start="2026-12-01", end="2026-12-02")
    assert explorer.bill().month == date(2026, 12, 1)
    door.assert_all_used()


class SlowDoor(StubbedDoor):
    """Stays in the account until somebody else comes in as well, or nobody does for a moment."""

    def __init__(self) -> None:
        super().__init__()
        self._crowded = threading.Event()

    @contextmanager
    def entered_as(self, access: Access, region: str, where: str) -> Iterator[Account]:
        with super().entered_as(access, region, where) as account:
            if len(self.entries) > 1:
                self._crowded.set()
            self._crowded.wait(timeout=0.2)
            yield account


def test_creators_who_ask_at_once_share_one_answer(clock: Clock):
    door = SlowDoor()
    answer(door)
    explorer = CostExplorer(door, PAYER, clock)
    with ThreadPoolExecutor(8) as pool:
        bills = list(pool.map(lambda _: explorer.bill(), range(80)))
    assert len({id(bill) for bill in bills}) == 1
    assert len(door.entries) == 1


def test_a_refusal_is_not_asked_for_again_at_once(door: StubbedDoor, clock: Clock):
    door.on("ce").add_client_error("get_cost_and_usage", "AccessDeniedException")
    explorer = CostExplorer(door, PAYER, clock)
    for _ in range(3):
        with pytest.raises(FleetError, match="AccessDeniedException"):
            explorer.bill()
    assert len(door.entries) == 1

    clock.now = NOW + FAILURE_KEPT_FOR
    answer(door)
    assert explorer.bill().accounts == {}


def test_a_failure_after_a_success_keeps_the_old_bill_with_its_age(door: StubbedDoor, clock: Clock):
    answer(door, period("2026-11-01", ("210000000001", "AWS Lambda", "1")))
    explorer = CostExplorer(door, PAYER, clock)
    first = explorer.bill()
    clock.now = NOW + KEPT_FOR
    door.on("ce").add_client_error("get_cost_and_usage", "LimitExceededException")
    for _ in range(2):
        bill = explorer.bill()
        assert bill.accounts == first.accounts
        assert bill.as_of == NOW
        assert bill.problem is not None
        assert bill.problem.what == "LimitExceededException"

    clock.now += FAILURE_KEPT_FOR
    answer(door)
    assert explorer.bill().problem is None
    door.assert_all_used()


def test_last_months_bill_is_not_kept_when_this_months_fails(door: StubbedDoor, clock: Clock):
    answer(door)
    explorer = CostExplorer(door, PAYER, clock)
    explorer.bill()
    clock.now = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    door.on("ce").add_client_error("get_cost_and_usage", "LimitExceededException")
    with pytest.raises(FleetError, match="LimitExceededException"):
        explorer.bill()


def test_only_dollars_are_compared_with_budgets(door: StubbedDoor, clock: Clock):
    answer(door, period("2026-11-01", ("210000000001", "AWS Lambda", "1"), unit="CNY"))
    with pytest.raises(FleetError) as caught:
        CostExplorer(door, PAYER, clock).bill()
    assert caught.value.problem.kind is ProblemKind.SERVICE
    assert "CNY" in caught.value.problem.what

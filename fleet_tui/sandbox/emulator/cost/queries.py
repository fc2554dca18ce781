"""GetCostAndUsage and GetCostForecast over the ledger.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html, read 2026.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ministack.core.responses import get_account_id

from fleet_tui.sandbox.emulator.cost.ledger import Spending, ledger
from fleet_tui.sandbox.emulator.environment import MANAGEMENT_ACCOUNT
from fleet_tui.sandbox.emulator.wire import ServiceError

Body = dict[str, Any]

PAGE_ROWS = 100
"""Rows (a period's group, or a period's total) on one page. AWS does not publish its own figure."""

METRICS = frozenset({"AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost"})
DIMENSIONS: dict[str, Callable[[Spending], str]] = {
    "LINKED_ACCOUNT": lambda spending: spending.account,
    "SERVICE": lambda spending: spending.service,
}
FORECAST_BASIS_DAYS = 14
UNSETTLED_DAYS = 2
"""Figures of the last days are marked as estimated, as Cost Explorer does."""


def invalid(message: str) -> ServiceError:
    """The error for a request that makes no sense."""
    return ServiceError(400, "ValidationException", message)


def today() -> date:
    """The day it is, in UTC."""
    return datetime.now(UTC).date()


def _period(body: Body) -> tuple[date, date]:
    try:
        start, end = (date.fromisoformat(body["TimePeriod"][edge][:10]) for edge in ("Start", "End"))
    except (KeyError, TypeError, ValueError):
        raise invalid("TimePeriod needs a Start and an End of the form yyyy-MM-dd") from None
    if start >= end:
        raise invalid("Start date (and hour) should be before end date (and hour)")
    return start, end


def _visible_accounts() -> list[str] | None:
    account = get_account_id()
    return None if account == MANAGEMENT_ACCOUNT else [account]


def _matches(expression: Body | None, spending: Spending) -> bool:
    if not expression:
        return True
    if "And" in expression:
        return all(_matches(part, spending) for part in expression["And"])
    if "Or" in expression:
        return any(_matches(part, spending) for part in expression["Or"])
    if "Not" in expression:
        return not _matches(expression["Not"], spending)
    dimension = expression.get("Dimensions") or {}
    if (key := dimension.get("Key")) not in DIMENSIONS:
        raise invalid(f"Filter by {key or list(expression)} is not possible here")
    return DIMENSIONS[key](spending) in dimension["Values"]


def periods(start: date, end: date, granularity: str) -> Iterator[tuple[date, date]]:
    """The periods of a time span: days, or months that the span's edges may cut.

    Raises:
        ServiceError: a granularity other than DAILY and MONTHLY.
    """
    if granularity not in ("DAILY", "MONTHLY"):
        raise invalid(f"Granularity {granularity} is not available for this account")
    while start < end:
        after = start + timedelta(days=1)
        if granularity == "MONTHLY":
            after = min(end, (start.replace(day=1) + timedelta(days=32)).replace(day=1))
        yield start, after
        start = after


def _group_keys(body: Body) -> list[str]:
    groups = body.get("GroupBy") or []
    if len(groups) > 2:
        raise invalid("GroupBy allows two groups at most")
    for group in groups:
        if group.get("Type") != "DIMENSION" or group.get("Key") not in DIMENSIONS:
            raise invalid(f"GroupBy {group.get('Type')} {group.get('Key')} is not possible here")
    return [group["Key"] for group in groups]


def _amounts(metrics: list[str], usd: Decimal) -> Body:
    return {metric: {"Amount": str(usd), "Unit": "USD"} for metric in metrics}


def get_cost_and_usage(body: Body) -> Body:
    """GetCostAndUsage: the management account sees every account, any other one sees itself."""
    start, end = _period(body)
    metrics = list(body.get("Metrics") or [])
    if not metrics or not set(metrics) <= METRICS:
        raise invalid(f"Metrics must be among {', '.join(sorted(METRICS))}")
    keys = _group_keys(body)
    spendings = [
        spending
        for spending in ledger.between(_visible_accounts(), start, end)
        if _matches(body.get("Filter"), spending)
    ]
    rows: list[tuple[date, date, tuple[str, ...] | None, Decimal]] = []
    for first, after in periods(start, end, body.get("Granularity", "DAILY")):
        sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for spending in spendings:
            if first <= spending.day < after:
                sums[tuple(DIMENSIONS[key](spending) for key in keys)] += spending.usd
        if keys:
            rows += [(first, after, names, usd) for names, usd in sorted(sums.items())] or [
                (first, after, None, Decimal(0))
            ]
        else:
            rows.append((first, after, None, sums.get((), Decimal(0))))
    offset = _offset(body.get("NextPageToken"))
    shown = rows[offset : offset + PAGE_ROWS]
    answer: Body = {
        "ResultsByTime": _results(shown, metrics, grouped=bool(keys)),
        "DimensionValueAttributes": [],
    }
    if keys:
        answer["GroupDefinitions"] = body["GroupBy"]
    if offset + PAGE_ROWS < len(rows):
        answer["NextPageToken"] = base64.urlsafe_b64encode(str(offset + PAGE_ROWS).encode()).decode()
    return answer


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        raise ServiceError(400, "InvalidNextTokenException", "Invalid NextPageToken") from None


def _results(
    rows: list[tuple[date, date, tuple[str, ...] | None, Decimal]], metrics: list[str], *, grouped: bool
) -> list[Body]:
    results: list[Body] = []
    for first, after, names, usd in rows:
        period = {"Start": first.isoformat(), "End": after.isoformat()}
        if not results or results[-1]["TimePeriod"] != period:
            estimated = after > today() - timedelta(days=UNSETTLED_DAYS)
            results.append({"TimePeriod": period, "Total": {}, "Groups": [], "Estimated": estimated})
        if names is not None:
            results[-1]["Groups"].append({"Keys": list(names), "Metrics": _amounts(metrics, usd)})
        elif not grouped:
            results[-1]["Total"] = _amounts(metrics, usd)
    return results


def get_cost_forecast(body: Body) -> Body:
    """GetCostForecast: the mean of the last complete days, carried on.

    Raises:
        ServiceError: a start before today, or an account without enough history (DataUnavailableException).
    """
    start, end = _period(body)
    if start < today():
        raise invalid("Start date must be equal to or no later than the current date")
    since = today() - timedelta(days=FORECAST_BASIS_DAYS)
    history: dict[date, Decimal] = defaultdict(Decimal)
    for spending in ledger.between(_visible_accounts(), since, today()):
        if _matches(body.get("Filter"), spending):
            history[spending.day] += spending.usd
    if not history:
        raise ServiceError(
            400, "DataUnavailableException", "Insufficient amount of historical data to generate forecast."
        )
    mean = sum(history.values(), Decimal(0)) / len(history)
    spread = max(history.values()) - min(history.values())
    results = []
    for first, after in periods(start, end, body.get("Granularity", "DAILY")):
        days = (after - first).days
        results.append(
            {
                "TimePeriod": {"Start": first.isoformat(), "End": after.isoformat()},
                "MeanValue": str(mean * days),
                "PredictionIntervalLowerBound": str(max(Decimal(0), (mean - spread / 2) * days)),
                "PredictionIntervalUpperBound": str((mean + spread / 2) * days),
            }
        )
    return {
        "Total": {"Amount": str(mean * (end - start).days), "Unit": "USD"},
        "ForecastResultsByTime": results,
    }

"""What a creator costs. Amounts are US dollars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from fleet_tui.problems import Problem
from fleet_tui.values import Moment, Value


class Confidence(StrEnum):
    """How sure a figure is."""

    MEASURED = "measured"  # from usage or from the bill
    LISTED = "listed"  # a list price, usage assumed
    ASSUMED = "assumed"  # a planning figure


class CostLine(Value):
    """The cost of one service in one month.

    Args:
        service: the field's name of it, such as `IVS input`.
        fixed: what it costs when nothing happens.
        usage: what the usage costs.
        basis: how the figure came to be: `12.4 h × $2.00`.
    """

    service: str
    fixed: Decimal
    usage: Decimal
    basis: str
    confidence: Confidence

    @property
    def total(self) -> Decimal:
        """Fixed and usage."""
        return self.fixed + self.usage


class Usage(Value):
    """What was used since the month began; None where it was not measured."""

    stream_input_hours: float | None = None
    stream_output_hours: float | None = None
    api_requests: int | None = None
    lambda_invocations: int | None = None
    site_bytes: int | None = None


class CostReport(Value):
    """The money side of one creator for the running month.

    Args:
        month: first day of the month.
        estimate: lines by the price book for the whole month, from enabled modules and usage.
        actual: month to date by Cost Explorer, or None where it cannot be had.
        actual_by_service: the same, by AWS service, largest first.
        actual_as_of: when Cost Explorer was asked.
        yesterday: cost of the last complete day, or None.
        forecast: expected for the whole month.
        budget: monthly budget from creator.toml.
        price_book: date of the price book.
        problems: what could not be read this time, and what the figures above therefore do without.
    """

    month: date
    estimate: tuple[CostLine, ...]
    actual: Decimal | None = None
    actual_by_service: tuple[tuple[str, Decimal], ...] = ()
    actual_as_of: Moment | None = None
    yesterday: Decimal | None = None
    forecast: Decimal
    budget: Decimal
    price_book: date
    problems: tuple[Problem, ...] = ()

    @property
    def estimated_total(self) -> Decimal:
        """Sum of the estimate."""
        return sum((line.total for line in self.estimate), Decimal(0))

    @property
    def over_budget(self) -> bool:
        """Whether the month is expected to end above the budget."""
        return self.forecast > self.budget

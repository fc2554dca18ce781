"""Plans that do the same, put together so that they are read once: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fleet_tui.operations.model import CostDelta, PlanSummary, RiskLevel, Run, RunStatus
from fleet_tui.problems import Problem


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Plans of several creators that change the same in the same way, with the same risk.

    Args:
        plans: one of each creator, by slug; never empty.
    """

    plans: tuple[Run, ...]

    @property
    def summary(self) -> PlanSummary:
        """What each of them would do, as the first of them says it."""
        return _summary(self.plans[0])

    @property
    def fingerprint(self) -> str:
        """What they have in common."""
        return self.summary.fingerprint

    @property
    def slugs(self) -> tuple[str, ...]:
        """Whom they are for."""
        return tuple(plan.operation.slug for plan in self.plans)

    @property
    def destructive(self) -> bool:
        """Whether applying any of them loses something for good."""
        return any(_summary(plan).risk.level is RiskLevel.DESTRUCTIVE for plan in self.plans)

    @property
    def costs(self) -> tuple[CostDelta, ...] | None:
        """What each of them adds to a month; None where that is not known of all."""
        costs = tuple(cost for plan in self.plans if (cost := _summary(plan).cost) is not None)
        return costs if len(costs) == len(self.plans) else None

    @property
    def monthly(self) -> Decimal | None:
        """What all of them together add to a month; None where that is not known of all."""
        return None if self.costs is None else sum((cost.monthly for cost in self.costs), Decimal(0))


@dataclass(frozen=True, slots=True)
class FailedGroup:
    """Plans that came to nothing for the same reason."""

    problem: Problem | None
    plans: tuple[Run, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """Whom they were for."""
        return tuple(plan.operation.slug for plan in self.plans)


@dataclass(frozen=True, slots=True)
class Grouped:
    """The plans of a fleet. Every plan is in exactly one place.

    Args:
        groups: what can be approved: what destroys first, then the largest.
        failed: what came to nothing, the most frequent reason first.
        empty: plans that have nothing to change, by slug.
        going: plans that are not done, by slug.
    """

    groups: tuple[PlanGroup, ...]
    failed: tuple[FailedGroup, ...]
    empty: tuple[Run, ...]
    going: tuple[Run, ...]

    def group_of(self, fingerprint: str) -> PlanGroup | None:
        """The group whose fingerprint begins like this, if it is one alone."""
        found = [group for group in self.groups if fingerprint and group.fingerprint.startswith(fingerprint)]
        return found[0] if len(found) == 1 else None


def grouped(plans: Iterable[Run]) -> Grouped:
    """The plans put together by what they do; the order of `plans` does not matter."""
    alike: dict[str, list[Run]] = {}
    broken: dict[tuple[str, str], list[Run]] = {}
    empty: list[Run] = []
    going: list[Run] = []
    for plan in sorted(plans, key=lambda run: (run.operation.slug, run.id)):
        if not plan.finished:
            going.append(plan)
        elif plan.status is not RunStatus.SUCCEEDED or plan.plan is None:
            problem = plan.problem
            key = (problem.kind.value, problem.what) if problem else ("", plan.status.value)
            broken.setdefault(key, []).append(plan)
        elif plan.plan.empty:
            empty.append(plan)
        else:
            alike.setdefault(plan.plan.fingerprint, []).append(plan)
    groups = [PlanGroup(tuple(found)) for found in alike.values()]
    failed = [FailedGroup(found[0].problem, tuple(found)) for found in broken.values()]
    return Grouped(
        tuple(sorted(groups, key=lambda group: (not group.destructive, -len(group.plans), group.slugs))),
        tuple(sorted(failed, key=lambda group: (-len(group.plans), group.slugs))),
        tuple(empty),
        tuple(going),
    )


def _summary(plan: Run) -> PlanSummary:
    assert plan.plan is not None  # noqa: S101 - only what has one is put into a group
    return plan.plan

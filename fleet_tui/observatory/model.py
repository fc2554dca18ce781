"""The fleet as it was last seen: every creator, every facet, each with its own age and error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from fleet_tui.bookings.model import BookingQueue
from fleet_tui.costs.model import CostReport
from fleet_tui.deploy.model import DeployState
from fleet_tui.operations.model import Run
from fleet_tui.problems import Problem
from fleet_tui.registry.model import Creator, FileError
from fleet_tui.streams.model import StreamHealth

T = TypeVar("T")


class Facet(StrEnum):
    """One thing that is looked at per creator, at a pace of its own."""

    DEPLOY = "deploy"
    STREAM = "stream"
    BOOKINGS = "bookings"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Observation(Generic[T]):
    """What one look at one facet of one creator gave.

    A look that fails keeps the last value and its age, and adds the problem.

    Args:
        value: the last value seen, or None where nothing was ever seen.
        seen_at: when `value` was seen.
        tried_at: when it was last looked at, successfully or not.
        problem: why the last look failed, or None.
        cached: True until this process has looked for itself (`value` is from disk).
        stale: True when `value` is older than two and a half of its paces.
    """

    value: T | None = None
    seen_at: datetime | None = None
    tried_at: datetime | None = None
    problem: Problem | None = None
    cached: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class CreatorSnapshot:
    """One row of the fleet. `creator` is None exactly where `errors` is not empty."""

    slug: str
    creator: Creator | None
    errors: tuple[FileError, ...] = ()
    deploy: Observation[DeployState] = Observation()
    stream: Observation[StreamHealth] = Observation()
    bookings: Observation[BookingQueue] = Observation()
    cost: Observation[CostReport] = Observation()
    run: Run | None = (
        None  # the newest unfinished run on this creator, wherever it was started on this machine
    )

    @property
    def name(self) -> str:
        """The display name, or the slug where there is none."""
        return self.creator.name if self.creator else self.slug

    @property
    def problems(self) -> tuple[tuple[Facet, Problem], ...]:
        """The facets whose last look failed."""
        pairs = (
            (Facet.DEPLOY, self.deploy.problem),
            (Facet.STREAM, self.stream.problem),
            (Facet.BOOKINGS, self.bookings.problem),
            (Facet.COST, self.cost.problem),
        )
        return tuple((facet, problem) for facet, problem in pairs if problem is not None)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the looking is, in creators: `looked at 812 of 1,000 · 3 failed · 1 throttled`."""

    total: int = 0
    answered: int = 0
    failed: int = 0
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class FleetSnapshot:
    """The whole fleet at one moment, rows by slug in the order of the registry."""

    environment: str
    taken_at: datetime
    rows: Mapping[str, CreatorSnapshot] = field(default_factory=dict)
    progress: Progress = Progress()

"""A fleet without AWS: it keeps what it was asked to do, and answers at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from fleet_tui.observatory.model import CreatorSnapshot, FleetSnapshot
from fleet_tui.operations.model import (
    Action,
    EventKind,
    Operation,
    OperationKind,
    PlanSummary,
    ResourceChange,
    Risk,
    RiskLevel,
    Run,
    RunEvent,
    RunStatus,
)
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.tui.service import Listener
from tests.tui.fake_bookings import FakeBookings
from tests.tui.fake_care import FakeCare
from tests.tui.fake_frontends import FakeFrontends
from tests.tui.fake_locks import FakeLocks
from tests.tui.fake_mending import FakeMending
from tests.tui.fake_onboarding import FakeOnboarding
from tests.tui.fake_planning import FakePlanning
from tests.tui.fake_rollouts import FakeRollouts
from tests.tui.sample import NOW, OPERATOR, small_fleet

SAFE_PLAN = PlanSummary(
    add=2,
    change=1,
    changes=(
        ResourceChange(
            address="module.monitoring[0].aws_sns_topic.this", type="aws_sns_topic", action=Action.CREATE
        ),
        ResourceChange(
            address="module.monitoring[0].aws_budgets_budget.this",
            type="aws_budgets_budget",
            action=Action.CREATE,
        ),
        ResourceChange(
            address="module.ivs_streaming[0].aws_ivs_channel.this",
            type="aws_ivs_channel",
            action=Action.UPDATE,
            changed=("type", "tags"),
        ),
    ),
    risk=Risk(level=RiskLevel.LOW),
)
DANGEROUS_PLAN = PlanSummary(
    add=1,
    destroy=1,
    changes=(
        ResourceChange(
            address="module.sponsor_system[0].aws_dynamodb_table.bookings",
            type="aws_dynamodb_table",
            action=Action.REPLACE,
            changed=("hash_key",),
        ),
    ),
    risk=Risk(
        level=RiskLevel.DESTRUCTIVE,
        reasons=("replaces module.sponsor_system[0].aws_dynamodb_table.bookings: data is lost",),
    ),
)
DESTROYING_PLAN = PlanSummary(
    destroy=2,
    changes=(
        ResourceChange(
            address="module.monitoring[0].aws_sns_topic.this", type="aws_sns_topic", action=Action.DELETE
        ),
        ResourceChange(
            address="module.sponsor_system[0].aws_dynamodb_table.bookings",
            type="aws_dynamodb_table",
            action=Action.DELETE,
        ),
    ),
    risk=Risk(
        level=RiskLevel.DESTRUCTIVE,
        reasons=("destroys module.sponsor_system[0].aws_dynamodb_table.bookings: data is lost",),
    ),
)
TAKEN = Problem(
    kind=ProblemKind.CONFLICT,
    what="approved by ben@ops 2 minutes ago",
    where="kasper: booking bk-0001",
    hint="Nothing was changed",
)


class FakeService:
    """A FleetService; `done` lists what it was asked to do."""

    environment = "production"
    operator = OPERATOR

    def __init__(self, fleet: FleetSnapshot | None = None, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.done: list[tuple[object, ...]] = []
        self.refusal: Problem | None = None
        self.plan_summary = SAFE_PLAN
        self.without_backend: set[str] = set()
        self._fleet = fleet or small_fleet()
        self.bookings = FakeBookings(self)
        self.onboarding = FakeOnboarding(self)
        self.care = FakeCare(self)
        self.locks = FakeLocks(self)
        self.mending = FakeMending(self)
        self.planning = FakePlanning(self)
        self.rollouts = FakeRollouts(self)
        self.frontends = FakeFrontends(self)
        self._listeners: list[Listener] = []
        self._runs: dict[str, Run] = {}
        self._events: dict[str, list[RunEvent]] = {}

    # What tests do

    def change(self, *rows: CreatorSnapshot) -> None:
        """These rows are different now."""
        self._fleet = replace(self._fleet, rows=self._fleet.rows | {row.slug: row for row in rows})
        for listener in list(self._listeners):
            listener(self._fleet, frozenset(row.slug for row in rows))

    def write(self, run_id: str, kind: EventKind, text: str = "", **more: object) -> None:
        """One more line in a run's journal."""
        events = self._events[run_id]
        at = NOW + timedelta(seconds=len(events))
        events.append(
            RunEvent.model_validate({"seq": len(events) + 1, "at": at, "kind": kind, "text": text, **more})
        )

    def begin(self, kind: OperationKind, slug: str, target: str = "") -> Run:
        """A new run, as the executor would start it."""
        number = len(self._runs) + 1
        operation = Operation(
            id=f"20261122T1403{number:02d}-{kind}-{slug}",
            kind=kind,
            slug=slug,
            account_id="210000000001",
            operator=OPERATOR,
            target=target,
            requested_at=NOW,
        )
        run = Run(operation=operation, status=RunStatus.QUEUED)
        self._runs[run.id] = run
        self._events[run.id] = []
        self.write(run.id, EventKind.REQUESTED, operation=operation)
        self.write(run.id, EventKind.STARTED)
        return run

    def finish(self, run_id: str, status: RunStatus = RunStatus.SUCCEEDED, **more: object) -> None:
        """The run ends."""
        self.write(run_id, EventKind.FINISHED, status=status, **more)
        self._runs[run_id] = self._runs[run_id].model_copy(
            update={"status": status, "finished_at": NOW, **more}
        )

    # FleetService

    def snapshot(self) -> FleetSnapshot:
        return self._fleet

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start(self) -> None:
        self.done.append(("start",))

    def stop(self) -> None:
        self.done.append(("stop",))

    def refresh(self, slugs: Collection[str] | None = None) -> None:
        self.done.append(("refresh", None if slugs is None else frozenset(slugs)))

    def look_closely(self, slug: str | None) -> None:
        self.done.append(("look_closely", slug))

    def needs_backend(self, slug: str) -> bool:
        return slug in self.without_backend

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        self._refuse()
        self.done.append(("plan", slug, create_backend))
        run = self.begin(OperationKind.PLAN, slug)
        self.write(run.id, EventKind.LOG, "Initializing the backend...")
        self.write(run.id, EventKind.LOG, "module.s3_website[0].aws_s3_bucket.this: Refreshing state...")
        self.write(
            run.id, EventKind.PLANNED, "Plan: 2 to add, 1 to change, 0 to destroy.", plan=self.plan_summary
        )
        self.finish(run.id, plan=self.plan_summary)
        return run

    def apply(self, plan_id: str, *, reason: str = "") -> Run:
        self._refuse()
        self.done.append(("apply", plan_id))
        run = self.begin(OperationKind.APPLY, self._runs[plan_id].operation.slug, target=plan_id)
        self.write(
            run.id,
            EventKind.PROGRESS,
            "module.monitoring[0].aws_sns_topic.this: Creating...",
            done=0,
            total=3,
        )
        self.write(
            run.id, EventKind.PROGRESS, "module.monitoring[0].aws_sns_topic.this: Created", done=1, total=3
        )
        return run

    def plan_destroy(self, slug: str, *, reason: str = "") -> Run:
        self._refuse()
        self.done.append(("plan_destroy", slug))
        run = self.begin(OperationKind.PLAN, slug, target=OperationKind.DESTROY)
        self.write(run.id, EventKind.PLANNED, "2 to destroy · risk destructive", plan=DESTROYING_PLAN)
        self.finish(run.id, plan=DESTROYING_PLAN)
        return run

    def destroy(self, plan_id: str, *, reason: str = "") -> Run:
        self._refuse()
        self.done.append(("destroy", plan_id))
        return self.begin(OperationKind.DESTROY, self._runs[plan_id].operation.slug, target=plan_id)

    def cancel(self, run_id: str) -> None:
        self._refuse()
        self.done.append(("cancel", run_id))
        self.finish(run_id, RunStatus.CANCELLED)

    def runs(self) -> Sequence[Run]:
        return list(reversed(self._runs.values()))

    def run_events(self, run_id: str, after: int = 0) -> Sequence[RunEvent]:
        return [event for event in self._events[run_id] if event.seq > after]

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise FleetError(self.refusal)

"""A rollout on a stage: a fleet that does what a test says, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fleet_tui.operations.model import (
    Action,
    Operation,
    OperationKind,
    PlanBasis,
    PlanSummary,
    ResourceChange,
    Run,
    RunStatus,
)
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Wave
from fleet_tui.rollouts.conductor import Conductor
from fleet_tui.rollouts.journal import RolloutJournal, read_controls, read_events, tell
from fleet_tui.rollouts.model import (
    Control,
    ControlKind,
    Member,
    MemberStatus,
    Policy,
    Rollout,
    RolloutEvent,
    RolloutEventKind,
    RolloutRequest,
    Target,
)
from fleet_tui.rollouts.telling import fold, to_resume
from fleet_tui.streams.model import Finding, Severity, StreamHealth, StreamStatus

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OPERATOR = "ana@ops"

OFFLINE = StreamHealth(status=StreamStatus.OFFLINE)
LIVE = StreamHealth(status=StreamStatus.LIVE, started_at=START - timedelta(hours=1))
STARVING = StreamHealth(
    status=StreamStatus.UNWELL,
    started_at=START,
    findings=(Finding(code="starving", severity=Severity.RED, what="starving for 14 s", advice="ask"),),
)
SLOW_KEYFRAMES = StreamHealth(
    status=StreamStatus.UNWELL,
    started_at=START,
    findings=(Finding(code="keyframe_interval", severity=Severity.AMBER, what="keyframes", advice="set"),),
)
NO_ANSWER = Problem(kind=ProblemKind.NETWORK, what="no answer within 10 s", where="anna")
EXPIRED = Problem(kind=ProblemKind.CREDENTIALS, what="the session has expired", where="anna")
THROTTLED = Problem(kind=ProblemKind.THROTTLED, what="asked too often", where="anna")
REFUSED = Problem(kind=ProblemKind.TERRAFORM, what="the bucket is taken", where="anna: terraform apply")


def summary(*addresses: str, configuration: str = "c1") -> PlanSummary:
    """A plan that makes these resources."""
    changes = tuple(
        ResourceChange(address=address, type=address.split(".")[0], action=Action.CREATE)
        for address in addresses
    )
    name = f"{configuration}:{','.join(sorted(addresses))}"
    return PlanSummary(
        add=len(changes),
        changes=changes,
        fingerprint=name,
        digest=name,
        basis=PlanBasis(configuration=configuration, serial=1, lineage="l"),
    )


APPROVED = summary("aws_a.this", "aws_b.this")


def request_of(waves: Mapping[str, str], **policy: Any) -> RolloutRequest:
    """A rollout of these creators, with their waves; one plan for each."""
    how = {"parallel": 2, "healthy_minutes": 10.0, "max_failed_share": 0.1} | policy
    return RolloutRequest(
        id="20261123T020000.000-rollout-0001",
        operator=OPERATOR,
        reason="new player",
        approval="a-1",
        requested_at=START,
        policy=Policy.model_validate(how),
        targets=tuple(
            Target(slug=slug, wave=Wave(wave), account_id="400000000001", plan_id=f"plan-{slug}")
            for slug, wave in waves.items()
        ),
    )


class FakeFleet:
    """A fleet that starts no process: a test says how runs end, and what streams are like."""

    def __init__(self, request: RolloutRequest) -> None:
        self.runs: dict[str, Run] = {}
        self.streams: dict[str, StreamHealth | Problem] = {}
        self.stale_plans: dict[str, str | Problem] = {}
        self.busy: dict[str, Run] = {}
        self.refusals: dict[str, Problem] = {}
        self.started: list[tuple[str, str]] = []
        self.cancelled: list[str] = []
        for target in request.targets:
            self.runs[target.plan_id] = Run(
                operation=_operation(target.plan_id, OperationKind.PLAN, target.slug),
                status=RunStatus.SUCCEEDED,
                plan=APPROVED,
            )

    def end(self, slug: str, status: RunStatus = RunStatus.SUCCEEDED, **more: object) -> None:
        """The creator's unfinished run ends."""
        run = self.unfinished(slug)
        self.runs[run.id] = Run.model_validate(run.model_dump() | {"status": status} | more)

    def unfinished(self, slug: str) -> Run:
        """The creator's run that goes on."""
        return next(run for run in self.runs.values() if run.operation.slug == slug and not run.finished)

    def _start(self, kind: OperationKind, slug: str, target: str, rollout: str, announce: Any) -> Run:
        if slug in self.refusals:
            raise FleetError(self.refusals[slug])
        number = len(self.runs)
        operation = _operation(f"{number:03}-{kind.value}-{slug}", kind, slug, target, rollout)
        announce(operation)
        run = Run(operation=operation, status=RunStatus.RUNNING, started_at=START, pid=1)
        self.runs[run.id] = run
        self.started.append((kind.value, slug))
        return run

    # RolloutFleet

    def plan(self, slug: str, *, reason: str, rollout: str, announce: Any) -> Run:
        return self._start(OperationKind.PLAN, slug, "", rollout, announce)

    def apply(self, plan_id: str, *, reason: str, approval: str, rollout: str, announce: Any) -> Run:
        slug = self.runs[plan_id].operation.slug
        return self._start(OperationKind.APPLY, slug, plan_id, rollout, announce)

    def cancel(self, run_id: str) -> None:
        if self.runs[run_id].finished:
            raise FleetError.of(ProblemKind.CONFLICT, "it has ended")
        self.cancelled.append(run_id)

    def run(self, run_id: str) -> Run:
        if run_id not in self.runs:
            raise FleetError.of(ProblemKind.NOT_FOUND, "there is no such run")
        return self.runs[run_id]

    def going_on(self, slug: str) -> Run | None:
        return self.busy.get(slug)

    def stale(self, plan_id: str) -> str:
        found = self.stale_plans.get(plan_id, "")
        if isinstance(found, Problem):
            raise FleetError(found)
        return found

    def stream_now(self, slug: str) -> StreamHealth:
        found = self.streams.get(slug, OFFLINE)
        if isinstance(found, Problem):
            raise FleetError(found)
        return found


def _operation(run_id: str, kind: OperationKind, slug: str, target: str = "", rollout: str = "") -> Operation:
    return Operation(
        id=run_id,
        kind=kind,
        slug=slug,
        account_id="400000000001",
        operator=OPERATOR,
        target=target,
        rollout=rollout,
        requested_at=START,
    )


class Stage:
    """A rollout that is carried out in this process, step by step.

    Args:
        folder: an empty one, the rollout's.
        waves: the creators' waves by slug.
        policy: what differs from two at once, ten minutes, a tenth.
    """

    def __init__(self, folder: Path, waves: Mapping[str, str], **policy: Any) -> None:
        self.folder = folder
        self.now = START
        self.request = request_of(waves, **policy)
        self.fleet = FakeFleet(self.request)
        folder.mkdir(parents=True, exist_ok=True)
        self.journal = RolloutJournal(folder, lambda: self.now)
        self.journal.write(RolloutEventKind.REQUESTED, request=self.request)
        self.conductor = self._conductor()

    def _conductor(self) -> Conductor:
        self.journal.write(RolloutEventKind.BEGUN, pid=1)
        return Conductor(self.fleet, self.folder, self.journal, lambda: self.now)

    @property
    def rollout(self) -> Rollout:
        return self.conductor.rollout

    @property
    def events(self) -> list[RolloutEvent]:
        return read_events(self.folder)

    def member(self, slug: str) -> Member:
        member = self.rollout.member(slug)
        assert member is not None
        return member

    def statuses(self) -> dict[str, str]:
        """The creators' statuses by slug, as words."""
        return {member.slug: member.status.value for member in self.rollout.members}

    def settle(self) -> None:
        """Until nothing more happens without news from outside."""
        for _ in range(100):
            changed = self.conductor.step()
            self.conductor.wait_for_looks()
            changed |= self.conductor.step()
            if not changed:
                return
        raise AssertionError("it never comes to rest")

    def later(self, **parts: float) -> None:
        """Let time pass, with a look every few seconds."""
        until = self.now + timedelta(**parts)
        while self.now < until:
            self.now = min(until, self.now + timedelta(seconds=20))
            self.settle()

    def end(self, slug: str, status: RunStatus = RunStatus.SUCCEEDED, **more: object) -> None:
        """The creator's run ends, now."""
        self.fleet.end(slug, status, finished_at=self.now, **more)
        self.settle()

    def tell(self, kind: ControlKind, slug: str = "", *, plan_id: str = "", now: bool = False) -> None:
        """An operator says something."""
        tell(
            self.folder,
            Control(at=self.now, operator="ben@ops", kind=kind, slug=slug, plan_id=plan_id, now=now),
        )
        self.settle()

    def kill(self) -> None:
        """The process is gone."""
        self.conductor.close()

    def resume(self, *slugs: str) -> tuple[str, ...]:
        """Another process goes on; returns whom it tries again."""
        rollout = fold(self.events, alive=False)
        assert rollout is not None
        again = to_resume(rollout, slugs)
        told = len(read_controls(self.folder, 0))
        self.journal.write(
            RolloutEventKind.RESUMED, slugs=again, alone=bool(slugs), operator="cleo@ops", told=told
        )
        self.conductor = self._conductor()
        self.settle()
        return again


def applied(stage: Stage) -> list[str]:
    """Who is applied."""
    return [one.slug for one in stage.rollout.members if one.status is MemberStatus.APPLIED]

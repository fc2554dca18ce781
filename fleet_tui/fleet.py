"""The fleet as one object: what the console and the command line stand on.

Everything is put together here, and only here. What is expensive (boto3, httpx, the first connection)
is made when it is first needed, so that a command that only shows what is cached starts at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from fleet_tui.bookings.model import Booking
from fleet_tui.costs.model import CostLine, Usage
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.agenda import PACES
from fleet_tui.observatory.model import Facet, FleetSnapshot
from fleet_tui.observatory.observatory import Listener, Observatory
from fleet_tui.observatory.store import Store
from fleet_tui.operations.journal import Journals, is_alive, read_events
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.model import EventKind, Operation, OperationKind, Run, RunEvent, RunStatus
from fleet_tui.privacy.model import IncompleteError, Outcome, Person
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.registry.watching import RegistryFiles
from fleet_tui.settings import Settings
from fleet_tui.values import Value

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor
    from fleet_tui.bookings.client import BookingClient
    from fleet_tui.costs.observe import CostObserver
    from fleet_tui.deploy.failover import Failover, WritingRegion
    from fleet_tui.deploy.secrets import Secret, Secrets
    from fleet_tui.deploy.statebucket import StateBuckets
    from fleet_tui.frontend.frontends import Frontends
    from fleet_tui.onboarding.facade import Onboarding
    from fleet_tui.onboarding.model import SiteFact
    from fleet_tui.operations.history import Records
    from fleet_tui.operations.mending import Mending
    from fleet_tui.operations.model import PlanBasis
    from fleet_tui.operations.unlocking import Locks
    from fleet_tui.planning.book import Planning
    from fleet_tui.privacy.people import People
    from fleet_tui.rollouts.rollouts import Rollouts
    from fleet_tui.statecare.care import Care
    from fleet_tui.streams.model import StreamHealth
    from fleet_tui.streams.observe import StreamObserver

T = TypeVar("T")

_LOOK_SECONDS = 60.0  # at one creator's deploy state


class Fleet:
    """All creators, looked at and operated on. Satisfies the console's `FleetService`.

    Args:
        settings: where the workspace is and how this operator works.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._making = threading.Lock()
        self._made: _Adapters | None = None
        self.journals = Journals(settings.state)
        self._executor = LocalExecutor(settings, self.journals)
        self._store = Store(settings.cache / "seen.sqlite3")
        self.observatory = Observatory(
            environment=settings.environment,
            read_registry=RegistryFiles(settings.creators).read,
            observers={facet: partial(self._observe, facet) for facet in Facet},
            store=self._store,
            runs=self._unfinished,
            paces=PACES | {Facet.COST: settings.cost_refresh_minutes * 60},
        )

    # -- who and where ------------------------------------------------------------------------------

    @property
    def environment(self) -> str:
        """Short name of the environment."""
        return self.settings.environment

    @property
    def operator(self) -> str:
        """Who is at the keyboard."""
        return self.settings.operator

    @property
    def read_only(self) -> bool:
        """Whether every action is refused."""
        return self.settings.read_only

    # -- looking ------------------------------------------------------------------------------------

    def snapshot(self) -> FleetSnapshot:
        """The newest picture; the first one is from disk."""
        return self.observatory.snapshot()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every new picture."""
        return self.observatory.subscribe(listener)

    def start(self) -> None:
        """Begin to look at the fleet."""
        self.planning.sweep()
        self.observatory.start()

    def stop(self) -> None:
        """Stop looking, and keep what was seen."""
        self.observatory.stop()
        with self._making:
            if self._made is not None:
                self._made.close()

    def refresh(self, slugs: Collection[str] | None = None) -> None:
        """Look at these creators (None: all) now."""
        self.observatory.refresh(slugs)

    def look_closely(self, slug: str | None) -> None:
        """This creator is on the screen."""
        self.observatory.look_closely(slug)

    def history(self, slug: str, limit: int) -> list[tuple[datetime, Facet, str]]:
        """The changes that were seen for a creator, newest first: when, of which facet, what it became."""
        return self._store.history(slug, limit)

    def needs_backend(self, slug: str) -> bool:
        """Whether this creator has no state bucket yet; of those who were deployed it is not asked.

        Raises:
            FleetError: the account cannot be asked.
        """
        row = self.snapshot().rows.get(slug)
        deploy = row.deploy.value if row else None
        if deploy is None or deploy.status is not DeployStatus.NEVER_DEPLOYED or deploy.serial is not None:
            return False
        return not self._adapters.buckets.ready(self.observatory.creator(slug))

    # -- operations ---------------------------------------------------------------------------------

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        """Start a plan. Raises FleetError."""
        target = OperationKind.BACKEND.value if create_backend else ""
        return self._start_on_idle(OperationKind.PLAN, slug, reason=reason, target=target)

    def apply(self, plan_id: str, *, reason: str = "", wait: bool = False) -> Run:
        """Start to apply exactly this plan; `wait` for a lease that somebody else holds.

        Raises:
            FleetError: the plan did not succeed, is empty, or something else is going on there.
        """
        plan = self._planned(plan_id)
        if plan.operation.destroys:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"{plan_id} is a plan to destroy everything",
                where=plan.operation.slug,
                hint=f"fleet destroy {plan.operation.slug}, if that is what you want",
            )
        return self._carry_out(OperationKind.APPLY, plan, reason=reason, wait=wait)

    def plan_destroy(self, slug: str, *, reason: str = "") -> Run:
        """Start to plan the end of everything that a creator has. Raises FleetError."""
        return self._start_on_idle(
            OperationKind.PLAN, slug, reason=reason, target=OperationKind.DESTROY.value
        )

    def destroy(self, plan_id: str, *, reason: str = "", wait: bool = False) -> Run:
        """Start to destroy exactly what this plan says; otherwise as `apply`."""
        plan = self._planned(plan_id)
        if not plan.operation.destroys:
            raise FleetError.of(
                ProblemKind.CONFLICT, f"{plan_id} is no plan to destroy", where=plan.operation.slug
            )
        return self._carry_out(OperationKind.DESTROY, plan, reason=reason, wait=wait)

    def _planned(self, plan_id: str) -> Run:
        plan = self.journals.get(plan_id)
        if plan.operation.kind is not OperationKind.PLAN or plan.status is not RunStatus.SUCCEEDED:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"{plan_id} is not a plan that succeeded",
                hint="Plan first, then apply that plan",
            )
        if plan.plan is not None and plan.plan.empty:
            raise FleetError.of(
                ProblemKind.CONFLICT, "the plan has nothing to apply", where=plan.operation.slug
            )
        return plan

    def _of_plan(self, plan: Run) -> Creator:
        """The creator that a plan was made for, with nothing going on there. Raises FleetError."""
        creator, planned = self._idle(plan.operation.slug), plan.operation.account_id
        if creator.account_id != planned:
            raise FleetError.of(
                ProblemKind.WRONG_ACCOUNT,
                f"creator.toml says account {creator.account_id}, the plan was made for {planned}",
                where=creator.slug,
                hint="Correct creator.toml, or plan again; nothing was done",
            )
        return creator

    def _carry_out(self, kind: OperationKind, plan: Run, *, reason: str, wait: bool) -> Run:
        creator = self._of_plan(plan)
        operation = self._executor.request(
            kind, creator, reason=reason or plan.operation.reason, target=plan.id
        )
        return self._executor.start(operation.model_copy(update={"wait": wait}))

    @cached_property
    def planning(self) -> Planning:
        """Plans of many creators: made in parallel, grouped, approved."""
        from fleet_tui.planning.book import Planning

        return Planning(self.settings, self.journals, self._basis, self._roll_out)

    def _roll_out(self, plan_ids: Sequence[str], reason: str, approval: str) -> str:
        return self.rollouts.start(plan_ids, reason=reason, approval=approval).id

    def _basis(self, creator: Creator) -> PlanBasis:
        from fleet_tui.operations.staleness import basis_of

        return basis_of(self._adapters.buckets.observe(creator))

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop. Raises FleetError."""
        self._executor.cancel(run_id)

    def runs(self) -> Sequence[Run]:
        """All runs known on this machine, newest first."""
        self._executor.adopt()
        return self.journals.all()

    def run(self, run_id: str) -> Run:
        """One run; where its process is gone another one takes it up. Raises FleetError."""
        run = self.journals.get(run_id)
        if run.finished_at is not None or is_alive(self.journals.folder(run_id)):
            return run
        self._executor.adopt()
        return self.journals.get(run_id)

    def run_events(self, run_id: str, after: int = 0) -> Sequence[RunEvent]:
        """The journal of a run from the event after number `after`."""
        return read_events(self.journals.folder(run_id), after)

    @cached_property
    def mending(self) -> Mending:
        """What broken runs have left: half made resources, states that are in no bucket."""
        from fleet_tui.operations.mending import Mending

        def look(slug: str) -> DeployState:
            return self._adapters.buckets.observe(self.observatory.creator(slug))

        def start(kind: OperationKind, slug: str, reason: str, target: str) -> Run:
            return self._start_on_idle(kind, slug, reason=reason, target=target)

        return Mending(self.settings.cache / "work", look, start)

    @cached_property
    def frontends(self) -> Frontends[Run]:
        """The creators' sites: built, deployed, rolled back."""
        from fleet_tui.frontend.frontends import Frontends

        def start(slug: str, reason: str, target: str) -> Run:
            return self._start_on_idle(OperationKind.FRONTEND, slug, reason=reason, target=target)

        return Frontends(
            workspace=self.settings.workspace,
            creator=self.observatory.creator,
            door=self._adapters.door,
            outputs=self._adapters.buckets.outputs,
            start=start,
        )

    # -- rollouts; all but the first are for the process of one ---------------------------------------

    @cached_property
    def rollouts(self) -> Rollouts:
        """Plans applied to many creators, wave by wave."""
        from fleet_tui.rollouts.rollouts import Rollouts

        return Rollouts(self.settings, self.journals, self.observatory.creator, self.planning.approve)

    def plan_of_rollout(
        self, slug: str, *, reason: str, rollout: str, announce: Callable[[Operation], None]
    ) -> Run:
        """Start a plan for a rollout, which is told of it before its process starts. Raises FleetError."""
        self.observatory.follow_files()
        operation = self._executor.request(OperationKind.PLAN, self._idle(slug), reason=reason)
        operation = operation.model_copy(update={"rollout": rollout})
        announce(operation)
        return self._executor.start(operation)

    def apply_of_rollout(
        self,
        plan_id: str,
        *,
        reason: str,
        approval: str,
        rollout: str,
        announce: Callable[[Operation], None],
    ) -> Run:
        """Start to apply a plan for a rollout, which is told of it before its process starts.

        A lease that somebody else holds is waited for. Raises FleetError.
        """
        self.observatory.follow_files()
        creator = self._of_plan(self.journals.get(plan_id))
        operation = self._executor.request(OperationKind.APPLY, creator, reason=reason, target=plan_id)
        operation = operation.model_copy(update={"rollout": rollout, "approval": approval, "wait": True})
        announce(operation)
        return self._executor.start(operation)

    def going_on(self, slug: str) -> Run | None:
        """The run that goes on at a creator, started from this machine."""
        return self.journals.unfinished().get(slug)

    def stale(self, plan_id: str) -> str:
        """Why a saved plan must not be applied any more; empty where it may be. Raises FleetError."""
        return self.planning.stale(plan_id)

    def stream_now(self, slug: str) -> StreamHealth:
        """A creator's stream, asked for now, even where creator.toml has none any more. Raises FleetError."""
        creator = self.observatory.creator(slug)
        adapters = self._adapters
        deployed = adapters.buckets.outputs(creator).get("channel_arn")
        return adapters.streams.look(creator) if deployed else adapters.streams(creator)

    def approve(self, slug: str, booking: Booking) -> Booking:
        """Approve a pending booking. Raises FleetError."""
        creator = self.observatory.creator(slug)
        operation = self._executor.request(OperationKind.APPROVE, creator, target=booking.id)
        return self._at_once(
            operation, lambda: self._adapters.bookings.approve(creator, booking), _told_of_booking
        )

    def reject(self, slug: str, booking: Booking, reason: str) -> Booking:
        """Reject a pending booking. Raises FleetError."""
        creator = self.observatory.creator(slug)
        operation = self._executor.request(OperationKind.REJECT, creator, target=booking.id, reason=reason)
        return self._at_once(
            operation, lambda: self._adapters.bookings.reject(creator, booking, reason), _told_of_booking
        )

    def secrets(self, slug: str) -> tuple[Secret, ...]:
        """The secrets that the creator's functions read, without their values. Raises FleetError."""
        return self._adapters.secrets.listed(self.observatory.creator(slug))

    def fill_secret(self, slug: str, name: str, value: str) -> None:
        """Put a value into a secret; the journal tells that, and not the value. Raises FleetError."""
        creator = self.observatory.creator(slug)
        operation = self._executor.request(OperationKind.FILL, creator, target=name)
        self._at_once(
            operation,
            lambda: self._adapters.secrets.fill(creator, name, value),
            lambda _: f"{name}: filled",
        )

    def writing_region(self, slug: str) -> WritingRegion:
        """Which of the creator's two regions takes writes. Raises FleetError."""
        return self._adapters.failover.look(self.observatory.creator(slug))

    def name_writing_region(
        self, slug: str, region: str, shown: WritingRegion, *, reason: str = ""
    ) -> WritingRegion:
        """Have another region take the writes, if it is still as it was shown. Raises FleetError."""
        creator = self.observatory.creator(slug)
        operation = self._executor.request(OperationKind.FAILOVER, creator, target=region, reason=reason)
        return self._at_once(
            operation,
            lambda: self._adapters.failover.name(creator, region, shown),
            lambda named: f"{named.writes} takes writes",
        )

    def look_for_person(self, slug: str, person: Person) -> Outcome:
        """What the creator's modules have of a person, changing nothing. Raises FleetError."""
        return self._adapters.people.export(self.observatory.creator(slug), person)

    def export_person(self, slug: str, person: Person, *, reason: str = "") -> Outcome:
        """What the creator's modules have of a person; the journal tells how much, and not of whom.

        Raises:
            FleetError: the account cannot be entered. Modules that fail are in the outcome.
        """
        creator = self.observatory.creator(slug)
        operation = self._executor.request(OperationKind.EXPORT, creator, reason=reason)
        return self._of_person(operation, lambda: self._adapters.people.export(creator, person))

    def erase_person(self, slug: str, person: Person, *, reason: str) -> Outcome:
        """Have the creator's modules erase a person; the journal tells how much, and not whom.

        Raises:
            FleetError: as `export_person`.
        """
        creator = self.observatory.creator(slug)
        operation = self._executor.request(OperationKind.ERASE, creator, reason=reason)
        return self._of_person(operation, lambda: self._adapters.people.erase(creator, person))

    def _of_person(self, operation: Operation, ask: Callable[[], Outcome]) -> Outcome:
        """Ask all modules; where one did not do its part, the journal has it as failed."""

        def asked() -> Outcome:
            outcome = ask()
            if not outcome.complete:
                raise IncompleteError(outcome)
            return outcome

        try:
            return self._at_once(operation, asked, lambda outcome: outcome.counts)
        except IncompleteError as error:
            return error.outcome

    def _idle(self, slug: str) -> Creator:
        creator = self.observatory.creator(slug)
        self._executor.settle(slug)
        going_on = self.journals.unfinished().get(slug)
        if going_on is not None:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"a {going_on.operation.kind.value} by {going_on.operation.operator} is going on",
                where=slug,
                hint=f"Wait for {going_on.id}, or cancel it",
            )
        return creator

    def _unfinished(self) -> dict[str, Run]:
        """The newest unfinished run of each creator, those that were taken up again included."""
        self._executor.adopt()
        return self.journals.unfinished()

    def _start(self, kind: OperationKind, creator: Creator, *, reason: str, target: str) -> Run:
        return self._executor.start(self._executor.request(kind, creator, reason=reason, target=target))

    def _at_once(self, operation: Operation, act: Callable[[], T], told: Callable[[T], str]) -> T:
        """Do what takes a moment in this process, with a journal like every other operation's."""
        journal = self.journals.open(operation)
        journal.write(EventKind.STARTED, pid=os.getpid())
        try:
            done = act()
        except FleetError as error:
            journal.write(
                EventKind.FINISHED,
                error.problem.sentence,
                severity="error",
                status=RunStatus.FAILED,
                problem=error.problem,
            )
            raise
        else:
            journal.write(EventKind.FINISHED, told(done), status=RunStatus.SUCCEEDED)
            return done
        finally:
            journal.close()
            self.refresh([operation.slug])

    # -- onboarding ---------------------------------------------------------------------------------

    @cached_property
    def onboarding(self) -> Onboarding:
        """Bringing creators live."""
        from fleet_tui.onboarding.facade import Onboarding
        from fleet_tui.onboarding.hands import Hands

        hands = Hands(
            door=lambda: self._adapters.door,
            snapshot=self.snapshot,
            follow=self.observatory.follow_files,
            look=lambda slug: self.observatory.look_once([slug], [Facet.DEPLOY], seconds=_LOOK_SECONDS),
            bucket_ready=self._bucket_ready,
            runs=self.runs,
            site=self._site_fact,
            plan=lambda slug, reason, backend: self.plan(slug, reason=reason, create_backend=backend),
            apply=lambda plan_id, reason: self.apply(plan_id, reason=reason),
            deploy_site=lambda slug, reason: self.frontends.deploy(slug, reason=reason),
            at_once=self._onboard,
            estimate=_planned_costs,
        )
        return Onboarding(self.settings, hands)

    def _bucket_ready(self, creator: Creator) -> bool:
        return self._adapters.buckets.ready(creator)

    def _site_fact(self, creator: Creator) -> SiteFact:
        from fleet_tui.frontend.model import SiteStatus
        from fleet_tui.onboarding.model import SiteFact

        state = self.frontends.status(creator.slug)
        return SiteFact(
            release=state.release,
            deployed_at=state.current.at if state.current else None,
            deployed_by=state.current.operator if state.current else "",
            out_of_date=state.status is SiteStatus.OUT_OF_DATE,
        )

    def _onboard(self, creator: Creator, target: str, act: Callable[[], object], told: str) -> None:
        operation = self._executor.request(OperationKind.ONBOARD, creator, target=target)
        self._at_once(operation, act, lambda _: told)

    # -- leases and records -------------------------------------------------------------------------

    @property
    def locks(self) -> Locks:
        """Who holds the creators: leases and Terraform's locks, shown and broken."""
        from fleet_tui.operations.unlocking import Locks

        return Locks(self.observatory.creator, lambda: self._adapters.door, self._start)

    @property
    def records(self) -> Records:
        """What was done to the creators, by whomever: the records beside their states."""
        from fleet_tui.operations.history import Records

        return Records(
            self.observatory.creator,
            lambda: self._adapters.door,
            self.journals,
            read_only=self.settings.read_only,
        )

    # -- drift and state ----------------------------------------------------------------------------

    @property
    def care(self) -> Care:
        """Drift, and the creators' states with their versions."""
        from fleet_tui.deploy.recordbook import RecordBook
        from fleet_tui.statecare.care import Care
        from fleet_tui.statecare.desk import Desk

        return Care(
            Desk(
                settings=self.settings,
                journals=self.journals,
                creator=self.observatory.creator,
                start=self._start_on_idle,
                at_once=self._at_once_on,
                records=lambda: RecordBook(self._adapters.door),
                door=lambda: self._adapters.door,
            )
        )

    def _start_on_idle(self, kind: OperationKind, slug: str, *, reason: str, target: str = "") -> Run:
        return self._start(kind, self._idle(slug), reason=reason, target=target)

    def _at_once_on(
        self, kind: OperationKind, slug: str, act: Callable[[], T], told: Callable[[T], str], *, reason: str
    ) -> T:
        operation = self._executor.request(kind, self.observatory.creator(slug), reason=reason)
        return self._at_once(operation, act, told)

    def _observe(self, facet: Facet, creator: Creator) -> Value:
        adapters = self._adapters
        match facet:
            case Facet.DEPLOY:
                return self.mending.told(creator.slug, adapters.buckets.observe(creator))
            case Facet.STREAM:
                return adapters.streams(creator)
            case Facet.BOOKINGS:
                return adapters.bookings.queue(creator)
            case Facet.COST:
                return adapters.costs(creator)

    # -- made when first needed ---------------------------------------------------------------------

    @property
    def _adapters(self) -> _Adapters:
        with self._making:
            if self._made is None:
                self._made = _Adapters.make(self.settings, self.observatory.is_close)
            return self._made


def _planned_costs(creator: Creator) -> tuple[CostLine, ...]:
    """What a month costs by the price book alone: nothing has been used yet."""
    from fleet_tui.costs.estimate import estimate
    from fleet_tui.costs.pricebook import price_book

    return estimate(creator, Usage(), price_book(), datetime.now(UTC))


def _told_of_booking(booking: Booking) -> str:
    return (
        f"{booking.sponsor}, {booking.placement}, {booking.start_day} to {booking.end_day}: "
        f"{booking.status.value}"
    )


@dataclass(frozen=True, slots=True)
class _Adapters:
    """What talks to AWS and to the creators' APIs, one of each for the whole fleet."""

    door: AwsDoor
    buckets: StateBuckets
    streams: StreamObserver
    bookings: BookingClient
    costs: CostObserver
    secrets: Secrets
    people: People
    failover: Failover

    @classmethod
    def make(cls, settings: Settings, is_close: Callable[[str], bool]) -> _Adapters:
        from fleet_tui.aws import AwsDoor
        from fleet_tui.bookings.client import BookingClient
        from fleet_tui.costs.observe import CostObserver
        from fleet_tui.deploy.digest import ConfigurationDigest
        from fleet_tui.deploy.failover import Failover
        from fleet_tui.deploy.secrets import Secrets
        from fleet_tui.deploy.statebucket import StateBuckets
        from fleet_tui.privacy.people import People
        from fleet_tui.streams.observe import StreamObserver

        door = AwsDoor(operator=settings.operator)
        buckets = StateBuckets(door, ConfigurationDigest(settings.workspace))

        def endpoint_of(creator: Creator) -> str | None:
            endpoint = buckets.outputs(creator).get("api_endpoint")
            return endpoint if isinstance(endpoint, str) else None

        return cls(
            door=door,
            buckets=buckets,
            streams=StreamObserver(door, is_close),
            bookings=BookingClient(door, endpoint_of),
            costs=CostObserver(
                door, settings.payer, kept_for=timedelta(minutes=settings.cost_refresh_minutes)
            ),
            secrets=Secrets(door),
            people=People(door),
            failover=Failover(door),
        )

    def close(self) -> None:
        """Close every connection."""
        self.bookings.close()
        self.door.close()

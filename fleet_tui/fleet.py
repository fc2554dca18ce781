"""The fleet as one object: what the console and the command line stand on.

Everything is put together here, and only here. What is expensive (boto3, httpx, the first connection)
is made when it is first needed, so that a command that only shows what is cached starts at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from fleet_tui.bookings.model import Booking
from fleet_tui.deploy.model import DeployStatus
from fleet_tui.observatory.agenda import PACES
from fleet_tui.observatory.model import Facet, FleetSnapshot
from fleet_tui.observatory.observatory import Listener, Observatory
from fleet_tui.observatory.store import Store
from fleet_tui.operations.journal import Journals, read_events
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
    from fleet_tui.deploy.secrets import Secret, Secrets
    from fleet_tui.deploy.statebucket import StateBuckets
    from fleet_tui.privacy.people import People
    from fleet_tui.streams.observe import StreamObserver

T = TypeVar("T")


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
            runs=self.journals.unfinished,
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
        """Whether this creator was never deployed, as far as was seen: its state bucket may be missing."""
        row = self.snapshot().rows.get(slug)
        deploy = row.deploy.value if row else None
        return deploy is not None and deploy.status is DeployStatus.NEVER_DEPLOYED and deploy.serial is None

    # -- operations ---------------------------------------------------------------------------------

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        """Start a plan. Raises FleetError."""
        target = OperationKind.BACKEND.value if create_backend else ""
        return self._start(OperationKind.PLAN, self._idle(slug), reason=reason, target=target)

    def apply(self, plan_id: str, *, reason: str = "") -> Run:
        """Start to apply exactly this plan.

        Raises:
            FleetError: the plan did not succeed, is empty, or something else is going on there.
        """
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
        creator = self._idle(plan.operation.slug)
        return self._start(
            OperationKind.APPLY, creator, reason=reason or plan.operation.reason, target=plan_id
        )

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop. Raises FleetError."""
        self._executor.cancel(run_id)

    def runs(self) -> Sequence[Run]:
        """All runs known on this machine, newest first."""
        return self.journals.all()

    def run_events(self, run_id: str, after: int = 0) -> Sequence[RunEvent]:
        """The journal of a run from the event after number `after`."""
        return read_events(self.journals.folder(run_id), after)

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
        going_on = self.journals.unfinished().get(slug)
        if going_on is not None:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"a {going_on.operation.kind.value} by {going_on.operation.operator} is going on",
                where=slug,
                hint=f"Wait for {going_on.id}, or cancel it",
            )
        return creator

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

    def _observe(self, facet: Facet, creator: Creator) -> Value:
        adapters = self._adapters
        match facet:
            case Facet.DEPLOY:
                return adapters.buckets.observe(creator)
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

    @classmethod
    def make(cls, settings: Settings, is_close: Callable[[str], bool]) -> _Adapters:
        from fleet_tui.aws import AwsDoor
        from fleet_tui.bookings.client import BookingClient
        from fleet_tui.costs.observe import CostObserver
        from fleet_tui.deploy.digest import ConfigurationDigest
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
        )

    def close(self) -> None:
        """Close every connection."""
        self.bookings.close()
        self.door.close()

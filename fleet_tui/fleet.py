"""The fleet as one object: what the console and the command line stand on.

Everything is put together here, and only here. What is expensive (boto3, httpx, the first connection)
is made when it is first needed, so that a command that only shows what is cached starts at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from fleet_tui.adapters import Adapters
from fleet_tui.costs.model import CostLine, Usage
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.agenda import PACES
from fleet_tui.observatory.model import Facet, FleetSnapshot
from fleet_tui.observatory.observatory import Listener, Observatory
from fleet_tui.observatory.store import Store
from fleet_tui.operations.at_once import AtOnce
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.model import OperationKind, Run, RunEvent
from fleet_tui.operations.runs import Runs
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator
from fleet_tui.registry.watching import RegistryFiles
from fleet_tui.settings import Settings
from fleet_tui.values import Value

if TYPE_CHECKING:
    from fleet_tui.actions.bookings import FleetBookings
    from fleet_tui.actions.failover import FleetFailover
    from fleet_tui.actions.people import FleetPeople
    from fleet_tui.actions.secrets import FleetSecrets
    from fleet_tui.frontend.frontends import Frontends
    from fleet_tui.onboarding.facade import Onboarding
    from fleet_tui.onboarding.model import SiteFact
    from fleet_tui.operations.history import Records
    from fleet_tui.operations.mending import Mending
    from fleet_tui.operations.model import PlanBasis
    from fleet_tui.operations.unlocking import Locks
    from fleet_tui.planning.book import Planning
    from fleet_tui.rollouts.hands import RolloutHands
    from fleet_tui.rollouts.rollouts import Rollouts
    from fleet_tui.statecare.care import Care
    from fleet_tui.streams.model import StreamHealth

_LOOK_SECONDS = 60.0  # at one creator's deploy state


class Fleet:
    """All creators, looked at and operated on. Satisfies the console's `FleetService`.

    Args:
        settings: where the workspace is and how this operator works.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._making = threading.Lock()
        self._made: Adapters | None = None
        self.journals = Journals(settings.state)
        self._executor = LocalExecutor(settings, self.journals)
        self._runs = Runs(self._executor, self.journals, self._creator)
        self._at_once = AtOnce(self._executor, self.journals, self.refresh)
        self._store = Store(settings.cache / "seen.sqlite3")
        self.observatory = Observatory(
            environment=settings.environment,
            read_registry=RegistryFiles(settings.creators).read,
            observers={facet: partial(self._observe, facet) for facet in Facet},
            store=self._store,
            runs=self._runs.unfinished,
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
        return not self._bucket_ready(self._creator(slug))

    # -- Terraform, creator by creator ----------------------------------------------------------------

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        """Start a plan. Raises FleetError."""
        target = OperationKind.BACKEND.value if create_backend else ""
        return self._runs.start_on_idle(OperationKind.PLAN, slug, reason=reason, target=target)

    def apply(self, plan_id: str, *, reason: str = "", wait: bool = False) -> Run:
        """Start to apply exactly this plan; `wait` for a lease that somebody else holds.

        Raises:
            FleetError: the plan did not succeed, is empty, or something else is going on there.
        """
        return self._runs.apply(plan_id, reason=reason, wait=wait)

    def plan_destroy(self, slug: str, *, reason: str = "") -> Run:
        """Start to plan the end of everything that a creator has. Raises FleetError."""
        target = OperationKind.DESTROY.value
        return self._runs.start_on_idle(OperationKind.PLAN, slug, reason=reason, target=target)

    def destroy(self, plan_id: str, *, reason: str = "", wait: bool = False) -> Run:
        """Start to destroy exactly what this plan says; otherwise as `apply`."""
        return self._runs.destroy(plan_id, reason=reason, wait=wait)

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop. Raises FleetError."""
        self._runs.cancel(run_id)

    def runs(self) -> Sequence[Run]:
        """All runs known on this machine, newest first."""
        return self._runs.all()

    def run(self, run_id: str) -> Run:
        """One run; where its process is gone another one takes it up. Raises FleetError."""
        return self._runs.get(run_id)

    def run_events(self, run_id: str, after: int = 0) -> Sequence[RunEvent]:
        """The journal of a run from the event after number `after`."""
        return self._runs.events(run_id, after)

    # -- many creators ------------------------------------------------------------------------------

    @cached_property
    def planning(self) -> Planning:
        """Plans of many creators: made in parallel, grouped, approved."""
        from fleet_tui.operations.staleness import basis_of
        from fleet_tui.planning.book import Planning

        def basis(creator: Creator) -> PlanBasis:
            return basis_of(self._adapters.buckets.observe(creator))

        def roll_out(plan_ids: Sequence[str], reason: str, approval: str) -> str:
            return self.rollouts.start(plan_ids, reason=reason, approval=approval).id

        return Planning(self.settings, self.journals, basis, roll_out)

    @cached_property
    def rollouts(self) -> Rollouts:
        """Plans applied to many creators, wave by wave."""
        from fleet_tui.rollouts.rollouts import Rollouts

        return Rollouts(self.settings, self.journals, self._creator, self.planning.approve)

    @property
    def rollout_hands(self) -> RolloutHands:
        """What the process of a rollout does to the creators."""
        from fleet_tui.rollouts.hands import RolloutHands

        return RolloutHands(
            self._runs,
            follow=self.observatory.follow_files,
            stale=self.planning.stale,
            stream=self._stream_now,
        )

    # -- what was applied, and who holds it ---------------------------------------------------------

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
                creator=self._creator,
                runs=self._runs,
                at_once=self._at_once,
                records=lambda: RecordBook(self._adapters.door),
                door=lambda: self._adapters.door,
            )
        )

    @cached_property
    def mending(self) -> Mending:
        """What broken runs have left: half made resources, states that are in no bucket."""
        from fleet_tui.operations.mending import Mending

        def look(slug: str) -> DeployState:
            return self._adapters.buckets.observe(self._creator(slug))

        return Mending(self.settings.cache / "work", self.settings.state, look, self._runs)

    @property
    def locks(self) -> Locks:
        """Who holds the creators: leases and Terraform's locks, shown and broken."""
        from fleet_tui.operations.unlocking import Locks

        return Locks(self._creator, lambda: self._adapters.door, self._runs)

    @property
    def records(self) -> Records:
        """What was done to the creators, by whomever: the records beside their states."""
        from fleet_tui.operations.history import Records

        return Records(
            self._creator,
            lambda: self._adapters.door,
            self.journals,
            read_only=self.settings.read_only,
        )

    # -- what takes a moment ------------------------------------------------------------------------

    @property
    def bookings(self) -> FleetBookings:
        """Decisions on sponsor bookings."""
        from fleet_tui.actions.bookings import FleetBookings

        return FleetBookings(self._creator, self._adapters.bookings, self._at_once)

    @property
    def secrets(self) -> FleetSecrets:
        """The secrets that the creators' functions read."""
        from fleet_tui.actions.secrets import FleetSecrets

        return FleetSecrets(self._creator, self._adapters.secrets, self._at_once)

    @property
    def failover(self) -> FleetFailover:
        """Which of a creator's two regions takes writes."""
        from fleet_tui.actions.failover import FleetFailover

        return FleetFailover(self._creator, self._adapters.failover, self._at_once)

    @property
    def people(self) -> FleetPeople:
        """What the creators' modules keep of a person."""
        from fleet_tui.actions.people import FleetPeople

        return FleetPeople(self._creator, self._adapters.people, self._at_once)

    # -- sites, and the way to being live -----------------------------------------------------------

    @cached_property
    def frontends(self) -> Frontends[Run]:
        """The creators' sites: built, deployed, rolled back."""
        from fleet_tui.frontend.frontends import Frontends

        def start(slug: str, reason: str, target: str) -> Run:
            return self._runs.start_on_idle(OperationKind.FRONTEND, slug, reason=reason, target=target)

        return Frontends(
            workspace=self.settings.workspace,
            creator=self._creator,
            door=self._adapters.door,
            outputs=self._adapters.buckets.outputs,
            start=start,
        )

    @cached_property
    def onboarding(self) -> Onboarding:
        """Bringing creators live."""
        from fleet_tui.onboarding.facade import Onboarding
        from fleet_tui.onboarding.hands import Hands

        def at_once(creator: Creator, what: str, deed: Callable[[], object], told: str) -> None:
            self._at_once(OperationKind.ONBOARD, creator, deed, lambda _: told, target=what)

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
            at_once=at_once,
            estimate=_planned_costs,
        )
        return Onboarding(self.settings, hands)

    # -- what the parts are given -------------------------------------------------------------------

    def _creator(self, slug: str) -> Creator:
        """The creator with this slug. Raises FleetError."""
        return self.observatory.creator(slug)

    def _bucket_ready(self, creator: Creator) -> bool:
        return self._adapters.buckets.ready(creator)

    def _observe(self, facet: Facet, creator: Creator) -> Value:
        adapters = self._adapters
        match facet:
            case Facet.DEPLOY:
                return self.mending.told(creator.slug, self._deploy_state(creator))
            case Facet.STREAM:
                return adapters.streams(creator)
            case Facet.BOOKINGS:
                return adapters.bookings.queue(creator)
            case Facet.COST:
                return adapters.costs(creator)

    def _deploy_state(self, creator: Creator) -> DeployState:
        """The deploy state, once a lease that a run of this machine has left is let go of."""
        from fleet_tui.operations.leftlease import let_go_of_left

        adapters = self._adapters
        state = adapters.buckets.observe(creator)
        if self.settings.read_only:
            return state
        try:
            left = let_go_of_left(adapters.door, self.journals, creator, state.lease)
        except FleetError:
            return state  # it is shown as it is, and the next look tries again
        return adapters.buckets.observe(creator) if left else state

    def _stream_now(self, slug: str) -> StreamHealth:
        """A creator's stream, even where creator.toml has none any more. Raises FleetError."""
        creator, adapters = self._creator(slug), self._adapters
        deployed = adapters.buckets.outputs(creator).get("channel_arn")
        return adapters.streams.look(creator) if deployed else adapters.streams(creator)

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

    @property
    def _adapters(self) -> Adapters:
        with self._making:
            if self._made is None:
                self._made = Adapters.make(self.settings, self.observatory.is_close)
            return self._made


def _planned_costs(creator: Creator) -> tuple[CostLine, ...]:
    """What a month costs by the price book alone: nothing has been used yet."""
    from fleet_tui.costs.estimate import estimate
    from fleet_tui.costs.pricebook import price_book

    return estimate(creator, Usage(), price_book(), datetime.now(UTC))

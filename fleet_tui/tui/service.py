"""What the screens need from the rest of the program; nothing more is known about it in here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from fleet_tui.bookings.model import Booking
from fleet_tui.costs.model import CostLine
from fleet_tui.deploy.drift import DriftReport
from fleet_tui.deploy.statediff import StateDifference
from fleet_tui.deploy.versions import StateVersion
from fleet_tui.frontend.model import SiteState, Told
from fleet_tui.observatory.model import FleetSnapshot
from fleet_tui.onboarding.mail_rules import ProductionRequest
from fleet_tui.onboarding.model import Identity, Journey, StepName
from fleet_tui.operations.mending import Leftovers
from fleet_tui.operations.model import Run, RunEvent
from fleet_tui.operations.unlocking import Holders, Shown
from fleet_tui.planning.batches import Batch, BatchProgress
from fleet_tui.registry.drafting import Draft
from fleet_tui.registry.model import Creator
from fleet_tui.rollouts.model import Rollout, RolloutEvent
from fleet_tui.statecare.model import Checked, Proposal

Listener = Callable[[FleetSnapshot, frozenset[str]], None]
"""Gets the new snapshot and the slugs whose rows differ from the one before. Called on any thread."""


class BookingsService(Protocol):
    """Decisions on bookings. Every method is blocking, and raises FleetError."""

    def approve(self, slug: str, booking: Booking) -> Booking:
        """Approve a pending booking; kind CONFLICT if somebody was first."""

    def reject(self, slug: str, booking: Booking, reason: str) -> Booking:
        """Reject a pending booking with a reason for the sponsor."""


class LocksService(Protocol):
    """Who holds the creators. Every method is blocking, and raises FleetError."""

    def look(self, slug: str) -> Holders:
        """Who holds this creator now."""

    def break_off(self, slug: str, shown: Shown, *, reason: str) -> Run:
        """Start to break what the operator was shown, and nothing else."""


class MendingService(Protocol):
    """What broken runs have left. Every method is blocking, and raises FleetError."""

    def leftovers(self, slug: str) -> Leftovers:
        """What there is at this creator now."""

    def take_as_is(self, slug: str, addresses: Sequence[str], *, reason: str = "") -> Run:
        """Start to take what is half made as it is."""

    def push_state(self, slug: str, *, reason: str = "") -> Run:
        """Start to push the states that are in no bucket yet."""


class OnboardingService(Protocol):
    """Bringing creators live. Every method is blocking, and raises FleetError."""

    def complaints(self, draft: Draft) -> Mapping[str, str]:
        """What is wrong with a draft, by field; empty where it can be written."""

    def suggestion(self, draft: Draft) -> Draft:
        """The draft with a proposal for each empty field that follows from the others."""

    def estimate(self, draft: Draft) -> tuple[CostLine, ...] | None:
        """What such a creator costs a month; None as long as its modules are not right."""

    def prove(self, draft: Draft) -> Identity:
        """Enter the draft's account and ask whose it is."""

    def add(self, draft: Draft) -> Creator:
        """Write the creator's file."""

    def journey(self, slug: str) -> Journey:
        """The eight steps as they are known, asking nobody."""

    def journeys(self) -> tuple[Journey, ...]:
        """Every creator who is not live yet."""

    def check(self, slug: str) -> Journey:
        """Look at everything that the steps rest on."""

    def request(self, slug: str) -> ProductionRequest:
        """What AWS is told when production access to SES is asked for."""

    def carry_out(self, slug: str, name: StepName, *, reason: str = "") -> Run | None:
        """Do what a step asks for; the run, or None where it is done already."""


class DriftService(Protocol):
    """What was changed behind Terraform's back. Every method is blocking, and raises FleetError."""

    def report(self, slug: str) -> DriftReport | None:
        """What the last check on this machine found, with values."""

    def check_all(self, slugs: Sequence[str]) -> Iterator[Checked]:
        """Look at these creators; each comes when its check has ended."""

    def proposal(self, slug: str, address: str) -> Proposal:
        """What accepting a drift into creator.toml would be."""

    def accept(self, slug: str, proposal: Proposal) -> None:
        """Take a drift into creator.toml."""

    def let_be(self, slug: str, address: str, *, until: datetime, reason: str) -> None:
        """Accept a drift for a while."""

    def take_back(self, slug: str, address: str) -> None:
        """End the acceptance of a drift before its time."""


class StateService(Protocol):
    """The states with their versions. Every method is blocking, and raises FleetError."""

    def versions(self, slug: str) -> Sequence[StateVersion]:
        """The newest versions, newest first."""

    def compare(self, slug: str, earlier: str, later: str) -> StateDifference:
        """What happened from one version to another one, by their ids."""

    def restore(self, slug: str, version: str, *, reason: str) -> Run:
        """Start to make an older version the newest."""


class CareService(Protocol):
    """Care for what was applied."""

    @property
    def drift(self) -> DriftService:
        """What was changed behind Terraform's back."""

    @property
    def states(self) -> StateService:
        """The states with their versions."""


class PlanningService(Protocol):
    """Plans of many creators. Every method is blocking, and raises FleetError."""

    def start(self, slugs: Collection[str], *, reason: str = "") -> Batch:
        """Start to plan these creators, in a process of its own."""

    def stop(self, batch_id: str) -> None:
        """Start nobody any more, and have the batch's runs stopped."""

    def newest(self) -> Batch | None:
        """The batch that was asked for last on this machine."""

    def progress(self, batch: Batch) -> BatchProgress:
        """How far a batch is."""

    def plans(self) -> Sequence[Run]:
        """The newest plan of every creator, unless it was applied since."""

    def stale_of(self, plan_ids: Sequence[str]) -> Mapping[str, str]:
        """Why plans must not be applied any more, by their ids; those that may are left out. Asks AWS."""

    def roll_out(self, plans: Sequence[Run], *, reason: str = "") -> str:
        """Approve these plans and start to apply exactly them; gives the id of the rollout."""


class SiteService(Protocol):
    """The creators' sites. Every method is blocking, and raises FleetError."""

    def status(self, slug: str) -> SiteState:
        """What visitors see, and whether that is what would be built now."""

    def history(self, slug: str) -> Sequence[Told]:
        """What visitors were led to, newest first."""

    def deploy(self, slug: str, reason: str = "", *, seen: str | None = None) -> Run:
        """Start to build the site and to bring it to its visitors, who see the release `seen`."""

    def rollback(self, slug: str, release: str = "", reason: str = "", *, seen: str | None = None) -> Run:
        """Start to lead visitors, who see the release `seen`, back to this one."""


class RolloutService(Protocol):
    """Plans applied to many creators, wave by wave. Every method is blocking, and raises FleetError."""

    def all(self) -> Sequence[Rollout]:
        """Every rollout known on this machine, newest first."""

    def get(self, rollout_id: str) -> Rollout:
        """One rollout."""

    def events(self, rollout_id: str, after: int = 0) -> Sequence[RolloutEvent]:
        """The journal of a rollout from the event after number `after`."""

    def pause(self, rollout_id: str) -> None:
        """Have nothing more started."""

    def go_on(self, rollout_id: str) -> None:
        """Go on after a pause, or try at once what is waited for."""

    def stop(self, rollout_id: str, *, now: bool = False) -> None:
        """Have nothing more started, and end; `now` interrupts what is under way."""

    def override(self, rollout_id: str, slug: str) -> None:
        """Have a creator applied though a stream may be on."""

    def approve(self, rollout_id: str, slugs: Sequence[str]) -> Rollout:
        """Approve the new plans of creators that have to be asked again."""

    def resume(self, rollout_id: str, slugs: Sequence[str] = ()) -> Rollout:
        """Go on with the failed and the unstarted, or with exactly these creators."""


class FleetService(Protocol):
    """The fleet, as the console uses it. Methods marked blocking are called from thread workers."""

    @property
    def environment(self) -> str:
        """Short name of the environment, such as `production`."""

    @property
    def operator(self) -> str:
        """Who is at the keyboard, `user@host`."""

    @property
    def read_only(self) -> bool:
        """Whether every action is refused (where it is executed, too)."""

    @property
    def bookings(self) -> BookingsService:
        """Decisions on bookings."""

    @property
    def mending(self) -> MendingService:
        """What broken runs have left."""

    @property
    def locks(self) -> LocksService:
        """Who holds the creators."""

    @property
    def care(self) -> CareService:
        """Drift, and the states with their versions."""

    @property
    def rollouts(self) -> RolloutService:
        """Plans applied to many creators, wave by wave."""

    @property
    def planning(self) -> PlanningService:
        """Plans of many creators."""

    @property
    def frontends(self) -> SiteService:
        """The creators' sites."""

    @property
    def onboarding(self) -> OnboardingService:
        """Bringing creators live."""

    def snapshot(self) -> FleetSnapshot:
        """The last known picture; at the first call it comes from disk."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every new snapshot; the result ends that."""

    def start(self) -> None:
        """Begin to look at the fleet, in threads."""

    def stop(self) -> None:
        """Stop looking and let go of every resource. Blocking, at most a few seconds."""

    def refresh(self, slugs: Collection[str] | None = None) -> None:
        """Look at these creators (None: all) now, all facets."""

    def look_closely(self, slug: str | None) -> None:
        """This creator is on the screen: look at its stream every few seconds, metrics included."""

    def needs_backend(self, slug: str) -> bool:
        """Whether this creator has no state bucket yet. Blocking, short. Raises FleetError."""

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        """Start a plan in a process of its own. Blocking, short. Raises FleetError."""

    def apply(self, plan_id: str, *, reason: str = "") -> Run:
        """Start to apply exactly this plan. Blocking, short. Raises FleetError."""

    def plan_destroy(self, slug: str, *, reason: str = "") -> Run:
        """Start to plan the end of everything that a creator has. Blocking, short. Raises FleetError."""

    def destroy(self, plan_id: str, *, reason: str = "") -> Run:
        """Start to destroy exactly what this plan says. Blocking, short. Raises FleetError."""

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop, with one SIGINT. Raises FleetError."""

    def runs(self) -> Sequence[Run]:
        """All runs known on this machine, newest first. Blocking, short."""

    def run_events(self, run_id: str, after: int = 0) -> Sequence[RunEvent]:
        """The journal of a run from the event after number `after`. Blocking, short."""

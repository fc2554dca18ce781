"""A rollout: what was asked for, where each creator stands, and what happens to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleet_tui.operations.model import PlanSummary, Run
from fleet_tui.problems import Problem
from fleet_tui.registry.model import Wave
from fleet_tui.values import Moment, Value

WAVES = (Wave.CANARY, Wave.EARLY, Wave.GENERAL)
"""The waves in the order in which they go."""


class RolloutStatus(StrEnum):
    """Where a rollout is."""

    RUNNING = "running"
    PAUSED = "paused"  # nothing more is started until somebody says so
    STOPPING = "stopping"  # nothing more is started; what is going on comes to its end
    SUCCEEDED = "succeeded"
    INCOMPLETE = "incomplete"  # done with all it may do by itself; some creators want a person
    STOPPED = "stopped"
    LOST = "lost"  # its process is gone and it never said how it ended


ENDED = frozenset(
    {RolloutStatus.SUCCEEDED, RolloutStatus.INCOMPLETE, RolloutStatus.STOPPED, RolloutStatus.LOST}
)


class MemberStatus(StrEnum):
    """Where a creator is in a rollout. Cancelled is not failed."""

    TO_DO = "to_do"
    PUT_BACK = "put_back"  # is live, or nobody can say; goes on when the stream has ended
    REPLANNING = "replanning"  # its plan had become stale
    TO_ASK = "to_ask"  # the new plan is another one than was approved
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = frozenset({MemberStatus.APPLYING, MemberStatus.REPLANNING})
UNSTARTED = frozenset({MemberStatus.TO_DO, MemberStatus.PUT_BACK})
OVER = frozenset({MemberStatus.APPLIED, MemberStatus.FAILED, MemberStatus.CANCELLED})


class StreamState(StrEnum):
    """A stream, as far as a rollout asks."""

    OFF = "off"
    WELL = "well"
    UNWELL = "unwell"
    FAILING = "failing"  # something is badly wrong, or the encoder was lost
    UNKNOWN = "unknown"


class Look(Value):
    """One look at a creator's stream.

    Args:
        since: when this state was first seen, without another one in between.
        text: what was seen, in words that stay the same while it does.
        unwell: what is not well about it, in the words of this moment.
    """

    at: Moment
    since: Moment
    state: StreamState
    text: str = ""
    unwell: str = ""

    @property
    def may_be_live(self) -> bool:
        """Whether an apply could hit a stream that is on; what is unknown may be."""
        return self.state is not StreamState.OFF


class Check(Value):
    """What was found right before a creator's turn.

    Args:
        plan_id: the plan that was looked at.
        stale: why the plan can no longer be applied; empty where it can.
        busy: what else is going on at this creator; empty where nothing is.
        problem: why the rest could not be found out.
    """

    at: Moment
    plan_id: str
    stream: Look
    stale: str = ""
    busy: str = ""
    problem: Problem | None = None


class Policy(Value):
    """How a rollout goes.

    Args:
        parallel: how many creators at once.
        healthy_minutes: how long a wave has to be healthy before the next one starts.
        max_failed_share: 0 to 1; when more of a wave than this fails, the rollout stops.
    """

    parallel: int
    healthy_minutes: float
    max_failed_share: float


class Target(Value):
    """A creator that a rollout is for, with the plan that was approved."""

    slug: str
    wave: Wave
    account_id: str
    plan_id: str


class RolloutRequest(Value):
    """What somebody asked for.

    Args:
        id: sortable by time, unique: also the name of its folder.
        operator: who asked, `user@host`.
        approval: the id of the approval that the plans were given.
    """

    id: str
    operator: str
    reason: str = ""
    approval: str
    requested_at: Moment
    policy: Policy
    targets: tuple[Target, ...]


class Member(Value):
    """A creator in a rollout.

    Args:
        plan_id: the plan whose turn it is.
        approved_plan_id: the plan that was approved for this creator; differs after planning anew.
        approval: the id of the approval that it was given by.
        since: when it came to this status.
        run_id: the run that is going on, or the last one.
        run_ids: every run of this rollout on it, oldest first.
        cause: what it waits for, or why it came to this status.
        attempts: how often something that passes was in the way of this creator alone, one after another.
        again_at: not before this moment.
        overridden: an operator wants it applied though it may be live.
        interrupted: its run was sent the one SIGINT.
        before: its stream right before the apply; None where that was before somebody resumed.
        ended_at: when its last run ended.
    """

    slug: str
    wave: Wave
    account_id: str
    plan_id: str
    approved_plan_id: str
    approval: str
    status: MemberStatus = MemberStatus.TO_DO
    since: Moment
    run_id: str = ""
    run_ids: tuple[str, ...] = ()
    cause: str = ""
    problem: Problem | None = None
    attempts: int = 0
    again_at: Moment | None = None
    overridden: bool = False
    interrupted: bool = False
    before: Look | None = None
    ended_at: Moment | None = None


class Trouble(Value):
    """Why nothing is started for a while, though nobody has failed.

    Args:
        cause: what is in the way, as a sentence.
        count: how often one after another.
        again_at: when it is tried with one creator; None while it lasts.
    """

    cause: str
    since: Moment
    count: int = 1
    again_at: Moment | None = None


class ControlKind(StrEnum):
    """What an operator may tell a rollout."""

    PAUSE = "pause"
    GO_ON = "go_on"
    STOP = "stop"
    OVERRIDE = "override"
    APPROVE = "approve"


class Control(Value):
    """One thing that an operator told a rollout.

    Args:
        slug: the creator that is meant, for OVERRIDE and APPROVE.
        plan_id: the plan that is approved, for APPROVE.
        approval: the id of that approval, for APPROVE.
        now: runs are interrupted, too, for STOP.
    """

    at: Moment
    operator: str
    kind: ControlKind
    slug: str = ""
    plan_id: str = ""
    approval: str = ""
    now: bool = False


class RolloutEventKind(StrEnum):
    """What a line of a rollout's journal is."""

    REQUESTED = "requested"
    BEGUN = "begun"
    RESUMED = "resumed"
    TOLD = "told"  # a control was taken
    WAVE = "wave"
    MEMBER = "member"
    TROUBLE = "trouble"
    STATUS = "status"
    LOG = "log"
    FINISHED = "finished"


class RolloutEvent(Value):
    """One line of a rollout's journal.

    Args:
        seq: 1, 2, 3 … within the rollout.
        request: for REQUESTED.
        wave: the wave that is open from here on, for WAVE.
        member: the whole creator as it is from here on, for MEMBER.
        status: for STATUS and FINISHED.
        trouble: for TROUBLE; None: it is over.
        control: for TOLD.
        slugs: the creators that are tried again, for RESUMED.
        alone: nobody else is begun, for RESUMED.
        operator: who resumed, for RESUMED.
        told: how many controls were left for the process before; they are not taken any more, for RESUMED.
        pid: the process that carries it out, for BEGUN.
        now: runs are interrupted, for STATUS stopping.
    """

    seq: int
    at: Moment
    kind: RolloutEventKind
    text: str = ""
    severity: str = "info"  # info, warning, error
    request: RolloutRequest | None = None
    wave: Wave | None = None
    member: Member | None = None
    status: RolloutStatus | None = None
    trouble: Trouble | None = None
    control: Control | None = None
    slugs: tuple[str, ...] = ()
    alone: bool = False
    operator: str = ""
    told: int = 0
    pid: int | None = None
    now: bool = False


class Rollout(Value):
    """A rollout as its journal tells it.

    Args:
        members: by wave, then by slug.
        opened: the waves that have begun.
        only: whoever resumed it wants exactly these creators applied; empty: all.
        cause: why it is paused, stopping or ended; empty where all is well.
        interrupting: stopping at once, runs included.
        told: how many controls were taken.
        legs: how often a process has begun to carry it out.
    """

    request: RolloutRequest
    status: RolloutStatus = RolloutStatus.RUNNING
    members: tuple[Member, ...]
    opened: tuple[Wave, ...] = ()
    only: tuple[str, ...] = ()
    cause: str = ""
    trouble: Trouble | None = None
    interrupting: bool = False
    told: int = 0
    legs: int = 0
    pid: int | None = None
    finished_at: Moment | None = None

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id

    @property
    def ended(self) -> bool:
        """Whether nothing more happens unless somebody resumes it."""
        return self.status in ENDED

    def member(self, slug: str) -> Member | None:
        """The creator with this slug, or None."""
        return next((member for member in self.members if member.slug == slug), None)

    def of_wave(self, wave: Wave) -> tuple[Member, ...]:
        """The creators of a wave."""
        return tuple(member for member in self.members if member.wave is wave)

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The waves that have creators, in their order."""
        return tuple(wave for wave in WAVES if self.of_wave(wave))

    def takes_part(self, member: Member) -> bool:
        """Whether this creator is one of those whom the rollout goes on with."""
        return not self.only or member.slug in self.only or member.status in ACTIVE

    @property
    def active(self) -> tuple[Member, ...]:
        """The creators at which something is going on."""
        return tuple(member for member in self.members if member.status in ACTIVE)


@dataclass(frozen=True, slots=True)
class Observations:
    """What is known beside the journal.

    Args:
        checks: the newest check of each creator whose turn may be near.
        runs: the runs of active creators by id; None where no such run was ever begun.
        plans: what plans would do, by id; None where that is no longer known.
        streams: the newest look at the stream of each creator that is watched.
        baselines: the first look of this leg at the stream of each creator that was not applied in it.
    """

    checks: Mapping[str, Check] = field(default_factory=dict)
    runs: Mapping[str, Run | None] = field(default_factory=dict)
    plans: Mapping[str, PlanSummary | None] = field(default_factory=dict)
    streams: Mapping[str, Look] = field(default_factory=dict)
    baselines: Mapping[str, Look] = field(default_factory=dict)

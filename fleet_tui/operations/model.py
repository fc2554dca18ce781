"""An operation, what happens to it, and what a plan would change."""

from __future__ import annotations

from enum import StrEnum

from fleet_tui.problems import Problem
from fleet_tui.values import Moment, Value


class OperationKind(StrEnum):
    """What is done."""

    BACKEND = "backend"  # make the state bucket
    PLAN = "plan"
    APPLY = "apply"
    DESTROY = "destroy"
    DRIFT = "drift"  # look for what was changed behind Terraform's back
    UNLOCK = "unlock"  # break Terraform's lock, or our lease
    REPAIR = "repair"  # have what is half made replaced, or take it as it is
    PUSH = "push"  # push a state that could not be written back into the bucket
    RESTORE = "restore"  # make an older version of the state the newest
    FRONTEND = "frontend"  # bring the site's files to its bucket
    ONBOARD = "onboard"  # a step of bringing a creator live
    APPROVE = "approve"
    REJECT = "reject"
    FILL = "fill"  # put a value into a secret
    EXPORT = "export"  # hand out what is kept of a person
    ERASE = "erase"  # erase what is kept of a person


class RunStatus(StrEnum):
    """Where a run is. Cancelled is not failed."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"  # its process is gone and it never said how it ended


FINISHED = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.LOST})


class Action(StrEnum):
    """What a plan does to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"


class ResourceChange(Value):
    """One line of a plan."""

    address: str
    type: str
    action: Action
    changed: tuple[str, ...] = ()  # attribute names, never values


class RiskLevel(StrEnum):
    """How carefully a plan wants to be read."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"
    DESTRUCTIVE = "destructive"


class Risk(Value):
    """The risk of a plan, with reasons such as `replaces aws_dynamodb_table.sponsors: data is lost`."""

    level: RiskLevel
    reasons: tuple[str, ...] = ()


class PlanSummary(Value):
    """What a plan would do; holds names, never values."""

    add: int = 0
    change: int = 0
    destroy: int = 0
    changes: tuple[ResourceChange, ...] = ()
    drift: tuple[str, ...] = ()
    outputs_changed: bool = False
    risk: Risk = Risk(level=RiskLevel.NONE)
    fingerprint: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to apply."""
        return not self.changes and not self.outputs_changed


class Operation(Value):
    """What somebody asked for.

    Args:
        id: sortable by time, unique: also the name of its journal.
        target: for apply, the id of the plan; for approve and reject, the booking's id.
        operator: who asked, `user@host`.
    """

    id: str
    kind: OperationKind
    slug: str
    account_id: str
    operator: str
    reason: str = ""
    target: str = ""
    requested_at: Moment


class EventKind(StrEnum):
    """What a line of a journal is."""

    REQUESTED = "requested"
    STARTED = "started"
    LOG = "log"
    PROGRESS = "progress"
    PLANNED = "planned"
    FINISHED = "finished"


class RunEvent(Value):
    """One line of a run's journal.

    Args:
        seq: 1, 2, 3 … within the run.
        done, total: resources done and to do, for PROGRESS.
        pid: the process that carries the run out, for STARTED.
    """

    seq: int
    at: Moment
    kind: EventKind
    text: str = ""
    severity: str = "info"  # info, warning, error
    done: int | None = None
    total: int | None = None
    pid: int | None = None
    status: RunStatus | None = None
    plan: PlanSummary | None = None
    problem: Problem | None = None
    operation: Operation | None = None


class Run(Value):
    """A run as its journal tells it."""

    operation: Operation
    status: RunStatus
    started_at: Moment | None = None
    finished_at: Moment | None = None
    done: int = 0
    total: int = 0
    pid: int | None = None
    last_text: str = ""
    plan: PlanSummary | None = None
    problem: Problem | None = None

    @property
    def id(self) -> str:
        """The operation's id."""
        return self.operation.id

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in FINISHED

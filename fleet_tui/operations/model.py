"""An operation, what happens to it, and what a plan would change."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from fleet_tui.costs.model import Confidence
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
    ACCEPT = "accept"  # take what is there for right: a drift, or a state
    APPROVE = "approve"
    REJECT = "reject"
    FAILOVER = "failover"  # have another region take the writes
    FILL = "fill"  # put a value into a secret
    EXPORT = "export"  # hand out what is kept of a person, or a state
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
    IMPORT = "import"  # takes what exists in the account into the state, and leaves it as it is


class ResourceChange(Value):
    """One line of a plan; names, never values.

    Args:
        changed: names of the attributes that get another value.
        replaced_for: names of those whose new value makes a replacement necessary.
        because: why Terraform does it, in its own word, such as `replace_because_tainted`; empty where it is
            the configuration.
        imported: it exists in the account, and is taken into the state.
    """

    address: str
    type: str
    action: Action
    changed: tuple[str, ...] = ()
    replaced_for: tuple[str, ...] = ()
    because: str = ""
    imported: bool = False


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


class CostDelta(Value):
    """What a plan adds to a creator's month, in US dollars; less where it is negative.

    Args:
        fixed: of what is made and removed, when nothing happens.
        usage: of the modules that come and go, with the planning figures of the price book.
        lines: how the figures came to be: `+$0.50 aws_route53_zone`.
        unknown: types of what is made or removed that the price book does not know.
    """

    fixed: Decimal = Decimal(0)
    usage: Decimal = Decimal(0)
    confidence: Confidence
    lines: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def monthly(self) -> Decimal:
        """Fixed and usage."""
        return self.fixed + self.usage


class PlanBasis(Value):
    """What a plan was made from: where any of it is another one later, the plan is stale.

    Args:
        configuration: the digest of the creator's configuration.
        serial, lineage: of the state; None where there was none.
    """

    configuration: str
    serial: int | None = None
    lineage: str | None = None


class PlanSummary(Value):
    """What a plan would do; holds names, never values.

    Args:
        fingerprint: equal for plans that change the same in the same way, whichever creator they are for.
        digest: equal for plans of one creator from one configuration that do the same.
        cost: None where it could not be told.
    """

    add: int = 0
    change: int = 0
    destroy: int = 0
    changes: tuple[ResourceChange, ...] = ()
    drift: tuple[str, ...] = ()
    outputs_changed: bool = False
    risk: Risk = Risk(level=RiskLevel.NONE)
    fingerprint: str = ""
    digest: str = ""
    cost: CostDelta | None = None
    basis: PlanBasis | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to apply."""
        return not self.changes and not self.outputs_changed


class Operation(Value):
    """What somebody asked for.

    Args:
        id: sortable by time, unique: also the name of its journal.
        target: for apply and destroy, the id of the plan; for plan, `backend` where the state bucket is to be
            made, `destroy` where everything is to be destroyed; for approve and reject, the booking's id.
        operator: who asked, `user@host`.
        approval: for apply, the id of the approval that the plan was approved by, as one of several.
        wait: wait for a lease that somebody else holds, instead of giving up.
        rollout: the id of the rollout that asked for it, as one of several.
    """

    id: str
    kind: OperationKind
    slug: str
    account_id: str
    operator: str
    reason: str = ""
    target: str = ""
    approval: str = ""
    wait: bool = False
    rollout: str = ""
    requested_at: Moment

    @property
    def destroys(self) -> bool:
        """Whether it destroys everything of a creator, or plans to."""
        planned = self.kind is OperationKind.PLAN and self.target == OperationKind.DESTROY
        return planned or self.kind is OperationKind.DESTROY


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

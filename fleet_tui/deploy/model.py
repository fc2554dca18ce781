"""What is known about a creator's infrastructure."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, JsonValue

from fleet_tui.deploy.drift import Drift
from fleet_tui.deploy.lease import SeenLease
from fleet_tui.deploy.records import RunEntry, RunFacts, StateMark
from fleet_tui.values import Moment, Value


class DeployStatus(StrEnum):
    """One word for the state of a creator's infrastructure. Unreachable is a problem, not a status."""

    NEVER_DEPLOYED = "never_deployed"
    DEPLOYING = "deploying"
    UP_TO_DATE = "up_to_date"
    OUT_OF_DATE = "out_of_date"
    DRIFTED = "drifted"
    LOCKED = "locked"
    FAILED = "failed"


class Lock(Value):
    """Terraform's lock on the state, as the S3 backend writes it beside the state object."""

    id: str
    operation: str
    who: str
    created: Moment
    info: str = ""


class LastRun(Value):
    """The newest run record beside the state: how the last apply or destroy in this account ended.

    Args:
        outcome: how it ended, or that it has not.
        settled_at: when a plan found, after a run that did not succeed, that nothing was left to do.
    """

    run_id: str
    kind: str
    outcome: str = Field(description="succeeded, failed, cancelled, lost or running")
    operator: str
    started_at: Moment
    finished_at: Moment | None = None
    summary: str = ""
    settled_at: Moment | None = None

    @property
    def left_open(self) -> bool:
        """Whether it did not succeed, and what it left has not been finished since."""
        return self.outcome != "succeeded" and self.settled_at is None


class RunRecord(Value):
    """The object `fleet/record.json` beside the state: what the state itself does not tell.

    Args:
        last_run: the newest apply or destroy.
        drift: what was found changed behind Terraform's back.
        state: the state as it was seen last, so that another one in its place is noticed.
        given_up: lineages of states that an operator has given up for another one.
        writing: the run that writes now, or that was cut off and has not been recorded yet.
        newest: the last record of the chain; all of it, so that one writing both ends a run and extends it.
    """

    last_run: LastRun | None = None
    drift: Drift | None = None
    state: StateMark | None = None
    given_up: tuple[str, ...] = ()
    writing: RunFacts | None = None
    newest: RunEntry | None = None


class DeployState(Value):
    """Deploy state of one creator, read from the state object, its lock and the run record.

    Args:
        status: one word.
        reason: one short phrase for a person, such as `locked by ana@ops since 14:03`.
        since: when this status began, as far as it is known.
        lease: who may write there, where somebody may; None where it is free.
        resources: how many resource instances the state holds.
        tainted: addresses of those that were made in part.
        deposed: addresses of those that were replaced, and whose old object could not be removed.
        protected: addresses of what holds data and is kept from being destroyed.
        addresses: of all of them.
        unsaved: how many states of this creator wait on this machine to be pushed into the bucket.
        outputs: the state's outputs, sensitive ones left out.
    """

    status: DeployStatus
    reason: str = ""
    since: Moment | None = None
    resources: int = 0
    serial: int | None = None
    lineage: str | None = None
    terraform_version: str | None = None
    applied_digest: str | None = None
    wanted_digest: str | None = None
    applied_at: Moment | None = None
    lock: Lock | None = None
    lease: SeenLease | None = None
    drift: Drift | None = None
    last_run: LastRun | None = None
    tainted: tuple[str, ...] = ()
    deposed: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    unsaved: int = 0
    outputs: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def outdated(self) -> bool:
        """Whether the configuration has changed since it was applied; a status of more weight may hide it."""
        return self.resources > 0 and self.applied_digest != self.wanted_digest

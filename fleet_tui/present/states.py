"""A glyph, a word and a tone for every state, so that no state is told by colour alone."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from fleet_tui.bookings.model import BookingStatus, CreativeState
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.deploy.modules import ModuleStatus
from fleet_tui.operations.model import Action, OperationKind, RiskLevel, Run, RunStatus
from fleet_tui.present.line import Line, Span, Tone, width_of
from fleet_tui.present.quantity import age
from fleet_tui.problems import TRANSIENT, Problem, ProblemKind
from fleet_tui.streams.model import Severity, StreamHealth, StreamStatus

CACHED_MARK = "~"
STALE_MARK = "⚠"


class Badge(NamedTuple):
    """A state as it is shown: `✓ up to date`."""

    glyph: str
    word: str
    tone: Tone

    @property
    def line(self) -> Line:
        """Glyph and word."""
        return (Span(f"{self.glyph} {self.word}", self.tone),)


UNSEEN = Badge("–", "unknown", Tone.QUIET)

_DEPLOY = {
    DeployStatus.NEVER_DEPLOYED: Badge("○", "never deployed", Tone.QUIET),
    DeployStatus.DEPLOYING: Badge("↻", "deploying", Tone.STRONG),
    DeployStatus.UP_TO_DATE: Badge("✓", "up to date", Tone.PLAIN),
    DeployStatus.OUT_OF_DATE: Badge("↑", "out of date", Tone.CAUTION),
    DeployStatus.DRIFTED: Badge("≠", "drifted", Tone.CAUTION),
    DeployStatus.LOCKED: Badge("⊘", "locked", Tone.CAUTION),
    DeployStatus.FAILED: Badge("✗", "failed", Tone.TROUBLE),
}

# Said by the longest that fits.
_DRIFTED_AND_OUTDATED = (
    ("drifted", "out of date"),
    ("drifted", "outdated"),
    ("drifted", "old"),
    ("drift", "old"),
)

_MODULE = {
    ModuleStatus.UNKNOWN: UNSEEN,
    ModuleStatus.OFF: Badge("·", "off", Tone.QUIET),
    ModuleStatus.TO_MAKE: Badge("+", "to be made", Tone.PLAIN),
    ModuleStatus.UP: Badge("✓", "up", Tone.PLAIN),
    ModuleStatus.UNPROVEN: Badge("–", "unproven", Tone.QUIET),
    ModuleStatus.INCOMPLETE: Badge("◐", "incomplete", Tone.CAUTION),
    ModuleStatus.TO_REMOVE: Badge("×", "to be removed", Tone.CAUTION),
}

_STREAM = {
    StreamStatus.NO_CHANNEL: Badge("·", "no channel", Tone.QUIET),
    StreamStatus.OFFLINE: Badge("○", "offline", Tone.QUIET),
    StreamStatus.LIVE: Badge("●", "live", Tone.STRONG),
    StreamStatus.UNWELL: Badge("◐", "unwell", Tone.CAUTION),
}

_DOING = {
    OperationKind.BACKEND: "making bucket",
    OperationKind.PLAN: "planning",
    OperationKind.APPLY: "applying",
    OperationKind.DESTROY: "destroying",
    OperationKind.APPROVE: "approving",
    OperationKind.REJECT: "rejecting",
    OperationKind.FAILOVER: "changing regions",
    OperationKind.FILL: "filling a secret",
    OperationKind.EXPORT: "handing out data",
    OperationKind.ERASE: "erasing a person",
    OperationKind.DRIFT: "looking for drift",
    OperationKind.UNLOCK: "breaking a lock",
    OperationKind.REPAIR: "repairing",
    OperationKind.PUSH: "pushing a state",
    OperationKind.RESTORE: "restoring a state",
    OperationKind.FRONTEND: "deploying the site",
    OperationKind.ONBOARD: "bringing live",
    OperationKind.ACCEPT: "accepting",
}

_PROBLEM_WORDS = {
    ProblemKind.CONFIGURATION: "bad settings",
    ProblemKind.CREDENTIALS: "no credentials",
    ProblemKind.DENIED: "access denied",
    ProblemKind.WRONG_ACCOUNT: "wrong account",
    ProblemKind.NETWORK: "no answer",
    ProblemKind.THROTTLED: "throttled",
    ProblemKind.NOT_FOUND: "not found",
    ProblemKind.CONFLICT: "conflict",
    ProblemKind.STALE: "stale",
    ProblemKind.BUSY: "busy",
    ProblemKind.MISSING_TOOL: "tool missing",
    ProblemKind.MACHINE: "machine error",
    ProblemKind.TERRAFORM: "terraform error",
    ProblemKind.SERVICE: "service error",
    ProblemKind.UNEXPECTED: "error",
}

_RUN = {
    RunStatus.QUEUED: Badge("…", "queued", Tone.PLAIN),
    RunStatus.RUNNING: Badge("↻", "running", Tone.STRONG),
    RunStatus.SUCCEEDED: Badge("✓", "succeeded", Tone.PLAIN),
    RunStatus.FAILED: Badge("✗", "failed", Tone.TROUBLE),
    RunStatus.CANCELLED: Badge("⊘", "cancelled", Tone.QUIET),
    RunStatus.LOST: Badge("⚠", "lost", Tone.CAUTION),
}

_BOOKING = {
    BookingStatus.PENDING: Badge("⚑", "pending", Tone.WAITING),
    BookingStatus.APPROVED: Badge("✓", "approved", Tone.PLAIN),
    BookingStatus.REJECTED: Badge("✗", "rejected", Tone.QUIET),
    BookingStatus.ACTIVE: Badge("●", "active", Tone.PLAIN),
    BookingStatus.COMPLETED: Badge("○", "completed", Tone.QUIET),
    BookingStatus.CANCELLED: Badge("⊘", "cancelled", Tone.QUIET),
    BookingStatus.REFUNDED: Badge("↩", "refunded", Tone.QUIET),
}

_CREATIVE = {
    CreativeState.MISSING: Badge("?", "missing", Tone.CAUTION),
    CreativeState.CHECKING: Badge("…", "being checked", Tone.PLAIN),
    CreativeState.READY: Badge("✓", "ready", Tone.PLAIN),
    CreativeState.REFUSED: Badge("✗", "refused", Tone.CAUTION),
}

_RISK = {
    RiskLevel.NONE: Badge("✓", "no risk", Tone.PLAIN),
    RiskLevel.LOW: Badge("✓", "low risk", Tone.PLAIN),
    RiskLevel.HIGH: Badge("⚠", "high risk", Tone.CAUTION),
    RiskLevel.DESTRUCTIVE: Badge("✗", "destroys data", Tone.TROUBLE),
}

_ACTION = {
    Action.CREATE: Badge("+", "create", Tone.PLAIN),
    Action.UPDATE: Badge("~", "change", Tone.PLAIN),
    Action.REPLACE: Badge("±", "replace", Tone.CAUTION),
    Action.DELETE: Badge("-", "destroy", Tone.TROUBLE),
    Action.READ: Badge("←", "read", Tone.QUIET),
    Action.IMPORT: Badge("→", "take in", Tone.PLAIN),
}

SEVERITY_TONE = {Severity.AMBER: Tone.CAUTION, Severity.RED: Tone.TROUBLE}


def deploy_badge(state: DeployState, now: datetime) -> Badge:
    """The deploy state; drift is counted, a lock is named with its holder and age."""
    badge = _DEPLOY[state.status]
    if state.status is DeployStatus.DRIFTED and state.drift:
        return badge._replace(word=f"drifted {len(state.drift.open(now))}")
    if state.status is DeployStatus.LOCKED and state.lock:
        holder = state.lock.who.split("@", 1)[0]
        return badge._replace(word=f"locked by {holder} {age(state.lock.created, now, short=True)}")
    return badge


def deploy_line(state: DeployState, now: datetime, width: int) -> Line:
    """The deploy state in `width` cells where it can be; what has drifted may be out of date as well."""
    if state.status is not DeployStatus.DRIFTED or not state.drift or not state.outdated:
        return deploy_badge(state, now).line
    drifted, outdated = _DEPLOY[DeployStatus.DRIFTED], _DEPLOY[DeployStatus.OUT_OF_DATE]
    number = len(state.drift.open(now))
    lines = [
        (*drifted._replace(word=f"{first} {number} ").line, *outdated._replace(word=second).line)
        for first, second in _DRIFTED_AND_OUTDATED
    ]
    return next((found for found in lines if width_of(found) <= width), lines[-1])


def doing_badge(run: Run) -> Badge:
    """An unfinished run: `↻ applying 34/61`."""
    if run.status is RunStatus.QUEUED:
        return Badge("…", f"{run.operation.kind} queued", Tone.PLAIN)
    progress = f" {run.done}/{run.total}" if run.total else ""
    return Badge("↻", f"{_DOING[run.operation.kind]}{progress}", Tone.STRONG)


def stream_badge(health: StreamHealth) -> Badge:
    """The stream state; an unwell stream takes the tone of its worst finding."""
    badge = _STREAM[health.status]
    return badge._replace(tone=SEVERITY_TONE[health.worst]) if health.worst else badge


def deploy_status_badge(status: DeployStatus) -> Badge:
    """A deploy status without a creator."""
    return _DEPLOY[status]


def module_badge(status: ModuleStatus) -> Badge:
    """What a module is like."""
    return _MODULE[status]


def stream_status_badge(status: StreamStatus) -> Badge:
    """A stream status without a creator."""
    return _STREAM[status]


def problem_badge(problem: Problem) -> Badge:
    """Why a look failed, in one or two words."""
    tone = Tone.CAUTION if problem.kind in TRANSIENT else Tone.TROUBLE
    return Badge("!", _PROBLEM_WORDS[problem.kind], tone)


def run_badge(status: RunStatus) -> Badge:
    """Where a run is."""
    return _RUN[status]


def booking_badge(status: BookingStatus) -> Badge:
    """Where a booking is."""
    return _BOOKING[status]


def creative_badge(state: CreativeState) -> Badge:
    """Where a booking's picture is."""
    return _CREATIVE[state]


def risk_badge(level: RiskLevel) -> Badge:
    """How carefully a plan wants to be read."""
    return _RISK[level]


def action_badge(action: Action) -> Badge:
    """What a plan does to a resource."""
    return _ACTION[action]

"""Whether a creator needs a person, and how urgently: the rule behind "worst first".

What a person cannot do anything about is left out: a look that failed in passing is tried again by
itself, and counts only once the last good look has become too old.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fleet_tui.deploy.drift import Drift, DriftClass
from fleet_tui.deploy.model import DeployStatus
from fleet_tui.observatory.model import CreatorSnapshot, Facet, Observation
from fleet_tui.problems import ProblemKind
from fleet_tui.streams.model import Severity, StreamStatus

LOCK_TOO_LONG = timedelta(minutes=30)
"""An apply of one creator is a matter of minutes; a lock that is older than half an hour has most likely
been left behind by a run that died, and blocks every other run."""

APPROVAL_TOO_LONG = timedelta(hours=24)
"""Every operator's shift has been past it once; it has been overlooked."""

APPROVAL_WORST = timedelta(days=7)
"""From here on waiting longer makes it no more urgent."""

# Points. A red reason outweighs all the amber ones that a row can have at the same time.
_RED = 1000.0

_UNWELL_RED = _RED + 600  # an audience is watching it happen
_WRONG_ACCOUNT = _RED + 500  # the next action could reach another creator's account
_DEPLOY_FAILED = _RED + 300  # half of a change may be in place
_INVALID_FILE = _RED + 200  # nothing can be seen or done until it is corrected
_LOCKED_OUT = _RED + 100  # the creator cannot be seen, and nobody else will notice
_OVERSPENT = _RED  # the money is gone
_UNWELL_AMBER = 100.0
_DRIFTED = 60.0
_LOCKED = 70.0
_OTHER_PROBLEM = 50.0
_OVER_BUDGET = 40.0
_APPROVAL = (30.0, 90.0)  # at APPROVAL_TOO_LONG and at APPROVAL_WORST
_STALE_LIVE = 80.0  # live when last seen, and not seen since
_STALE = 20.0

_PROBLEMS = {
    ProblemKind.WRONG_ACCOUNT: _WRONG_ACCOUNT,
    ProblemKind.CREDENTIALS: _LOCKED_OUT,
    ProblemKind.DENIED: _LOCKED_OUT,
}


@dataclass(frozen=True, slots=True)
class Attention:
    """Why a creator needs a person.

    Args:
        score: higher is worse; 1,000 and more is red.
        level: red if any reason is.
        reasons: at least one phrase in plain words, the worst first.
    """

    score: float
    level: Severity
    reasons: tuple[str, ...]


def attention(snapshot: CreatorSnapshot, now: datetime) -> Attention | None:
    """Whether this row needs a person.

    Args:
        snapshot: what is known about the creator.
        now: the present, for ages.

    Returns:
        What is wrong, or None where nothing known wants a person.
    """
    found = sorted(_reasons(snapshot, now), key=lambda pair: -pair[0])
    if not found:
        return None
    score = sum(points for points, _ in found)
    level = Severity.RED if found[0][0] >= _RED else Severity.AMBER
    return Attention(score=score, level=level, reasons=tuple(reason for _, reason in found))


def _reasons(snapshot: CreatorSnapshot, now: datetime) -> Iterator[tuple[float, str]]:
    if snapshot.errors:
        more = f" and {len(snapshot.errors) - 1} more" if len(snapshot.errors) > 1 else ""
        yield _INVALID_FILE, snapshot.errors[0].sentence + more
    yield from _stream(snapshot)
    yield from _deploy(snapshot, now)
    yield from _bookings(snapshot, now)
    yield from _cost(snapshot)
    yield from _problems(snapshot)
    yield from _stale(snapshot, now)


def _drifted(drift: Drift | None, now: datetime) -> str:
    """`drifted: 3 resources, 1 gone, 1 access`; what is less than that is not named."""
    count = len(drift.open(now)) if drift else 0
    if drift is None or not count:
        return "drifted"
    grave = Counter(one.worst for one in drift.resources if not one.known(now))
    named = [f"{grave[one]} {one.value}" for one in (DriftClass.GONE, DriftClass.ACCESS) if grave[one]]
    return ", ".join([f"drifted: {_counted(count, 'resource')}", *named])


def _stream(snapshot: CreatorSnapshot) -> Iterator[tuple[float, str]]:
    health = snapshot.stream.value
    if health is None or health.status is not StreamStatus.UNWELL or (worst := health.worst) is None:
        return
    findings = [finding.what for finding in health.findings if finding.severity is worst]
    yield _UNWELL_RED if worst is Severity.RED else _UNWELL_AMBER, f"stream: {', '.join(findings)}"


def _deploy(snapshot: CreatorSnapshot, now: datetime) -> Iterator[tuple[float, str]]:
    state = snapshot.deploy.value
    if state is None:
        return
    if state.status is DeployStatus.FAILED:
        yield _DEPLOY_FAILED, f"deploy failed: {state.reason}" if state.reason else "deploy failed"
    if state.status is DeployStatus.DRIFTED:
        yield _DRIFTED, _drifted(state.drift, now)
    if state.lock and (held := now - state.lock.created) > LOCK_TOO_LONG:
        yield _LOCKED, f"locked by {state.lock.who} for {duration(held)}"


def _bookings(snapshot: CreatorSnapshot, now: datetime) -> Iterator[tuple[float, str]]:
    queue = snapshot.bookings.value
    if queue is None or queue.oldest is None or (waiting := now - queue.oldest) <= APPROVAL_TOO_LONG:
        return
    least, most = _APPROVAL
    grown = min(1.0, (waiting - APPROVAL_TOO_LONG) / (APPROVAL_WORST - APPROVAL_TOO_LONG))
    oldest = ", the oldest" if len(queue.pending) > 1 else ""
    yield (
        least + (most - least) * grown,
        f"{_counted(len(queue.pending), 'approval')} waiting{oldest} for {duration(waiting)}",
    )


def _cost(snapshot: CreatorSnapshot) -> Iterator[tuple[float, str]]:
    report = snapshot.cost.value
    if report is None:
        return
    if report.actual is not None and report.actual > report.budget:
        yield _OVERSPENT, f"spent ${report.actual:,.0f}, the budget is ${report.budget:,.0f}"
    elif report.over_budget:
        yield _OVER_BUDGET, f"forecast ${report.forecast:,.0f} is over the budget of ${report.budget:,.0f}"


def _problems(snapshot: CreatorSnapshot) -> Iterator[tuple[float, str]]:
    # Expired credentials fail every facet in the same way: that is one thing to do, not four.
    facets = defaultdict(list)
    for facet, problem in snapshot.problems:
        if not problem.transient:
            facets[problem.kind, problem.what].append(facet.value)
    for (kind, what), names in facets.items():
        yield _PROBLEMS.get(kind, _OTHER_PROBLEM), f"{', '.join(names)}: {what}"


def _stale(snapshot: CreatorSnapshot, now: datetime) -> Iterator[tuple[float, str]]:
    health = snapshot.stream.value
    live = health is not None and health.status in {StreamStatus.LIVE, StreamStatus.UNWELL}
    facets: tuple[tuple[Facet, Observation[Any]], ...] = (
        (Facet.STREAM, snapshot.stream),
        (Facet.DEPLOY, snapshot.deploy),
        (Facet.BOOKINGS, snapshot.bookings),
        (Facet.COST, snapshot.cost),
    )
    ages = {
        facet: now - seen.seen_at
        for facet, seen in facets
        # What was read from disk and has not been looked at yet is about to be.
        if seen.stale and seen.seen_at is not None and not (seen.cached and seen.problem is None)
    }
    if ages:
        points = _STALE_LIVE if live and Facet.STREAM in ages else _STALE
        yield (
            points,
            "not seen since: " + ", ".join(f"{facet} {duration(age)}" for facet, age in ages.items()),
        )


def duration(span: timedelta) -> str:
    """A span in its two largest units: `2 d 4 h`, `31 min`, `9 s`; what lies in the future is `0 s`."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""What becomes of `fleet/record.json` as runs begin and end: pure."""

from __future__ import annotations

from datetime import datetime

from fleet_tui.deploy.drift.known import after_apply
from fleet_tui.deploy.model import LastRun, RunRecord
from fleet_tui.deploy.records import LOST, RunEnd, RunFacts, StateMark, chained

# What the deploy state is told by: these bring the account to what the configuration says, or to nothing.
_DEPLOYING = frozenset({"apply", "destroy"})


def begun(record: RunRecord, run: RunFacts, *, cut_off: RunEnd) -> RunRecord:
    """The record when a run begins.

    Args:
        record: as it was read.
        run: the run; where its process was lost and another one takes it up, what was known first stays.
        cut_off: how an earlier run ended that never said so itself.
    """
    if record.writing is not None and record.writing.run_id == run.run_id:
        return record
    if record.writing is not None:
        record = ended(record, record.writing.run_id, cut_off)
    return record.model_copy(update={"writing": run})


def deploying(record: RunRecord, run_id: str) -> RunRecord:
    """The record when a run lets Terraform write; one that is refused before leaves the deploy state be."""
    run = record.writing
    if run is None or run.run_id != run_id or run.kind not in _DEPLOYING:
        return record
    last = LastRun(
        run_id=run_id, kind=run.kind, outcome="running", operator=run.operator, started_at=run.started_at
    )
    return record.model_copy(update={"last_run": last})


def ended(record: RunRecord, run_id: str, end: RunEnd) -> RunRecord:
    """The record when the run that writes has ended; unchanged where another one writes by now."""
    run, last, found = record.writing, record.last_run, record.drift
    if run is None or run.run_id != run_id:
        return record
    if last is not None and last.run_id == run_id:
        last = last.model_copy(update={"outcome": end.outcome, "finished_at": end.at, "summary": end.summary})
        found = after_apply(found, end.at) if end.outcome == "succeeded" else found
    known = record.model_copy(update={"last_run": last, "drift": found, "writing": None})
    return seen(appended(known, run, end), end.after)


def appended(record: RunRecord, run: RunFacts, end: RunEnd) -> RunRecord:
    """The record with one more in its chain."""
    return record.model_copy(update={"newest": chained(record.newest, run, end)})


def seen(record: RunRecord, mark: StateMark | None) -> RunRecord:
    """The record when the state was seen like this; unchanged where it could not be."""
    return record if mark is None else record.model_copy(update={"state": mark})


def adopted(record: RunRecord, mark: StateMark | None, known: tuple[str, ...]) -> RunRecord:
    """The record when an operator takes another state for the creator's.

    Args:
        record: as it was read.
        mark: the state as it is now; None where there is none.
        known: lineages that were known before, wherever they were remembered.
    """
    before = {record.state.lineage} if record.state else set()
    given_up = {*record.given_up, *known, *before} - ({mark.lineage} if mark else set())
    return record.model_copy(update={"state": mark, "given_up": tuple(sorted(given_up))})


def cut_off(at: datetime, summary: str = "its process is gone, and it never said how it ended") -> RunEnd:
    """The end of a run that never said how it ended."""
    return RunEnd(outcome=LOST, at=at, summary=summary)

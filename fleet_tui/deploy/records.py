"""The records of what was done to a creator, each chained to the one before by its hash: pure.

A record is written once, when its run has ended, and never again. It holds names and numbers, no values. Its
hash covers all of it and the hash of the record before, so nothing can be taken out, put in or changed
without that being seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from pydantic import Field

from fleet_tui.values import Moment, Value

LOST = "lost"  # the outcome of a run that never said how it ended


class StateMark(Value):
    """Which state it was, at one moment.

    Args:
        lineage: drawn by Terraform when a state begins; another lineage is another state.
        serial: grows with every writing of the state.
        seen_at: when.
    """

    lineage: str
    serial: int
    seen_at: Moment


class Approval(Value):
    """Who approved which plan.

    Args:
        by: the operator, `user@host`.
        at: when.
        fingerprint: of the plan that was approved.
        id: of an approval of several plans at once; empty for one alone.
    """

    by: str
    at: Moment
    fingerprint: str
    id: str = ""


class RunFacts(Value):
    """What is known of a run when it begins to write.

    Args:
        run_id: also the name of its record.
        kind: what is done, such as `apply`.
        operator: who asked, `user@host`.
        host: the machine it works on.
        target: what it was asked to work with, such as the id of a plan.
        rollout: the rollout that it is a part of; empty for none.
        plan_digest: over the names in the plan; empty where there is none.
        lease: the number of the lease it works under; None for what needs none.
        before: the state before it; None where there was none.
        fleet_version: of this program.
    """

    run_id: str
    kind: str
    operator: str
    host: str
    reason: str = ""
    target: str = ""
    rollout: str = ""
    requested_at: Moment
    started_at: Moment
    approval: Approval | None = None
    plan_digest: str = ""
    lease: int | None = None
    before: StateMark | None = None
    fleet_version: str = ""


class RunEnd(Value):
    """How a run ended.

    Args:
        outcome: succeeded, failed, cancelled or lost.
        at: when; of a lost run, when that was noticed.
        summary: what went wrong.
        after: the state after it; None where there was none, or nobody has looked.
        terraform_version, provider_version: of what it ran; empty where it came to none.
    """

    outcome: str
    at: Moment
    summary: str = ""
    after: StateMark | None = None
    terraform_version: str = ""
    provider_version: str = ""


class RunEntry(Value):
    """One record: the object `fleet/runs/<run id>.json`.

    Args:
        number: 1, 2, 3 … in the creator's chain.
        run: what was known when it began.
        end: how it ended.
        previous: the run before it in the chain; empty for the first.
        previous_hash: of that record.
        hash: over all of this but itself.
    """

    number: int = Field(ge=1)
    run: RunFacts
    end: RunEnd
    previous: str = ""
    previous_hash: str = ""
    hash: str = ""

    @property
    def took(self) -> timedelta:
        """From its beginning to its end."""
        return self.end.at - self.run.started_at


class ChainBreak(Value):
    """The first place at which the chain does not hold.

    Args:
        number: of the record; 0 for one that is in no place of the chain.
        run_id: which record, as far as that is known.
        what: what does not hold, as the end of a sentence.
    """

    number: int
    run_id: str
    what: str


def digest(content: Any) -> str:
    """SHA-256 over JSON with sorted names and no spaces, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def chained(before: RunEntry | None, run: RunFacts, end: RunEnd) -> RunEntry:
    """The record of a run, to follow the newest one."""
    entry = RunEntry(
        number=before.number + 1 if before else 1,
        run=run,
        end=end,
        previous=before.run.run_id if before else "",
        previous_hash=before.hash if before else "",
    )
    return entry.model_copy(update={"hash": hash_of(entry.model_dump(mode="json"))})


def hash_of(entry: Mapping[str, Any]) -> str:
    """The hash that a record has to have, as it lies in the bucket."""
    return digest({name: value for name, value in entry.items() if name != "hash"})


def first_break(entries: Sequence[Mapping[str, Any]], newest: Mapping[str, Any] | None) -> ChainBreak | None:
    """Where the chain is broken first, counted from its beginning; None where it holds.

    Args:
        entries: every record that is there, as parsed JSON, in any order.
        newest: the newest record as `fleet/record.json` has it; None where there is none yet.
    """
    by_number: dict[int, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_number.setdefault(_number(entry), []).append(entry)
    last = _number(newest) if newest else 0
    before: Mapping[str, Any] | None = None
    for number in range(1, last + 1):
        match by_number.pop(number, []):
            case []:
                return ChainBreak(number=number, run_id=_after(before, newest, number), what="is missing")
            case [entry]:
                pass
            case [_, second, *_]:
                return ChainBreak(number=number, run_id=_run_id(second), what="is there twice")
        if problem := _wrong(entry, before):
            return ChainBreak(number=number, run_id=_run_id(entry), what=problem)
        before = entry
    if newest is not None and before is not None and before.get("hash") != newest.get("hash"):
        return ChainBreak(number=last, run_id=_run_id(before), what="is not the newest one that was written")
    for number in sorted(by_number):
        stray = by_number[number][0]
        return ChainBreak(number=number, run_id=_run_id(stray), what="was put there by nobody of us")
    return None


def usual_end(entries: Sequence[RunEntry], kind: str, begins: datetime) -> datetime | None:
    """When a run of this kind usually would end; None where none has succeeded yet."""
    seconds = [
        entry.took.total_seconds()
        for entry in entries
        if entry.run.kind == kind and entry.end.outcome == "succeeded"
    ]
    return begins + timedelta(seconds=median(seconds)) if seconds else None


def _wrong(entry: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    if entry.get("hash") != hash_of(entry):
        return "was changed after it was written"
    if entry.get("previous_hash") != (before.get("hash") if before else ""):
        return "does not follow the one before it"
    return ""


def _number(entry: Mapping[str, Any]) -> int:
    number = entry.get("number")
    return number if isinstance(number, int) else 0


def _run_id(entry: Mapping[str, Any]) -> str:
    run = entry.get("run")
    return str(run.get("run_id", "")) if isinstance(run, Mapping) else ""


def _after(before: Mapping[str, Any] | None, newest: Mapping[str, Any] | None, number: int) -> str:
    """The id of a record that is missing, where the newest one tells it."""
    return _run_id(newest) if newest is not None and _number(newest) == number else ""

"""Whether a state is the one that belongs to the creator: pure, asked before anything is planned or written.

That the credentials lead to the creator's account is proved by STS before, and by Terraform itself
(`allowed_account_ids`). What is left to go wrong is the state: another creator's under this creator's key, an
older copy put back by hand, a new one begun where the old one was lost. Each of them would have Terraform
make everything twice, or destroy what it should not know of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.records import StateMark
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator

CREATOR_OUTPUT = "creator"


def guard(
    creator: Creator, state: Mapping[str, Any] | None, remembered: Sequence[StateMark]
) -> Problem | None:
    """What keeps anybody from working on this state; None where it is the creator's own.

    Args:
        creator: who was asked for.
        state: the state file (version 4) as parsed JSON, None where there is none.
        remembered: what was seen there before, beside the state and on this machine.
    """
    if state is not None and (problem := _of_another(creator, state)):
        return problem
    for mark in remembered:
        if problem := _not_the_same(creator, state, mark):
            return problem
    return None


def mark_of(state: Mapping[str, Any], now: datetime) -> StateMark | None:
    """What is remembered of a state; None of a file that is none."""
    lineage, serial = state.get("lineage"), state.get("serial")
    if not isinstance(lineage, str) or not isinstance(serial, int):
        return None
    return StateMark(lineage=lineage, serial=serial, seen_at=now)


def still_known(record: RunRecord, here: StateMark | None) -> tuple[StateMark, ...]:
    """What is remembered and still holds.

    Args:
        record: what is remembered beside the state, for every operator.
        here: what this machine remembers; not asked where that lineage was given up, by whomever.
    """
    marks = (record.state, here if here is not None and here.lineage not in record.given_up else None)
    return tuple(mark for mark in marks if mark is not None)


def _of_another(creator: Creator, state: Mapping[str, Any]) -> Problem | None:
    output = state.get("outputs", {}).get(CREATOR_OUTPUT, {}).get("value")
    if not isinstance(output, Mapping):
        return None  # nothing was ever applied to its end, or all of it was destroyed
    wanted = {"slug": creator.slug, "account_id": creator.account_id, "region": creator.region}
    other = {name: output[name] for name, value in wanted.items() if output.get(name, value) != value}
    if not other:
        return None
    found = ", ".join(f"{name} {value}" for name, value in other.items())
    asked = ", ".join(f"{name} {wanted[name]}" for name in other)
    return Problem(
        kind=ProblemKind.WRONG_ACCOUNT,
        what=f"the state is of {found}; asked for was {asked}",
        where=f"{creator.slug}: s3://{creator.state_bucket}",
        hint="Correct creator.toml, or put this creator's own state back "
        f"(fleet state versions {creator.slug}); nothing was done",
    )


def _not_the_same(creator: Creator, state: Mapping[str, Any] | None, mark: StateMark) -> Problem | None:
    seen = f"{mark.seen_at:%-d %b %Y %H:%M} UTC (serial {mark.serial})"
    if state is None:
        what = f"the state that was there on {seen} is gone"
    elif state.get("lineage") != mark.lineage:
        what = f"this is another state than the one that was there on {seen}: its lineage is another"
    elif int(state.get("serial") or 0) < mark.serial:
        what = f"this is an older state (serial {state.get('serial')}) than the one that was there on {seen}"
    else:
        return None
    return Problem(
        kind=ProblemKind.CONFLICT,
        what=what,
        where=f"{creator.slug}: s3://{creator.state_bucket}",
        hint=f"Restore it (fleet state versions {creator.slug}), "
        f"or take what is there for the right one (fleet state adopt {creator.slug}); nothing was done",
    )

"""What became of a rollout, kept beside its journal as one JSON file."""

from __future__ import annotations

import os
from pathlib import Path

from fleet_tui.problems import Problem
from fleet_tui.registry.model import Wave
from fleet_tui.rollouts.model import (
    MemberStatus,
    Policy,
    Rollout,
    RolloutEvent,
    RolloutEventKind,
    RolloutStatus,
)
from fleet_tui.values import Moment, Value

RECORD = "record.json"


class WaveRecord(Value):
    """A wave: when it began, and who was in it."""

    wave: Wave
    begun_at: Moment | None = None
    slugs: tuple[str, ...]


class MemberRecord(Value):
    """What became of a creator, and by which runs."""

    slug: str
    account_id: str
    wave: Wave
    outcome: MemberStatus
    cause: str = ""
    problem: Problem | None = None
    approved_plan_id: str
    approval: str
    applied_plan_id: str = ""
    run_ids: tuple[str, ...] = ()
    overridden: bool = False
    ended_at: Moment | None = None


class RolloutRecord(Value):
    """Who asked for a rollout, on which approval, and what became of every creator.

    Args:
        legs: how many processes carried it out, one after another.
        resumed_by: who went on with it, in that order.
    """

    id: str
    operator: str
    reason: str
    approval: str
    policy: Policy
    status: RolloutStatus
    cause: str = ""
    requested_at: Moment
    finished_at: Moment | None
    legs: int
    resumed_by: tuple[str, ...] = ()
    waves: tuple[WaveRecord, ...]
    members: tuple[MemberRecord, ...]


def record_of(rollout: Rollout, events: list[RolloutEvent]) -> RolloutRecord:
    """The record of a rollout.

    Args:
        rollout: as its journal tells it.
        events: the journal.
    """
    begun = {event.wave: event.at for event in reversed(events) if event.wave is not None}
    request = rollout.request
    return RolloutRecord(
        id=rollout.id,
        operator=request.operator,
        reason=request.reason,
        approval=request.approval,
        policy=request.policy,
        status=rollout.status,
        cause=rollout.cause,
        requested_at=request.requested_at,
        finished_at=rollout.finished_at,
        legs=rollout.legs,
        resumed_by=tuple(event.operator for event in events if event.kind is RolloutEventKind.RESUMED),
        waves=tuple(
            WaveRecord(
                wave=wave,
                begun_at=begun.get(wave),
                slugs=tuple(member.slug for member in rollout.of_wave(wave)),
            )
            for wave in rollout.waves
        ),
        members=tuple(
            MemberRecord(
                slug=member.slug,
                account_id=member.account_id,
                wave=member.wave,
                outcome=member.status,
                cause=member.cause,
                problem=member.problem,
                approved_plan_id=member.approved_plan_id,
                approval=member.approval,
                applied_plan_id=member.plan_id if member.status is MemberStatus.APPLIED else "",
                run_ids=member.run_ids,
                overridden=member.overridden,
                ended_at=member.ended_at,
            )
            for member in rollout.members
        ),
    )


def write_record(folder: Path, record: RolloutRecord) -> None:
    """Put the record into the rollout's folder; there is a whole one at every moment."""
    fresh = folder / f"{RECORD}.new"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(record.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / RECORD)


def read_record(folder: Path) -> RolloutRecord:
    """The record of the rollout in this folder."""
    return RolloutRecord.model_validate_json((folder / RECORD).read_bytes())

"""Approvals: who said yes to which plans, kept on disk and named by every apply that follows from them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from fleet_tui.operations.model import Run
from fleet_tui.problems import FleetError, ProblemKind, on_this_machine
from fleet_tui.values import Moment, Value


class ApprovedPlan(Value):
    """A plan that was approved, by what it does: see `PlanSummary`."""

    plan_id: str
    slug: str
    account_id: str
    fingerprint: str
    digest: str


class Approval(Value):
    """Somebody's yes to these plans and to nothing else.

    Args:
        id: sortable by time, unique: also the name of its file.
        operator: who approved, `user@host`.
    """

    id: str
    operator: str
    at: Moment
    reason: str = ""
    plans: tuple[ApprovedPlan, ...]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """What was approved, each once."""
        return tuple(sorted({plan.fingerprint for plan in self.plans}))

    def covers(self, plan: Run) -> bool:
        """Whether this plan was approved, or does to the letter what was approved for its creator."""
        approved, summary = self.of(plan), plan.plan
        if approved is None or summary is None:
            return False
        return (approved.fingerprint, approved.digest) == (summary.fingerprint, summary.digest)

    def of(self, plan: Run) -> ApprovedPlan | None:
        """What was approved for the creator of this plan."""
        operation = plan.operation
        return next(
            (
                approved
                for approved in self.plans
                if (approved.slug, approved.account_id) == (operation.slug, operation.account_id)
            ),
            None,
        )


def approval_of(plans: Sequence[Run], *, operator: str, reason: str, at: datetime) -> Approval:
    """The value of an approval that is given now.

    Args:
        plans: what is approved.
        operator: who approves, `user@host`.
        reason: why.
        at: the present.

    Raises:
        FleetError: one of them is not a plan that can be applied, or a creator has two.
    """
    for plan in plans:
        if plan.plan is None or plan.plan.empty or not plan.plan.digest:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"{plan.id} is not a plan that can be approved",
                where=plan.operation.slug,
                hint="Plan again",
            )
    if not plans or len({plan.operation.slug for plan in plans}) != len(plans):
        raise FleetError.of(ProblemKind.CONFLICT, "an approval is for one plan of each of its creators")
    return Approval(
        id=f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}-approval-{secrets.token_hex(2)}",
        operator=operator,
        at=at,
        reason=reason,
        plans=tuple(
            ApprovedPlan(
                plan_id=plan.id,
                slug=plan.operation.slug,
                account_id=plan.operation.account_id,
                fingerprint=plan.plan.fingerprint,
                digest=plan.plan.digest,
            )
            for plan in sorted(plans, key=lambda plan: plan.operation.slug)
            if plan.plan is not None
        ),
    )


class Approvals:
    """All approvals that were given on this machine.

    Args:
        root: the folder of what cannot be made again.
    """

    def __init__(self, root: Path) -> None:
        self._root = root / "approvals"

    def keep(self, approval: Approval) -> None:
        """Write the approval; it is on the disk when this returns, and is never written over.

        Raises:
            FleetError: kind MACHINE, it cannot be written.
        """
        with on_this_machine("the approval cannot be kept"):
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._root / f".{approval.id}"
            with part.open("xb") as file:
                file.write(approval.model_dump_json(indent=2).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            part.chmod(0o600)
            os.link(part, self._root / f"{approval.id}.json")
            part.unlink()

    def get(self, approval_id: str) -> Approval:
        """One approval.

        Raises:
            FleetError: there is no such approval on this machine, or its file cannot be read.
        """
        if not approval_id or "/" in approval_id or approval_id.startswith("."):
            raise FleetError.of(ProblemKind.NOT_FOUND, f'"{approval_id}" is not the id of an approval')
        file = self._root / f"{approval_id}.json"
        try:
            return Approval.model_validate_json(file.read_bytes())
        except FileNotFoundError as error:
            raise FleetError.of(ProblemKind.NOT_FOUND, f"there is no approval {approval_id} here") from error
        except ValidationError as error:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "the approval cannot be read, so nothing is applied on it",
                where=str(file),
                hint="Approve again",
            ) from error

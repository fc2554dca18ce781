from __future__ import annotations

import stat
from datetime import UTC, datetime

import pytest

from fleet_tui.operations.approvals import Approvals, approval_of
from fleet_tui.operations.model import (
    Action,
    Operation,
    OperationKind,
    PlanSummary,
    ResourceChange,
    Run,
    RunStatus,
)
from fleet_tui.problems import FleetError

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHANGE = ResourceChange(address="aws_sqs_queue.this", type="aws_sqs_queue", action=Action.UPDATE)


def planned(
    slug="kasper", *, plan_id="p1", account="210000000001", fingerprint="f", digest="d", changes=(CHANGE,)
):
    operation = Operation(
        id=plan_id,
        kind=OperationKind.PLAN,
        slug=slug,
        account_id=account,
        operator="ana",
        requested_at=AT,
    )
    summary = PlanSummary(changes=changes, fingerprint=fingerprint, digest=digest)
    return Run(operation=operation, status=RunStatus.SUCCEEDED, plan=summary)


def approve(*plans):
    return approval_of(plans, operator="ana@ops", reason="new player", at=AT)


def test_an_approval_is_kept_as_it_was_given_and_for_its_owner_alone(tmp_path):
    approval = approve(planned(), planned("mina", plan_id="p2", fingerprint="g"))
    Approvals(tmp_path).keep(approval)
    assert Approvals(tmp_path).get(approval.id) == approval
    (file,) = (tmp_path / "approvals").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert approval.fingerprints == ("f", "g")
    with pytest.raises(FleetError, match="file exists"):
        Approvals(tmp_path).keep(approval)


def test_an_approval_covers_what_does_the_same_to_the_letter_and_nothing_else():
    approval = approve(planned())
    assert approval.covers(planned(plan_id="made anew"))
    for other in (
        planned("mina"),
        planned(account="210000000002"),
        planned(fingerprint="g"),
        planned(digest="e"),
    ):
        assert not approval.covers(other)


def test_what_cannot_be_applied_cannot_be_approved():
    for wrong in ((), (planned(changes=()),), (planned(digest=""),), (planned(), planned(plan_id="p2"))):
        with pytest.raises(FleetError):
            approve(*wrong)


def test_an_approval_that_is_not_there_or_cannot_be_read_is_none(tmp_path):
    approvals = Approvals(tmp_path)
    for name in ("", "../x", ".x", "nothing"):
        with pytest.raises(FleetError):
            approvals.get(name)
    approval = approve(planned())
    approvals.keep(approval)
    (tmp_path / "approvals" / f"{approval.id}.json").write_text("{}")
    with pytest.raises(FleetError, match="nothing is applied on it"):
        approvals.get(approval.id)

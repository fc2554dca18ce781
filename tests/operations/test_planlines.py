from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.operations.model import Action, RiskLevel
from fleet_tui.operations.planlines import parse_line, progress_text, summarise
from fleet_tui.operations.reading import problem_of
from fleet_tui.problems import ProblemKind

LOCKED = (
    "Error acquiring the state lock – Error message: operation error S3: PutObject, https response error "
    "StatusCode: 412, RequestID: 2f3589a8, api error PreconditionFailed: At least one of the "
    "pre-conditions did not hold Lock Info: ID: abc Path: x Who: ben@build Version: "
    "1.11.4 Created: 2026-11-22 10:00:00 +0000 UTC Info: Terraform acquires a state lock. "
    'Please resolve the issue above. For most commands, you can disable locking with the "-lock=false" flag.'
)


def planned(address: str, kind: str, action: str) -> dict:
    return {
        "type": "planned_change",
        "@message": f"{address}: Plan to {action}",
        "change": {"resource": {"addr": address, "resource_type": kind}, "action": action},
    }


def test_a_plan_is_summarised_from_its_lines():
    lines = [
        planned("module.a.aws_s3_bucket.this", "aws_s3_bucket", "replace"),
        planned("aws_iam_role.x", "aws_iam_role", "update"),
        planned("data.aws_region.here", "aws_region", "read"),
        {"type": "change_summary", "changes": {"add": 1, "change": 1, "remove": 1}},
        {"type": "outputs", "outputs": {"a": {"action": "noop"}, "b": {"action": "update"}}},
    ]
    summary = summarise(lines)
    assert (summary.add, summary.change, summary.destroy) == (1, 1, 1)
    assert [change.action for change in summary.changes] == [Action.UPDATE, Action.REPLACE]
    assert summary.outputs_changed
    assert not summary.empty
    assert summary.risk.level is RiskLevel.DESTRUCTIVE
    assert "its data is lost" in summary.risk.reasons[0]


def test_what_is_taken_into_the_state_is_a_change():
    line = planned("aws_s3_bucket.this", "aws_s3_bucket", "import")
    line["change"]["importing"] = {"id": "kasper-site"}
    summary = summarise([line])
    assert [(change.action, change.imported) for change in summary.changes] == [(Action.IMPORT, True)]
    assert not summary.empty
    assert "kasper-site" not in summary.model_dump_json()


def test_an_empty_plan_is_empty_and_without_risk():
    summary = summarise([{"type": "change_summary", "changes": {"add": 0, "change": 0, "remove": 0}}])
    assert summary.empty
    assert summary.risk.level is RiskLevel.NONE


@given(st.text())
def test_any_text_is_a_line_or_is_not(text):
    parsed = parse_line(text)
    assert parsed is None or "type" in parsed


def test_a_diagnostic_becomes_one_sentence_with_its_address():
    line = json.dumps(
        {
            "type": "diagnostic",
            "@message": "Error: x",
            "diagnostic": {
                "severity": "error",
                "summary": "creating table",
                "detail": "denied\n  by policy",
                "address": "aws_dynamodb_table.t",
            },
        }
    )
    assert progress_text(parse_line(line)) == (
        "aws_dynamodb_table.t: creating table – denied by policy",
        "error",
        False,
    )


def test_refreshing_and_reading_say_nothing():
    assert progress_text({"type": "refresh_start", "@message": "Refreshing"}) is None
    assert progress_text(planned("data.aws_region.here", "aws_region", "read")) is None
    hook = {"resource": {"addr": "data.aws_region.here"}, "action": "read"}
    assert progress_text({"type": "apply_complete", "@message": "Refresh complete", "hook": hook}) is None


def test_a_lock_that_is_held_is_told_in_short_and_without_terraforms_advice():
    problem = problem_of("jan", "plan", 1, [LOCKED])
    assert problem.kind is ProblemKind.BUSY
    assert problem.sentence == (
        "jan: terraform plan: Terraform's lock is held by ben@build since 2026-11-22 10:00 UTC. "
        "Wait, or ask who holds it; fleet unlock jan when it is dead"
    )
    other = problem_of("jan", "plan", 1, ["Error acquiring the state lock"])
    assert (other.kind, other.what) == (ProblemKind.BUSY, "Error acquiring the state lock")


def test_what_terraform_says_in_several_lines_is_told_in_one():
    said = {"type": "log", "@message": "\nInterrupt received.\nPlease wait for Terraform to exit\n"}
    assert progress_text(said) == ("Interrupt received. Please wait for Terraform to exit", "info", False)

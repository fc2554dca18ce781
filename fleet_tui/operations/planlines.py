"""What Terraform's machine-readable lines say (`plan -json`, `apply -json`): pure parsing.

The lines never carry sensitive values (measured), unlike `show -json`, which is why the summary is made
from them. Format: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from fleet_tui.operations.model import Action, PlanSummary, ResourceChange, Risk, RiskLevel

_ACTIONS = {
    "create": Action.CREATE,
    "update": Action.UPDATE,
    "replace": Action.REPLACE,
    "delete": Action.DELETE,
    "remove": Action.DELETE,
    "read": Action.READ,
}

# Types whose loss is the loss of a creator's data, or of an address that people outside use.
_HOLDS_DATA = frozenset({"aws_s3_bucket", "aws_dynamodb_table", "aws_cognito_user_pool", "aws_backup_vault"})
_HOLDS_IDENTITY = frozenset(
    {
        "aws_ivs_channel",  # a new ingest endpoint and stream key: the creator's encoder stops working
        "aws_route53_zone",  # new name servers: the domain is dark until the registrar knows them
        "aws_cloudfront_distribution",
        "aws_apigatewayv2_api",
    }
)
_GRANTS = ("aws_iam_", "aws_s3_bucket_policy", "aws_lambda_permission", "aws_s3_bucket_public_access_block")


def parse_line(line: str) -> dict[str, Any] | None:
    """One line as a dictionary, or None when it is not one of Terraform's JSON lines."""
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "type" in value else None


def summarise(lines: Sequence[dict[str, Any]]) -> PlanSummary:
    """The summary of a plan from all of its lines.

    Terraform also reports as drift what a provider merely spells differently after an apply (null and the
    empty string, say). Drift here is what the plan would change back.
    """
    changes: list[ResourceChange] = []
    drift: set[str] = set()
    outputs_changed = False
    counts = {"add": 0, "change": 0, "remove": 0}
    for line in lines:
        kind = line["type"]
        if kind == "planned_change":
            change = line["change"]
            action = _ACTIONS.get(change["action"])
            if action is not None and action is not Action.READ:
                resource = change["resource"]
                changes.append(
                    ResourceChange(address=resource["addr"], type=resource["resource_type"], action=action)
                )
        elif kind == "resource_drift":
            drift.add(line["change"]["resource"]["addr"])
        elif kind == "change_summary":
            counts = {key: line["changes"].get(key, 0) for key in counts}
        elif kind == "outputs":
            outputs_changed = any(
                output.get("action", "noop") != "noop" for output in line["outputs"].values()
            )
    changes.sort(key=lambda change: (change.address, change.action))
    return PlanSummary(
        add=counts["add"],
        change=counts["change"],
        destroy=counts["remove"],
        changes=tuple(changes),
        drift=tuple(sorted(drift & {change.address for change in changes})),
        outputs_changed=outputs_changed,
        risk=assess(changes),
        fingerprint=fingerprint(changes),
    )


def destroyed(changes: Sequence[ResourceChange]) -> frozenset[str]:
    """Addresses of what is gone afterwards, or was gone for a while."""
    return frozenset(change.address for change in changes if change.action in (Action.DELETE, Action.REPLACE))


def assess(changes: Sequence[ResourceChange]) -> Risk:
    """How dangerous these changes are, with the reasons in the order of their weight."""
    destructive: list[str] = []
    high: list[str] = []
    for change in changes:
        gone = change.action in (Action.DELETE, Action.REPLACE)
        verb = "deletes" if change.action is Action.DELETE else "replaces"
        if gone and change.type in _HOLDS_DATA:
            destructive.append(f"{verb} {change.address}: its data is lost")
        elif gone and change.type in _HOLDS_IDENTITY:
            destructive.append(f"{verb} {change.address}: its address changes for everybody outside")
        elif gone:
            high.append(f"{verb} {change.address}")
        elif change.action is Action.UPDATE and change.type.startswith(_GRANTS):
            high.append(f"changes who may do what: {change.address}")
    if destructive:
        return Risk(level=RiskLevel.DESTRUCTIVE, reasons=tuple(destructive + high))
    if high:
        return Risk(level=RiskLevel.HIGH, reasons=tuple(high))
    return Risk(level=RiskLevel.LOW if changes else RiskLevel.NONE)


def fingerprint(changes: Sequence[ResourceChange]) -> str:
    """Equal for plans that change the same addresses in the same way, whichever creator they are for."""
    text = "\n".join(sorted(f"{change.action} {change.address}" for change in changes))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def progress_text(line: dict[str, Any]) -> tuple[str, str, bool] | None:
    """What a line means to a person: text, severity, and whether one more resource is done.

    Returns:
        None for lines that say nothing new.
    """
    kind, message = line["type"], str(line.get("@message", ""))
    # A data source is read again and again, and is none of the resources that are counted.
    if "read" in (line.get("hook", {}).get("action"), line.get("change", {}).get("action")):
        return None
    if kind == "diagnostic":
        diagnostic = line["diagnostic"]
        detail = " ".join(str(diagnostic.get("detail") or "").split())
        place = f"{diagnostic['address']}: " if diagnostic.get("address") else ""
        text = f"{place}{diagnostic['summary']}" + (f" – {detail}" if detail else "")
        return text, str(diagnostic["severity"]), False
    if kind in ("apply_complete", "apply_errored"):
        return message, "error" if kind == "apply_errored" else "info", True
    if kind in ("apply_start", "apply_progress", "planned_change", "change_summary", "log"):
        return message, "info", False
    return None

"""What Terraform's machine-readable lines say (`plan -json`, `apply -json`): pure parsing.

The lines never carry sensitive values (measured), so they may be shown and kept.
Format: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from fleet_tui.operations.fingerprints import digest, fingerprint
from fleet_tui.operations.model import Action, CostDelta, PlanBasis, PlanSummary, ResourceChange
from fleet_tui.operations.planjson import PlanJson, PlannedChange
from fleet_tui.operations.risk import findings, risk_of
from fleet_tui.registry.model import Creator

_ACTIONS = {
    "create": Action.CREATE,
    "update": Action.UPDATE,
    "replace": Action.REPLACE,
    "delete": Action.DELETE,
    "remove": Action.DELETE,
    "read": Action.READ,
    "import": Action.IMPORT,
}


def parse_line(line: str) -> dict[str, Any] | None:
    """One line as a dictionary, or None when it is not one of Terraform's JSON lines."""
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "type" in value else None


def summarise(
    lines: Sequence[dict[str, Any]],
    shown: PlanJson | None = None,
    *,
    creator: Creator | None = None,
    basis: PlanBasis | None = None,
    cost: CostDelta | None = None,
) -> PlanSummary:
    """The summary of a plan.

    Args:
        lines: all lines of `terraform plan -json`.
        shown: the saved plan with its values; None where only the lines are known, which name neither
            attributes nor what has drifted, nor what is risky about values.
        creator: whose plan it is; what is told apart by names and account does without where it is None.
        basis: what the plan was made from.
        cost: what it costs.
    """
    planned = tuple(_planned(lines)) if shown is None else shown.changes
    changes = sorted(
        (change.names_only for change in planned), key=lambda change: (change.address, change.action)
    )
    outputs_changed = False
    counts = {"add": 0, "change": 0, "remove": 0}
    for line in lines:
        kind = line["type"]
        if kind == "change_summary":
            counts = {key: line["changes"].get(key, 0) for key in counts}
        elif kind == "outputs":
            outputs_changed = any(
                output.get("action", "noop") != "noop" for output in line["outputs"].values()
            )
    account_id = creator.account_id if creator else ""
    found = findings(planned, account_id)
    mark = fingerprint(changes, found, creator, outputs_changed=outputs_changed)
    return PlanSummary(
        add=counts["add"],
        change=counts["change"],
        destroy=counts["remove"],
        changes=tuple(changes),
        drift=tuple(sorted(shown.drift)) if shown else (),
        outputs_changed=outputs_changed,
        risk=risk_of(found, planned),
        fingerprint=mark,
        digest=digest(creator.slug if creator else "", account_id, changes, basis, fingerprint=mark),
        cost=cost,
        basis=basis,
    )


def _planned(lines: Sequence[dict[str, Any]]) -> Iterator[PlannedChange]:
    """The changes as the lines tell them: without names of attributes, without values."""
    for line in lines:
        if line["type"] != "planned_change":
            continue
        change = line["change"]
        action = _ACTIONS.get(change["action"])
        if action is not None and action is not Action.READ:
            resource = change["resource"]
            yield PlannedChange(
                address=resource["addr"],
                type=resource["resource_type"],
                action=action,
                because=change.get("reason", ""),
                imported="importing" in change,
            )


def destroyed(changes: Sequence[ResourceChange]) -> frozenset[str]:
    """Addresses of what is gone afterwards, or was gone for a while."""
    return frozenset(change.address for change in changes if change.action in (Action.DELETE, Action.REPLACE))


def progress_text(line: dict[str, Any]) -> tuple[str, str, bool] | None:
    """What a line means to a person: text, severity, and whether one more resource is done.

    Returns:
        None for lines that say nothing new.
    """
    kind, message = line["type"], " ".join(str(line.get("@message", "")).split())
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

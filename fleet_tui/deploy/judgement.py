"""Deploy state from what lies in the state bucket: a pure rule.

Order of precedence, first that holds: deploying, locked, failed, never deployed, drifted, out of date,
up to date. Trouble goes before age, and what a person has to look at goes before what can wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fleet_tui.deploy.lease import LeaseStatus, SeenLease
from fleet_tui.deploy.model import DeployState, DeployStatus, Lock, RunRecord
from fleet_tui.deploy.records import LOST

DIGEST_OUTPUT = "configuration_digest"

# A run writes its record a moment before Terraform takes the lock, and releases the lock a moment before
# it writes its end. Measured gaps are under 10 s; after this long without a lock the run is dead.
_GAP = timedelta(seconds=90)


def judge(
    *,
    state: Mapping[str, Any] | None,
    modified_at: datetime | None,
    lock: Lock | None,
    lease: SeenLease | None = None,
    record: RunRecord,
    wanted_digest: str,
    now: datetime,
) -> DeployState:
    """The deploy state of one creator.

    Args:
        state: the state file (version 4) as parsed JSON, or None where there is none.
        modified_at: when the state object was written.
        lock: Terraform's lock, or None.
        lease: the lease where it is held or dead, or None.
        record: the run record beside the state; empty where there is none.
        wanted_digest: digest of the configuration as it is in the workspace.
        now: the time.
    """
    facts = _facts(state or {})
    last, drift = record.last_run, record.drift
    applied = facts["applied_digest"]

    def verdict(status: DeployStatus, reason: str = "", since: datetime | None = modified_at) -> DeployState:
        return DeployState(
            status=status,
            reason=reason,
            since=since,
            lock=lock,
            lease=lease,
            drift=drift,
            last_run=last,
            wanted_digest=wanted_digest,
            applied_at=modified_at,
            **facts,
        )

    if lease and lease.status is LeaseStatus.HELD:
        claim = lease.lease.claim
        return verdict(DeployStatus.DEPLOYING, f"{claim.kind} by {claim.operator}", lease.lease.taken_at)
    if last and last.outcome == "running" and last.left_open:
        # A run whose lease is dead may have left a Terraform behind; on its machine it is taken up again,
        # and then the lease lives. Where that does not happen somebody has to look.
        if lease is None and (lock or now - last.started_at < _GAP):
            return verdict(DeployStatus.DEPLOYING, f"{last.kind} by {last.operator}", last.started_at)
        left = " and left Terraform's lock" if lock else ""
        return verdict(
            DeployStatus.FAILED,
            f"the {last.kind} by {last.operator} broke off{left}, and never said how",
            last.started_at,
        )
    if lock:
        return verdict(DeployStatus.LOCKED, f"by {lock.who}", lock.created)
    if last and last.left_open and last.outcome in ("failed", LOST):
        return verdict(DeployStatus.FAILED, last.summary or f"the last {last.kind} failed", last.finished_at)
    if state is None and record.state is not None:
        reason = f"the state of serial {record.state.serial} is gone: restore it, or adopt what is there"
        return verdict(DeployStatus.FAILED, reason, None)
    if facts["tainted"]:
        return verdict(DeployStatus.FAILED, f"half made: {', '.join(facts['tainted'])}")
    if facts["deposed"]:
        return verdict(DeployStatus.FAILED, f"half replaced: {', '.join(facts['deposed'])}")
    if not facts["resources"]:
        destroyed = last and last.kind == "destroy"
        return verdict(
            DeployStatus.NEVER_DEPLOYED, "destroyed" if destroyed else "", modified_at if destroyed else None
        )
    count = len(drift.open(now)) if drift else 0
    if drift and count and (modified_at is None or drift.checked_at >= modified_at):
        return verdict(DeployStatus.DRIFTED, f"{count} resource{'s' if count > 1 else ''}", drift.since)
    # Whatever the digest says: Terraform writes it before the resources that it stands for.
    if last and last.left_open and last.outcome == "cancelled":
        return verdict(DeployStatus.OUT_OF_DATE, f"the last {last.kind} was cancelled")
    if applied != wanted_digest:
        return verdict(DeployStatus.OUT_OF_DATE, "the configuration has changed")
    return verdict(DeployStatus.UP_TO_DATE)


def is_protected(kind: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a resource holds data and cannot be destroyed as it is.

    A table and a user pool are refused by AWS; a bucket by Terraform, unless it is empty, which no state
    tells.
    """
    match kind:
        case "aws_dynamodb_table":
            return attributes.get("deletion_protection_enabled") is True
        case "aws_cognito_user_pool":
            return attributes.get("deletion_protection") == "ACTIVE"
        case "aws_s3_bucket":
            return attributes.get("force_destroy") is False
    return False


def _facts(state: Mapping[str, Any]) -> dict[str, Any]:
    """What a state file says, in the fields of DeployState. Sensitive outputs are left behind here."""
    addresses: list[str] = []
    tainted: list[str] = []
    deposed: list[str] = []
    protected: list[str] = []
    for resource in state.get("resources", []):
        if resource.get("mode") != "managed":
            continue
        base = ".".join(part for part in (resource.get("module"), resource["type"], resource["name"]) if part)
        for instance in resource.get("instances", []):
            key = instance.get("index_key")
            address = base if key is None else f"{base}[{key!r}]".replace("'", '"')
            # A replaced object that is still there stands beside the one that took its place.
            if "deposed" in instance:
                deposed.append(address)
                continue
            addresses.append(address)
            if is_protected(resource["type"], instance.get("attributes") or {}):
                protected.append(address)
            if instance.get("status") == "tainted":
                tainted.append(address)
    outputs = {
        name: output.get("value")
        for name, output in state.get("outputs", {}).items()
        if not output.get("sensitive", False)
    }
    digest = outputs.get(DIGEST_OUTPUT)
    return {
        "resources": len(addresses),
        "serial": state.get("serial"),
        "lineage": state.get("lineage"),
        "terraform_version": state.get("terraform_version"),
        "applied_digest": digest if isinstance(digest, str) else None,
        "tainted": tuple(sorted(tainted)),
        "deposed": tuple(sorted(deposed)),
        "protected": tuple(sorted(protected)),
        "addresses": tuple(sorted(addresses)),
        "outputs": outputs,
    }

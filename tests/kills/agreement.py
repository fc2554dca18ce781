"""Whether all that knows of a creator says the same: journal, lease, lock, record, state and account."""

from __future__ import annotations

import json
from typing import Any

from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.operations.model import OperationKind, Run, RunStatus
from tests.small_fleet import SmallFleet

_OUTCOMES = {
    RunStatus.SUCCEEDED: "succeeded",
    RunStatus.FAILED: "failed",
    RunStatus.LOST: "lost",
    RunStatus.CANCELLED: "cancelled",
}


def agree(small: SmallFleet, slug: str, last: Run, *, finished: bool) -> list[str]:
    """What does not agree, in sentences; nothing where all is well.

    Args:
        small: the fleet.
        slug: the creator.
        last: the newest run of this creator, ended.
        finished: there is nothing left to do: the account has exactly what the state says. Until then the
            account may have more, which the next plan takes in, but never less.
    """
    wrong = []
    open_runs = [run.id for run in small.fleet().journals.unsettled(slug)]
    if open_runs:
        wrong.append(f"journal: nobody has written the end of {open_runs}")
    lease = _object(small, slug, "fleet/lease.json")
    if lease is not None and lease.get("released_at") is None:
        wrong.append(f"lease: still held by {lease['claim']['run_id']}")
    lock = _object(small, slug, f"{STATE_KEY}.tflock")
    if lock is not None:
        wrong.append(f"lock: still held by {lock['Who']} for {lock['Operation']}")
    wrong += _of_record(small, slug, last)
    known, there = in_state(small.state(slug)), in_account(small, slug)
    for what in sorted(known - there):
        wrong.append(f"state: has {what}, which is not in the account")
    for what in sorted(there - known) if finished else []:
        wrong.append(f"account: has {what}, which no state knows")
    zones = [zone["Name"] for zone in small.client("route53", slug).list_hosted_zones()["HostedZones"]]
    if finished and len(zones) != len(set(zones)):
        wrong.append(f"account: has zones twice: {sorted(zones)}")
    if last.status is RunStatus.SUCCEEDED and last.operation.kind is OperationKind.APPLY and there != known:
        wrong.append(f"journal: says that the apply succeeded; account {there}, state {known}")
    return wrong


def in_state(state: dict[str, Any]) -> set[str]:
    """What the state knows, each with the id that AWS gave it."""
    return {
        f"{resource['type']} {instance['attributes']['id']}"
        for resource in state.get("resources", [])
        if resource["mode"] == "managed"
        for instance in resource["instances"]
    }


def in_account(small: SmallFleet, slug: str) -> set[str]:
    """What the account has, in the same words."""
    zones = small.client("route53", slug).list_hosted_zones()["HostedZones"]
    tables = small.client("dynamodb", slug).list_tables()["TableNames"]
    return {
        *(f"aws_ssm_parameter {name}" for name in small.parameters(slug)),
        *(f"aws_route53_zone {zone['Id'].removeprefix('/hostedzone/')}" for zone in zones),
        *(f"aws_dynamodb_table {name}" for name in tables),
    }


def _of_record(small: SmallFleet, slug: str, last: Run) -> list[str]:
    record = _object(small, slug, "fleet/record.json") or {}
    noted = record.get("last_run")
    if last.operation.kind is not OperationKind.APPLY:
        return []
    if noted is None or noted["run_id"] != last.id:
        return [] if last.status is not RunStatus.SUCCEEDED else [f"record: knows nothing of {last.id}"]
    if noted["outcome"] != _OUTCOMES[last.status]:
        return [f"record: says {noted['outcome']}, the journal says {last.status.value}"]
    return []


def _object(small: SmallFleet, slug: str, key: str) -> dict[str, Any] | None:
    s3 = small.client("s3", slug)
    try:
        found = s3.get_object(Bucket=small.bucket(slug), Key=key)
    except s3.exceptions.NoSuchKey:
        return None
    content: dict[str, Any] = json.loads(found["Body"].read())
    return content

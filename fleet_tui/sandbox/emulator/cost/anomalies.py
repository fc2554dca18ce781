"""Anomaly monitors and subscriptions: kept and given back; no anomaly is ever found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ministack.core.responses import AccountScopedDict, get_account_id

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.wire import ServiceError

Body = dict[str, Any]
Operation = Callable[[Body], Body]

_objects: Any = AccountScopedDict()
"""arn → `{"kind", "tags", "value"}`"""


def _unknown(kind: str) -> ServiceError:
    return ServiceError(400, f"Unknown{kind.removeprefix('Anomaly')}Exception", f"{kind} does not exist")


def _operations(kind: str, arn_type: str, arn_key: str) -> dict[str, Operation]:
    def held(arn: str) -> Body:
        entry = _objects.get(arn)
        if entry is None or entry["kind"] != kind:
            raise _unknown(kind)
        value: Body = entry["value"]
        return value

    def create(body: Body) -> Body:
        arn = f"arn:aws:ce::{get_account_id()}:{arn_type}/{identifiers.draw_uuid(arn_type)}"
        value = {**body[kind], arn_key: arn}
        if kind == "AnomalySubscription":
            value["AccountId"] = get_account_id()
        _objects[arn] = {"kind": kind, "tags": list(body.get("ResourceTags") or []), "value": value}
        return {arn_key: arn}

    def get(body: Body) -> Body:
        wanted = body.get(f"{arn_key}List")
        if wanted:
            return {f"{kind}s": [held(arn) for arn in wanted]}
        return {f"{kind}s": [entry["value"] for entry in _objects.values() if entry["kind"] == kind]}

    def update(body: Body) -> Body:
        held(body[arn_key]).update({key: value for key, value in body.items() if key != arn_key})
        return {arn_key: body[arn_key]}

    def delete(body: Body) -> Body:
        held(body[arn_key])
        _objects.pop(body[arn_key])
        return {}

    return {f"Create{kind}": create, f"Get{kind}s": get, f"Update{kind}": update, f"Delete{kind}": delete}


def _tagged(body: Body) -> Body:
    entry: Body | None = _objects.get(body["ResourceArn"])
    if entry is None:
        raise ServiceError(400, "ResourceNotFoundException", f"{body['ResourceArn']} does not exist")
    return entry


def _list_tags(body: Body) -> Body:
    return {"ResourceTags": _tagged(body)["tags"]}


def _tag(body: Body) -> Body:
    entry = _tagged(body)
    merged = {tag["Key"]: tag for tag in [*entry["tags"], *body["ResourceTags"]]}
    entry["tags"] = list(merged.values())
    return {}


def _untag(body: Body) -> Body:
    entry = _tagged(body)
    entry["tags"] = [tag for tag in entry["tags"] if tag["Key"] not in body["ResourceTagKeys"]]
    return {}


OPERATIONS: dict[str, Operation] = {
    **_operations("AnomalyMonitor", "anomalymonitor", "MonitorArn"),
    **_operations("AnomalySubscription", "anomalysubscription", "SubscriptionArn"),
    "GetAnomalies": lambda _body: {"Anomalies": []},
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}


def get_state() -> Body:
    """What is persisted."""
    return {"objects": copy.deepcopy(_objects)}


def load_persisted_state(state: Body) -> None:
    """Restore."""
    _objects.update(state["objects"])


def reset() -> None:
    """Forget everything."""
    _objects.clear()

"""Keys of DynamoDB's replicas.

Upstream: a replica takes over the key of the table that it is made from, which is in another region, and
forgets the one that was asked for, so that a table with a key of its own has a change in every plan. Here
each replica has its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import dynamodb

Update = Callable[[str, dict[str, Any], list[dict[str, Any]]], Any]


def _with_keys(upstream: Update) -> Update:
    """UpdateTable's ReplicaUpdates, after which every replica is encrypted as it was asked for."""

    def update(name: str, table: dict[str, Any], updates: list[dict[str, Any]]) -> Any:
        if (refused := upstream(name, table, updates)) is not None:
            return refused
        for wanted in updates:
            for action, replica in wanted.items():
                made = dynamodb._tables.get_scoped(get_account_id(), replica["RegionName"], name)
                key = replica.get("KMSMasterKeyId")
                if made is not None and (key or action == "Create"):
                    specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
                    made["SSEDescription"] = dynamodb._sse_description_from_spec(
                        specification if key else None
                    )
        return None

    return update


def install() -> None:
    """Put the repair in place."""
    dynamodb._apply_replica_updates = _with_keys(dynamodb._apply_replica_updates)

"""The troubles of the sample fleet, each made the way it comes about in real life."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.statelock import LOCK_KEY
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor
    from fleet_tui.sandbox.emulator.process import Emulator

NEVER_DEPLOYED = frozenset({"yara-yew"})
_DENIED, _DRIFTED, _LOCKED = "finn-flut", "lena-lux", "pia-prisma"
_DENIAL = (
    "is not authorized to perform: dynamodb:CreateTable with an explicit deny in a service control policy"
)


class Troubles:
    """Makes trouble for those creators who are to have it, once.

    Args:
        door: the way into the accounts.
        buckets: the creators' state buckets.
        emulator: the embedded AWS, through its back door.
    """

    def __init__(self, door: AwsDoor, buckets: StateBuckets, emulator: Emulator) -> None:
        self._door = door
        self._buckets = buckets
        self._emulator = emulator

    def failed_as_wanted(self, creator: Creator, state: DeployState) -> bool:
        """Whether a failed creator is one who is to have failed."""
        return creator.slug == _DENIED and "service control policy" in state.reason

    def before(self, creator: Creator) -> None:
        """What has to be wrong before the first apply: an organisation's policy forbids a table."""
        if creator.slug == _DENIED:
            user = f"User: arn:aws:sts::{creator.account_id}:assumed-role/FleetOperator/you"
            fault = {
                "account": creator.account_id,
                "service": "dynamodb",
                "operation": "CreateTable",
                "status": 400,
                "code": "AccessDeniedException",
                "message": f"{user} {_DENIAL}",
            }
            self._emulator.call("faults/set", fault)

    def after(self, creator: Creator, check_drift: Callable[[], object]) -> None:
        """What goes wrong afterwards: somebody changes things by hand, somebody's run leaves its lock."""
        if creator.slug == _DRIFTED and self._buckets.observe(creator).status is DeployStatus.UP_TO_DATE:
            self._change_by_hand(creator)
            check_drift()
        if creator.slug == _LOCKED and self._buckets.observe(creator).status is DeployStatus.UP_TO_DATE:
            self._leave_lock(creator)

    def _change_by_hand(self, creator: Creator) -> None:
        with self._door.entered(creator) as account:
            ivs = account.client("ivs")
            for channel in ivs.list_channels()["channels"]:
                ivs.update_channel(arn=channel["arn"], latencyMode="NORMAL")
            s3 = account.client("s3")
            outputs = self._buckets.outputs(creator)
            site = outputs.get("site_bucket")
            if isinstance(site, str):
                s3.put_bucket_versioning(Bucket=site, VersioningConfiguration={"Status": "Suspended"})

    def _leave_lock(self, creator: Creator) -> None:
        created = datetime.now(UTC) - timedelta(hours=2, minutes=7)
        lock = {
            "ID": str(uuid.uuid4()),
            "Operation": "OperationTypeApply",
            "Info": "",
            "Who": "ana@ops-laptop",
            "Version": "1.11.4",
            "Created": created.isoformat().replace("+00:00", "Z"),
            "Path": f"{creator.state_bucket}/{STATE_KEY}",
        }
        with self._door.entered(creator) as account:
            account.client("s3").put_object(
                Bucket=creator.state_bucket, Key=LOCK_KEY, Body=json.dumps(lock).encode()
            )

"""Terraform's own lock on a state, held by us while we write the state in its place.

The form is that of the S3 backend with `use_lockfile`
(https://developer.hashicorp.com/terraform/language/backend/s3#state-locking): who runs Terraform meanwhile is
told who holds it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from fleet_tui.deploy.conditional import overtaken, write_object
from fleet_tui.deploy.statelock import LOCK_KEY, StateLocks
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor


@contextmanager
def terraform_lock(
    door: AwsDoor, creator: Creator, *, operation: str, who: str, now: datetime
) -> Iterator[None]:
    """Hold Terraform's lock on the creator's state.

    Args:
        door: the way into the account.
        creator: whose state it is.
        operation: what is done meanwhile, for whoever meets the lock.
        who: the operator, `user@host`.
        now: when.

    Raises:
        FleetError: kind CONFLICT, somebody else holds it; or the bucket cannot be written.
    """
    bucket = creator.state_bucket
    lock = {
        "ID": str(uuid.uuid4()),
        "Operation": operation,
        "Info": "fleet",
        "Who": who,
        "Version": "",
        "Created": now.isoformat().replace("+00:00", "Z"),
        "Path": f"{bucket}/{STATE_KEY}",
    }
    with door.entered(creator) as account:
        etag = write_object(account.client("s3"), bucket, LOCK_KEY, json.dumps(lock).encode(), None)
    if etag is None:
        held = StateLocks(door).look(creator)
        raise FleetError.of(
            ProblemKind.CONFLICT,
            f"the state is locked by {held.who if held else 'somebody who let go of it just now'}",
            where=creator.slug,
            hint=f"Wait for it, or ask them; fleet lease {creator.slug} shows more",
        )
    try:
        yield
    finally:
        with door.entered(creator) as account:
            s3 = account.client("s3")
            try:
                s3.delete_object(Bucket=bucket, Key=LOCK_KEY, IfMatch=etag)
            except s3.exceptions.ClientError as error:
                if not overtaken(error):  # ours was broken, and another one's is not ours to remove
                    raise

"""Terraform's own lock on a state, as its S3 backend writes it beside the state object.

https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fleet_tui.deploy.conditional import overtaken, read_object, write_object
from fleet_tui.deploy.model import Lock
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from fleet_tui.aws import AwsDoor

LOCK_KEY = f"{STATE_KEY}.tflock"


def lock_of(content: dict[str, Any]) -> Lock:
    """The lock that this object says. Raises KeyError or ValueError where it is not one of Terraform's."""
    return Lock(
        id=content["ID"],
        operation=content.get("Operation", ""),
        who=content.get("Who", ""),
        created=datetime.fromisoformat(content["Created"].replace("Z", "+00:00")),
        info=content.get("Info", ""),
    )


class StateLocks:
    """The locks of all creators; safe to call from many threads.

    Args:
        door: the way into the accounts.
    """

    def __init__(self, door: AwsDoor) -> None:
        self._door = door

    def look(self, creator: Creator) -> Lock | None:
        """The lock, None where the state is free. Raises FleetError."""
        with self._door.entered(creator) as account:
            found = self._read(account.client("s3"), creator)
        return found[0] if found else None

    def remove(self, creator: Creator, lock_id: str) -> Lock:
        """Remove the lock, if it is the one that was shown to the operator.

        Raises:
            FleetError: kind CONFLICT where the state is free by now, or locked by somebody else.
        """
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            found = self._read(s3, creator)
            if found is not None and found[0].id == lock_id:
                try:
                    s3.delete_object(Bucket=creator.state_bucket, Key=LOCK_KEY, IfMatch=found[1])
                except s3.exceptions.ClientError as error:
                    if not overtaken(error):
                        raise
                    if self._read(s3, creator) is None:
                        return found[0]  # it is gone, be it by our own hand: botocore sends twice
                else:
                    return found[0]
        raise FleetError.of(
            ProblemKind.CONFLICT,
            "Terraform's lock is not the one that was shown any more; it was left alone",
            where=creator.slug,
            hint=f"fleet lease {creator.slug} shows what is there now",
        )

    def _read(self, s3: S3Client, creator: Creator) -> tuple[Lock, str] | None:
        found = read_object(s3, creator.state_bucket, LOCK_KEY)
        if found is None:
            return None
        try:
            return lock_of(json.loads(found.content)), found.etag
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                f"{LOCK_KEY} is not a lock that Terraform wrote",
                where=f"{creator.slug}: s3://{creator.state_bucket}",
                hint="Find out who works there, and delete that object when nobody does",
            ) from error


@contextmanager
def terraform_lock(
    door: AwsDoor, creator: Creator, *, operation: str, who: str, now: datetime
) -> Iterator[None]:
    """Hold Terraform's lock on the creator's state while we write the state in its place.

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

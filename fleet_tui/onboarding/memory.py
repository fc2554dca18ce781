"""What is remembered of a creator's way: in the creator's state bucket, and a copy on this machine.

The bucket's is the one that counts, so that every operator sees the same. Before there is a bucket, and where
it cannot be reached, the copy stands in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from fleet_tui.onboarding.mail import OnboardingDoor
from fleet_tui.onboarding.model import Memory
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MEMORY_KEY = "fleet/onboarding.json"
_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
_TRIES = 4  # somebody else writes at the same moment, at most a few times in a row

Change = Callable[[Memory], Memory]


class MemoryStore:
    """Reads and changes what is remembered. Safe to use from many threads.

    Args:
        door: the way into accounts.
        folder: where the copies are.
    """

    def __init__(self, door: OnboardingDoor, folder: Path) -> None:
        self._door = door
        self._folder = folder

    def read(self, creator: Creator) -> Memory:
        """What is remembered; the copy where the account cannot be entered or has no bucket yet."""
        try:
            with self._door.entered(creator) as account:
                found, _ = _get(account.client("s3"), creator)
        except FleetError:
            found = None
        if found is None:
            return self.copy(creator)
        self._keep(creator, found)
        return found

    def copy(self, creator: Creator) -> Memory:
        """What this machine knows, without asking anybody; an empty memory where that is nothing."""
        try:
            return Memory.model_validate_json(self._path(creator).read_bytes())
        except (FileNotFoundError, ValidationError):  # one of another version is as good as none
            return Memory()

    def change(self, creator: Creator, change: Change) -> Memory:
        """Change what is remembered, on top of whatever others have written meanwhile.

        Args:
            creator: whose.
            change: makes the new memory from the newest one; may be called more than once.

        Returns:
            What is remembered now: in the bucket, or here alone where there is no way to the bucket.
        """
        try:
            with self._door.entered(creator) as account:
                changed = self._change_in_bucket(account.client("s3"), creator, change)
        except FleetError:
            changed = change(self.copy(creator))
        self._keep(creator, changed)
        return changed

    def change_here(self, creator: Creator, change: Change) -> Memory:
        """Change this machine's copy alone: a console that may only read leaves the bucket as it is."""
        changed = change(self.copy(creator))
        self._keep(creator, changed)
        return changed

    def _change_in_bucket(self, s3: S3Client, creator: Creator, change: Change) -> Memory:
        for _ in range(_TRIES):
            before, tag = _get(s3, creator)
            changed = change(before or self.copy(creator))
            if changed == before:
                return changed
            try:
                _put(s3, creator, changed, tag)
            except s3.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in (
                    "PreconditionFailed",
                    "ConditionalRequestConflict",
                ):
                    raise
                continue
            return changed
        raise FleetError.of(ProblemKind.CONFLICT, f"{MEMORY_KEY} is changed by others all the time")

    def _path(self, creator: Creator) -> Path:
        # The account is part of the name: a slug that moves to another account begins anew.
        return self._folder / f"{creator.slug}-{creator.account_id}.json"

    def _keep(self, creator: Creator, memory: Memory) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(creator)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        temporary.write_text(memory.model_dump_json(), encoding="utf-8")
        temporary.replace(path)


def _get(s3: S3Client, creator: Creator) -> tuple[Memory | None, str | None]:
    """What the bucket holds, and its tag; nothing where there is none, or one that cannot be read."""
    try:
        answer = s3.get_object(Bucket=creator.state_bucket, Key=MEMORY_KEY)
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None, None
        raise
    try:
        return Memory.model_validate_json(answer["Body"].read()), answer["ETag"]
    except ValidationError:
        return None, answer["ETag"]


def _put(s3: S3Client, creator: Creator, memory: Memory, tag: str | None) -> None:
    """Write it if nobody has written since it was read."""
    body = memory.model_dump_json(indent=1).encode()
    kind, bucket = "application/json", creator.state_bucket
    if tag:
        s3.put_object(Bucket=bucket, Key=MEMORY_KEY, Body=body, ContentType=kind, IfMatch=tag)
    else:
        s3.put_object(Bucket=bucket, Key=MEMORY_KEY, Body=body, ContentType=kind, IfNoneMatch="*")

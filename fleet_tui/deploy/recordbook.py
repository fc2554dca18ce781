"""The run records beside the creators' states: read, extended under S3's conditions, and proved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from fleet_tui.deploy.conditional import attempts, read_object, write_object
from fleet_tui.deploy.model import RunRecord
from fleet_tui.deploy.records import ChainBreak, RunEntry, first_break
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from fleet_tui.aws import AwsDoor

RECORD_KEY = "fleet/record.json"
RUNS = "fleet/runs/"
_ATTEMPTS = 6  # each time somebody else was faster
_AT_ONCE = 8


class RecordBook:
    """The records of all creators; safe to call from many threads.

    The commit is one conditional writing of `fleet/record.json`, which carries the newest record whole. Its
    own object follows, and is written by whoever comes next where that was cut off; so the chain can neither
    fork nor lose a link, and no object of it is ever written twice.

    Args:
        door: the way into the accounts.
    """

    def __init__(self, door: AwsDoor) -> None:
        self._door = door

    def read(self, creator: Creator) -> RunRecord:
        """`fleet/record.json`, an empty one where there is none. Raises FleetError."""
        with self._door.entered(creator) as account:
            return self._read(account.client("s3"), creator)[0]

    def change(self, creator: Creator, change: Callable[[RunRecord], RunRecord]) -> RunRecord:
        """Change `fleet/record.json`, from what is there when it is written.

        Args:
            creator: whose.
            change: gives the new record for the one that is there; called again where somebody was faster.

        Returns:
            The record as it is now.

        Raises:
            FleetError: it cannot be read or written, or others are faster all the time.
        """
        for _ in attempts(_ATTEMPTS):
            with self._door.entered(creator) as account:
                s3 = account.client("s3")
                before, etag = self._read(s3, creator)
                after = change(before)
                if after == before:
                    return before
                if after.newest != before.newest and before.newest is not None:
                    self._keep(s3, creator, before.newest)
                content = after.model_dump_json(exclude_none=True).encode()
                if write_object(s3, creator.state_bucket, RECORD_KEY, content, etag) is None:
                    continue
                if after.newest != before.newest and after.newest is not None:
                    self._keep(s3, creator, after.newest)
                return after
        raise FleetError.of(
            ProblemKind.CONFLICT,
            f"{RECORD_KEY} is being written by others all the time",
            where=creator.slug,
            hint="Try again",
        )

    def entries(self, creator: Creator, limit: int | None = None) -> list[RunEntry]:
        """The newest records, newest first.

        Args:
            creator: whose.
            limit: how many at most; None for all.

        Raises:
            FleetError: the bucket cannot be read, or holds something that is no record.
        """
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            newest = self._read(s3, creator)[0].newest
            keys = sorted(self._keys(s3, creator), reverse=True)[:limit]
            found = {entry.run.run_id: entry for entry in self._all(s3, creator, keys, self._entry)}
        if newest is not None:
            found.setdefault(newest.run.run_id, newest)
        return sorted(found.values(), key=lambda entry: entry.number, reverse=True)[:limit]

    def entry(self, creator: Creator, run_id: str) -> RunEntry | None:
        """The record of one run, None where there is none. Raises FleetError."""
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            found = self._entry(s3, creator, f"{RUNS}{run_id}.json")
            newest = self._read(s3, creator)[0].newest if found is None else None
        return newest if newest is not None and newest.run.run_id == run_id else found

    def verify(self, creator: Creator) -> tuple[int, ChainBreak | None]:
        """How many records there are, and where their chain is broken first. Raises FleetError."""
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            newest = self._read(s3, creator)[0].newest
            raw = list(self._all(s3, creator, list(self._keys(s3, creator)), self._raw))
        head = newest.model_dump(mode="json") if newest else None
        if newest is not None and all(_run_id(entry) != newest.run.run_id for entry in raw):
            raw.append(head or {})  # its own object was cut off, and is written by whoever comes next
        return len(raw), first_break(raw, head)

    def _read(self, s3: S3Client, creator: Creator) -> tuple[RunRecord, str | None]:
        found = read_object(s3, creator.state_bucket, RECORD_KEY)
        if found is None:
            return RunRecord(), None
        try:
            return RunRecord.model_validate_json(found.content), found.etag
        except ValidationError as error:
            raise _not_ours(creator, RECORD_KEY) from error

    def _keep(self, s3: S3Client, creator: Creator, entry: RunEntry) -> None:
        """Write a record's own object, if it is not there yet."""
        key = f"{RUNS}{entry.run.run_id}.json"
        write_object(s3, creator.state_bucket, key, entry.model_dump_json().encode(), None)

    def _keys(self, s3: S3Client, creator: Creator) -> Iterator[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=creator.state_bucket, Prefix=RUNS)
        try:
            for page in pages:
                yield from (found["Key"] for found in page.get("Contents", []))
        except s3.exceptions.NoSuchBucket:
            return

    def _all(
        self, s3: S3Client, creator: Creator, keys: list[str], read: Callable[[S3Client, Creator, str], Any]
    ) -> list[Any]:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return [
                found for found in threads.map(lambda key: read(s3, creator, key), keys) if found is not None
            ]

    def _entry(self, s3: S3Client, creator: Creator, key: str) -> RunEntry | None:
        found = read_object(s3, creator.state_bucket, key)
        if found is None:
            return None
        try:
            return RunEntry.model_validate_json(found.content)
        except ValidationError as error:
            raise _not_ours(creator, key) from error

    def _raw(self, s3: S3Client, creator: Creator, key: str) -> Any:
        """A record as it lies there; one that cannot be read breaks the chain, and not the proof of it."""
        found = read_object(s3, creator.state_bucket, key)
        try:
            content = json.loads(found.content) if found else None
        except ValueError:
            content = None
        return content if isinstance(content, dict) else {"run": {"run_id": key.removeprefix(RUNS)}}


def _run_id(entry: dict[str, Any]) -> str:
    run = entry.get("run")
    return str(run.get("run_id", "")) if isinstance(run, dict) else ""


def _not_ours(creator: Creator, key: str) -> FleetError:
    return FleetError.of(
        ProblemKind.CONFIGURATION,
        f"{key} is not in the form that fleet writes",
        where=f"{creator.slug}: s3://{creator.state_bucket}",
        hint="Compare it with the version before it in the bucket",
    )

"""The versions of a creator's state, as the versioned state bucket keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from fleet_tui.deploy.records import RunEntry
from fleet_tui.deploy.statediff import instances
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.values import Moment, Value

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from fleet_tui.aws import AwsDoor

_AT_ONCE = 8
_UNUSABLE = frozenset(
    {"NoSuchVersion", "NoSuchKey", "NoSuchBucket", "404", "InvalidArgument", "MethodNotAllowed"}
)


class StateVersion(Value):
    """One version of a state.

    Args:
        id: S3's id of it.
        written_at: when, by S3's clock.
        size: in bytes.
        newest: it is the state as it is now.
        removed: the state was removed then; there is nothing to read.
        serial: None where it cannot be read as a state.
        resources: how many resource instances it holds.
        run_id: the run that wrote it, as far as the records tell; empty where they do not.
        kind: what that run did.
        operator: who asked for it.
    """

    id: str
    written_at: Moment
    size: int = 0
    newest: bool = False
    removed: bool = False
    serial: int | None = None
    lineage: str = ""
    resources: int = 0
    run_id: str = ""
    kind: str = ""
    operator: str = ""


class StateVersions:
    """The versions of all creators' states.

    Args:
        door: the way into the accounts.
    """

    def __init__(self, door: AwsDoor) -> None:
        self._door = door

    def listed(self, creator: Creator, limit: int) -> tuple[StateVersion, ...]:
        """The newest versions, newest first.

        Args:
            creator: whose.
            limit: how many at most; each is read, to say what is in it.

        Raises:
            FleetError: the bucket cannot be read.
        """
        found: list[StateVersion] = []
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            pages = s3.get_paginator("list_object_versions").paginate(
                Bucket=creator.state_bucket, Prefix=STATE_KEY
            )
            try:
                for page in pages:
                    found += [_listed(one) for one in page.get("Versions", []) if one["Key"] == STATE_KEY]
                    found += [
                        _listed(one).model_copy(update={"removed": True})
                        for one in page.get("DeleteMarkers", [])
                        if one["Key"] == STATE_KEY
                    ]
            except s3.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in _UNUSABLE:
                    raise
        found.sort(key=lambda one: (one.newest, one.written_at), reverse=True)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return tuple(threads.map(lambda one: self._filled(creator, one), found[:limit]))

    def content(self, creator: Creator, version_id: str) -> dict[str, Any]:
        """One version of the state.

        Raises:
            FleetError: kind NOT_FOUND, there is no such version; kind CONFIGURATION, it is no JSON.
        """
        with self._door.entered(creator) as account:
            content = _read(account.client("s3"), creator, version_id)
        if content is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f"there is no version {version_id} of the state",
                where=f"{creator.slug}: s3://{creator.state_bucket}",
                hint=f"fleet state versions {creator.slug} lists them",
            )
        return content

    def _filled(self, creator: Creator, version: StateVersion) -> StateVersion:
        if version.removed:
            return version
        try:
            with self._door.entered(creator) as account:  # a thread of its own enters by itself
                content = _read(account.client("s3"), creator, version.id) or {}
        except FleetError as error:
            if error.problem.kind is ProblemKind.CONFIGURATION:
                return version  # it is listed, and says nothing about what is in it
            raise
        return version.model_copy(
            update={
                "serial": content.get("serial"),
                "lineage": str(content.get("lineage", "")),
                "resources": sum(1 for _ in instances(content)),
            }
        )


def with_runs(versions: Sequence[StateVersion], entries: Sequence[RunEntry]) -> tuple[StateVersion, ...]:
    """The versions with the runs that wrote them, by lineage and serial: pure.

    A run writes every serial after the one that it found, up to the one that it left.
    """
    return tuple(
        version.model_copy(
            update={
                "run_id": entry.run.run_id,
                "kind": entry.run.kind,
                "operator": entry.run.operator,
            }
        )
        if (entry := _writer(version, entries)) is not None
        else version
        for version in versions
    )


def _writer(version: StateVersion, entries: Sequence[RunEntry]) -> RunEntry | None:
    for entry in entries:
        after, before = entry.end.after, entry.run.before
        if after is None or version.serial is None or after.lineage != version.lineage:
            continue
        first = before.serial if before is not None and before.lineage == after.lineage else -1
        if first < version.serial <= after.serial:
            return entry
    return None


def _listed(one: Mapping[str, Any]) -> StateVersion:
    return StateVersion(
        id=one["VersionId"],
        written_at=one["LastModified"],
        size=one.get("Size", 0),
        newest=one["IsLatest"],
    )


def _read(s3: S3Client, creator: Creator, version_id: str) -> dict[str, Any] | None:
    try:
        answer = s3.get_object(Bucket=creator.state_bucket, Key=STATE_KEY, VersionId=version_id)
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in _UNUSABLE:
            return None
        raise
    try:
        content = json.loads(answer["Body"].read())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            f"version {version_id} of {STATE_KEY} is not a state",
            where=f"{creator.slug}: s3://{creator.state_bucket}",
            hint="Choose another version",
        )
    return content

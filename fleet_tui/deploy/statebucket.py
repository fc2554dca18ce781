"""The state bucket of a creator: reading what Terraform and our runs have left there.

Three small objects tell the deploy state, and reading them costs three GET requests ($0.0000012) and
runs no Terraform: the state, its lock, and the run record. An object that has not changed since the last
look answers 304 and is not parsed again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue, ValidationError

from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.judgement import judge
from fleet_tui.deploy.model import DeployState, Lock, RunRecord
from fleet_tui.deploy.variables import BACKEND_STATE_KEY, STATE_KEY
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from fleet_tui.aws import AwsDoor

LOCK_KEY = f"{STATE_KEY}.tflock"
RECORD_KEY = "fleet/record.json"
_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "404"})


@dataclass(frozen=True, slots=True)
class _Held:
    etag: str
    modified_at: datetime
    content: dict[str, Any]


def _now() -> datetime:
    return datetime.now(UTC)


class StateBuckets:
    """Looks at the state buckets of all creators; safe to call from many threads."""

    def __init__(
        self, door: AwsDoor, digest: ConfigurationDigest, now: Callable[[], datetime] = _now
    ) -> None:
        self._door = door
        self._digest = digest
        self._now = now
        self._held: dict[tuple[str, str], _Held] = {}
        self._outputs: dict[str, dict[str, JsonValue]] = {}
        self._lock = threading.Lock()

    def observe(self, creator: Creator) -> DeployState:
        """The deploy state of this creator, as its bucket tells it now.

        Raises:
            FleetError: the bucket cannot be read, or holds something that is not what it should be.
        """
        self._door.prove_account(creator)
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            # The lock before the state: an apply that ends between the two looks is then seen as deploying
            # once more, and never as a state without its record.
            lock = self._read(s3, creator, LOCK_KEY)
            record = self._read(s3, creator, RECORD_KEY)
            state = self._read(s3, creator, STATE_KEY)
        try:
            result = judge(
                state=state.content if state else None,
                modified_at=state.modified_at if state else None,
                lock=_lock_of(lock.content) if lock else None,
                record=RunRecord.model_validate(record.content) if record else RunRecord(),
                wanted_digest=self._digest.of(creator),
                now=self._now(),
            )
        except (ValidationError, KeyError, AttributeError) as error:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "the state, its lock or the run record is not in the form that Terraform and fleet write",
                where=f"{creator.slug}: s3://{creator.state_bucket}",
                hint=f"Look at {STATE_KEY}, {LOCK_KEY} and {RECORD_KEY} in that bucket",
            ) from error
        with self._lock:
            self._outputs[creator.slug] = result.outputs
        return result

    def outputs(self, creator: Creator) -> dict[str, JsonValue]:
        """The outputs of the creator's state, sensitive ones left out; looks if nobody has yet."""
        with self._lock:
            known = self._outputs.get(creator.slug)
        return known if known is not None else self.observe(creator).outputs

    def ready(self, creator: Creator) -> bool:
        """Whether the creator's account has its state bucket, made to its end.

        The last step of making it is to move its own state into it; a bucket without that state was broken
        off half-way, and may lack its encryption or its policy.
        """
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            try:
                s3.head_object(Bucket=creator.state_bucket, Key=BACKEND_STATE_KEY)
            except s3.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in _ABSENT:
                    return False
                raise
        return True

    def read_record(self, creator: Creator) -> RunRecord:
        """The run record beside the state; an empty one where there is none."""
        with self._door.entered(creator) as account:
            record = self._read(account.client("s3"), creator, RECORD_KEY)
        return RunRecord.model_validate(record.content) if record else RunRecord()

    def write_record(self, creator: Creator, record: RunRecord) -> None:
        """Keep the run record beside the state, where every operator sees it."""
        with self._door.entered(creator) as account:
            account.client("s3").put_object(
                Bucket=creator.state_bucket,
                Key=RECORD_KEY,
                Body=record.model_dump_json().encode(),
                ContentType="application/json",
            )

    def _read(self, s3: S3Client, creator: Creator, key: str) -> _Held | None:
        place = (creator.state_bucket, key)
        with self._lock:
            held = self._held.get(place)
        try:
            if held:
                answer = s3.get_object(Bucket=creator.state_bucket, Key=key, IfNoneMatch=held.etag)
            else:
                answer = s3.get_object(Bucket=creator.state_bucket, Key=key)
        except s3.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if held and code in ("304", "NotModified"):
                return held
            if code in _ABSENT:
                with self._lock:
                    self._held.pop(place, None)
                return None
            raise
        try:
            content = json.loads(answer["Body"].read())
        except ValueError as error:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                f"{key} is not JSON",
                where=f"{creator.slug}: s3://{creator.state_bucket}",
                hint="Compare it with the version before it in the bucket",
            ) from error
        fresh = _Held(answer["ETag"], answer["LastModified"].astimezone(UTC), content)
        with self._lock:
            self._held[place] = fresh
        return fresh


def _lock_of(content: dict[str, Any]) -> Lock:
    return Lock(
        id=content["ID"],
        operation=content.get("Operation", ""),
        who=content.get("Who", ""),
        created=datetime.fromisoformat(content["Created"].replace("Z", "+00:00")),
        info=content.get("Info", ""),
    )

"""The state bucket of a creator: reading what Terraform and our runs have left there.

Four small objects tell the deploy state, and reading them costs four GET requests ($0.0000016) and runs no
Terraform: the state, its lock, the lease, and the run record. An object that has not changed since the last
look answers 304 and is not parsed again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue, ValidationError

from fleet_tui.deploy.conditional import answered_at
from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.guards import mark_of
from fleet_tui.deploy.judgement import judge
from fleet_tui.deploy.lease import Lease, LeaseStatus, SeenLease, status_of
from fleet_tui.deploy.leases import LEASE_KEY
from fleet_tui.deploy.model import DeployState, RunRecord
from fleet_tui.deploy.recordbook import RECORD_KEY, RecordBook
from fleet_tui.deploy.records import StateMark
from fleet_tui.deploy.statelock import LOCK_KEY, lock_of
from fleet_tui.deploy.variables import BACKEND_STATE_KEY, STATE_KEY
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from fleet_tui.aws import AwsDoor

_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "404"})


@dataclass(frozen=True, slots=True)
class _Held:
    etag: str
    modified_at: datetime
    seen_at: datetime  # both by S3's clock
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
        self.records = RecordBook(door)

    def observe(self, creator: Creator) -> DeployState:
        """The deploy state of this creator, as its bucket tells it now.

        Raises:
            FleetError: the bucket cannot be read, or holds something that is not what it should be.
        """
        self._door.prove_account(creator)
        with self._door.entered(creator) as account:
            s3 = account.client("s3")
            # In this order an apply that ends between two looks is seen as deploying once more, and never
            # as a state without its record.
            lease = self._read(s3, creator, LEASE_KEY)
            lock = self._read(s3, creator, LOCK_KEY)
            record = self._read(s3, creator, RECORD_KEY)
            state = self._read(s3, creator, STATE_KEY)
        try:
            result = judge(
                state=state.content if state else None,
                modified_at=state.modified_at if state else None,
                lock=lock_of(lock.content) if lock else None,
                lease=_lease_of(lease) if lease else None,
                record=RunRecord.model_validate(record.content) if record else RunRecord(),
                wanted_digest=self._digest.of(creator),
                now=self._now(),
            )
        except (ValidationError, KeyError, AttributeError) as error:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "the state, its lock, the lease or the run record has not the form in which they are written",
                where=f"{creator.slug}: s3://{creator.state_bucket}",
                hint=f"Look at {STATE_KEY}, {LOCK_KEY}, {LEASE_KEY} and {RECORD_KEY} in that bucket",
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

    def mark(self, creator: Creator) -> StateMark | None:
        """Which state is there now, None where there is none. Raises FleetError."""
        state = self.state(creator)
        return mark_of(state, self._now()) if state else None

    def state(self, creator: Creator) -> dict[str, Any] | None:
        """The state as it lies in the bucket, with all its secrets; None where there is none."""
        with self._door.entered(creator) as account:
            state = self._read(account.client("s3"), creator, STATE_KEY)
        return state.content if state else None

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
                return replace(held, seen_at=answered_at(error.response, self._now))
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
        seen_at = answered_at(answer, self._now)
        fresh = _Held(answer["ETag"], answer["LastModified"].astimezone(UTC), seen_at, content)
        with self._lock:
            self._held[place] = fresh
        return fresh


def _lease_of(held: _Held) -> SeenLease | None:
    lease = Lease.model_validate(held.content)
    status = status_of(lease, max(held.seen_at - held.modified_at, timedelta()))
    if status is LeaseStatus.FREE:
        return None
    return SeenLease(lease=lease, renewed_at=held.modified_at, status=status)

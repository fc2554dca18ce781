"""Leases in the creators' state buckets: read, and written under S3's conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from fleet_tui.deploy.conditional import attempts, read_object, utc_now, write_object
from fleet_tui.deploy.lease import (
    Claim,
    Lease,
    broken,
    holder,
    is_held_by,
    released,
    renewed,
    same_holding,
    taken,
)
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from fleet_tui.aws import AwsDoor

LEASE_KEY = "fleet/lease.json"
_ATTEMPTS = 4  # each time somebody else was faster


@dataclass(frozen=True, slots=True)
class FoundLease:
    """A lease as it was read.

    Args:
        lease: what it says.
        etag: which object that was.
        age: how long ago it was written, by S3's clock.
    """

    lease: Lease
    etag: str
    age: timedelta


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease of ours, and the object that says so.

    Args:
        instead_of: the lease that was taken over, whose holder is dead; None where it was free.
    """

    lease: Lease
    etag: str
    instead_of: Lease | None = None


class LeaseHeldError(FleetError):
    """Somebody else holds the lease."""


class LeaseLostError(FleetError):
    """The lease is ours no longer."""


class Leases:
    """The leases of all creators; safe to call from many threads.

    Args:
        door: the way into the accounts.
        now: the time, for what is written; ages are judged by S3's clock where it tells it.
    """

    def __init__(self, door: AwsDoor, now: Callable[[], datetime] = utc_now) -> None:
        self._door = door
        self._now = now

    def look(self, creator: Creator) -> FoundLease | None:
        """The creator's lease, None where there never was one. Raises FleetError."""
        with self._door.entered(creator) as account:
            return self._read(account.client("s3"), creator)

    def take(
        self, creator: Creator, claim: Claim, ended: Callable[[Lease], bool] = lambda _: False
    ) -> HeldLease:
        """Take the lease if it is free, or if its holder is dead.

        Args:
            creator: whose.
            claim: who wants it, and what for.
            ended: whether the holder of a lease is known to have ended, however young the lease is.

        Raises:
            LeaseHeldError: somebody holds it.
            FleetError: the bucket cannot be read or written.
        """
        found: FoundLease | None = None
        for _ in attempts(_ATTEMPTS):
            with self._door.entered(creator) as account:
                s3 = account.client("s3")
                found = self._read(s3, creator)
                if found and is_held_by(found.lease, claim.run_id):
                    # By the process before this one: as old as it may be, it has to be young again.
                    return self.renew(creator, HeldLease(found.lease, found.etag))
                before, age = (found.lease, found.age) if found else (None, timedelta())
                over = before is not None and ended(before)
                mine = taken(before, age, claim, self._now(), ended=over)
                if mine is None:
                    raise LeaseHeldError(_held(creator, found))
                etag = self._write(s3, creator, mine, found.etag if found else None)
            if etag is not None:
                dead = before if before and before.released_at is None else None
                return HeldLease(mine, etag, dead)
        raise _busy(creator)

    def renew(self, creator: Creator, held: HeldLease) -> HeldLease:
        """Give one more sign of life; that it went through proves that nobody else took the lease.

        Raises:
            LeaseLostError: it was taken over, or broken.
            FleetError: the bucket cannot be reached; whether the lease is still ours is not known.
        """
        return self._replace(creator, held, renewed)

    def release(self, creator: Creator, held: HeldLease) -> None:
        """Let go of the lease.

        Raises:
            LeaseLostError: it was ours no longer.
            FleetError: the bucket cannot be reached; the lease dies by itself.
        """
        now = self._now()
        self._replace(creator, held, lambda lease: released(lease, now))

    def break_off(self, creator: Creator, number: int, by: str) -> Lease:
        """Take the lease away from whoever holds it.

        Args:
            creator: whose.
            number: the lease that was shown to the operator; no other is broken.
            by: the operator, `user@host`.

        Returns:
            The lease that was broken.

        Raises:
            FleetError: kind CONFLICT where another lease is there by now, or none is held.
        """
        for _ in attempts(_ATTEMPTS):
            with self._door.entered(creator) as account:
                s3 = account.client("s3")
                found = self._read(s3, creator)
                if found is None or found.lease.released_at is not None or found.lease.number != number:
                    break
                if self._write(s3, creator, broken(found.lease, by, self._now()), found.etag):
                    return found.lease
        raise FleetError.of(
            ProblemKind.CONFLICT,
            f"lease {number} is not there any more; nothing was broken",
            where=creator.slug,
            hint=f"fleet lease {creator.slug} shows what is there now",
        )

    def _replace(self, creator: Creator, held: HeldLease, change: Callable[[Lease], Lease]) -> HeldLease:
        for _ in attempts(_ATTEMPTS):
            lease = change(held.lease)
            with self._door.entered(creator) as account:
                s3 = account.client("s3")
                etag = self._write(s3, creator, lease, held.etag)
                if etag is not None:
                    return HeldLease(lease, etag)
                found = self._read(s3, creator)
            if found is None or not same_holding(found.lease, held.lease):
                raise LeaseLostError(_lost(creator, found))
            # Nobody else was here: S3 was busy, or an earlier writing of ours has got through unheard of.
            held = HeldLease(found.lease, found.etag)
        raise _busy(creator)

    def _read(self, s3: S3Client, creator: Creator) -> FoundLease | None:
        found = read_object(s3, creator.state_bucket, LEASE_KEY, self._now)
        return FoundLease(parse_lease(creator, found.content), found.etag, found.age) if found else None

    def _write(self, s3: S3Client, creator: Creator, lease: Lease, instead_of: str | None) -> str | None:
        """The new object's ETag, or None where somebody else was faster."""
        content = lease.model_dump_json().encode()
        return write_object(s3, creator.state_bucket, LEASE_KEY, content, instead_of)


def parse_lease(creator: Creator, content: bytes) -> Lease:
    """The lease in this object.

    Raises:
        FleetError: it is not one that fleet wrote.
    """
    try:
        return Lease.model_validate_json(content)
    except ValidationError as error:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            f"{LEASE_KEY} is not a lease that fleet wrote, so nobody can tell who works here",
            where=f"{creator.slug}: s3://{creator.state_bucket}",
            hint="Compare it with the version before it in the bucket",
        ) from error


def _busy(creator: Creator) -> FleetError:
    return FleetError.of(
        ProblemKind.SERVICE,
        "S3 has been busy with another writing of the lease each time",
        where=f"{creator.slug}: s3",
        hint="Try again",
    )


def _held(creator: Creator, found: FoundLease | None) -> Problem:
    who = holder(found.lease) if found else "somebody who was faster each time"
    seconds = round(found.age.total_seconds()) if found else 0
    return Problem(
        kind=ProblemKind.CONFLICT,
        what=f"the lease is held by {who}",
        where=creator.slug,
        hint=f"It was renewed {seconds} s ago: wait for it (--wait), or ask them; "
        f"fleet lease {creator.slug} shows more",
    )


def _lost(creator: Creator, found: FoundLease | None) -> Problem:
    match found:
        case None:
            how = f"{LEASE_KEY} is gone from the state bucket"
        case FoundLease(lease=Lease(broken_by=by)) if by:
            how = f"it was broken by {by}"
        case FoundLease(lease=lease):
            how = f"it was not renewed in time and taken over by {holder(lease)}"
    return Problem(
        kind=ProblemKind.CONFLICT,
        what=f"the lease was lost: {how}",
        where=creator.slug,
        hint="Look at what was done up to then, and plan again",
    )

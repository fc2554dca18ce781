"""The lease on a creator: who may write in that account, by pure rules over frozen values.

One object per creator, in the creator's own state bucket. It is only ever written under a condition (it is
not there yet; it is still the one that was read), so of two who want it one gets it. Its number grows with
every holder and never goes back: whoever holds a lower one has lost it. Terraform's own lock stays in force
below it; the lease names the operator and the reason, covers what Terraform does not know of, and comes free
by itself when its holder dies.

Ages are judged by the clock of S3 alone: the date of an answer against the moment at which the object in it
was written. A holder measures by its own clock only how long ago it sent the renewal that went through.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from fleet_tui.values import Moment, Value

RENEW_EVERY = timedelta(seconds=15)
DEAD_AFTER = timedelta(seconds=60)
# Before others may call it dead: S3 tells whole seconds, and what is in hand must have been told to stop.
GIVE_UP_AFTER = timedelta(seconds=45)


class LeaseStatus(StrEnum):
    """What a lease is like."""

    FREE = "free"
    HELD = "held"
    DEAD = "dead"  # its holder has not renewed it in time


class Claim(Value):
    """Who wants a lease, and what for.

    Args:
        run_id: the run that will hold it.
        kind: what is done, such as `apply`.
        operator: who asked, `user@host`.
        host: the machine that the run works on.
        expected_end: when earlier runs of this kind let expect its end.
    """

    run_id: str
    kind: str
    operator: str
    host: str
    reason: str = ""
    expected_end: Moment | None = None


class Lease(Value):
    """The object `fleet/lease.json`. It stays when the lease is let go of, so that its number is never lost.

    Args:
        number: the fencing number; every holder has a higher one than the one before.
        claim: who holds it, or held it last.
        taken_at: when, by the holder's clock.
        beat: counts renewals, so that every writing makes another object.
        released_at: when it was let go of, or broken.
        broken_by: the operator who broke it; empty where its holder let go of it.
    """

    number: int = Field(ge=1)
    claim: Claim
    taken_at: Moment
    beat: int = 0
    released_at: Moment | None = None
    broken_by: str = ""


class SeenLease(Value):
    """A lease that is held, or whose holder is dead, as somebody saw it.

    Args:
        renewed_at: when it was written last, by S3's clock.
    """

    lease: Lease
    renewed_at: Moment
    status: LeaseStatus


def status_of(lease: Lease | None, age: timedelta) -> LeaseStatus:
    """What the lease is like.

    Args:
        lease: as it was read, None where there never was one.
        age: how long ago it was written, by S3's clock.
    """
    if lease is None or lease.released_at is not None:
        return LeaseStatus.FREE
    return LeaseStatus.DEAD if age > DEAD_AFTER else LeaseStatus.HELD


def taken(
    found: Lease | None, age: timedelta, claim: Claim, now: datetime, *, ended: bool = False
) -> Lease | None:
    """The lease as it is for this claim, to be written on the condition that `found` is still there.

    Args:
        found: as it was read, None where there never was one.
        age: how long ago it was written, by S3's clock.
        claim: who wants it.
        now: the time.
        ended: its holder is known to have ended, however young the lease is.

    Returns:
        The lease with the next number; None while somebody else holds it.
    """
    if status_of(found, age) is LeaseStatus.HELD and not ended:
        return None
    return Lease(number=found.number + 1 if found else 1, claim=claim, taken_at=now)


def renewed(lease: Lease) -> Lease:
    """The same lease with one more sign of life."""
    return lease.model_copy(update={"beat": lease.beat + 1})


def released(lease: Lease, now: datetime) -> Lease:
    """The lease let go of by its holder."""
    return lease.model_copy(update={"beat": lease.beat + 1, "released_at": now})


def broken(lease: Lease, by: str, now: datetime) -> Lease:
    """The lease taken away from its holder: the number moves on, so that the holder notices.

    Args:
        lease: as it was read.
        by: the operator who breaks it.
        now: the time.
    """
    return lease.model_copy(update={"number": lease.number + 1, "released_at": now, "broken_by": by})


def is_held_by(lease: Lease | None, run_id: str) -> bool:
    """Whether this run holds the lease that was read; a run takes a lease once."""
    return lease is not None and lease.released_at is None and lease.claim.run_id == run_id


def same_holding(found: Lease, held: Lease) -> bool:
    """Whether a lease that was read is the one that is held, whatever signs of life it has got since."""
    return (found.number, found.claim, found.released_at) == (held.number, held.claim, None)


def may_work(since_renewed: timedelta) -> bool:
    """Whether a holder may go on.

    Args:
        since_renewed: how long ago it sent the last renewal that went through, by its own clock.
    """
    return since_renewed < GIVE_UP_AFTER


def holder(lease: Lease) -> str:
    """`ana@ops since 14:03 UTC (apply, "new prices"), expected to end about 14:12 UTC`."""
    claim = lease.claim
    what = f'{claim.kind}, "{claim.reason}"' if claim.reason else claim.kind
    end = f", expected to end about {claim.expected_end:%H:%M} UTC" if claim.expected_end else ""
    return f"{claim.operator} since {lease.taken_at:%H:%M} UTC on {claim.host} ({what}){end}"

"""Who holds a creator, as lines of text: our lease, and Terraform's lock below it."""

from __future__ import annotations

from datetime import datetime, timedelta

from fleet_tui.deploy.lease import Lease, LeaseStatus
from fleet_tui.deploy.model import DeployState, Lock
from fleet_tui.operations.unlocking import Holders, Shown
from fleet_tui.present.line import Line, Span, Tone, line
from fleet_tui.present.quantity import age, duration
from fleet_tui.present.states import Badge

_LABEL = 12  # as of the facts on a creator's page

_LEASE = {
    LeaseStatus.FREE: Badge("○", "free", Tone.QUIET),
    LeaseStatus.HELD: Badge("↻", "held", Tone.STRONG),
    LeaseStatus.DEAD: Badge("⚠", "dead", Tone.CAUTION),
}


def lease_badge(status: LeaseStatus) -> Badge:
    """What a lease is like."""
    return _LEASE[status]


def left_held(state: DeployState) -> bool:
    """Whether a creator is held by whom nobody knows to be at work: a dead lease, Terraform's lock alone."""
    if state.lease is not None:
        return state.lease.status is LeaseStatus.DEAD
    return state.lock is not None


def lease_lines(lease: Lease, status: LeaseStatus, written: timedelta, now: datetime) -> list[Line]:
    """A lease that is held, or whose holder is dead: who, what for, since when, and how alive.

    Args:
        lease: the lease.
        status: what it is like.
        written: how long ago it was renewed, or let go of.
        now: the present.
    """
    claim, zone = lease.claim, now.tzinfo
    whose = f", was {claim.operator}" if status is LeaseStatus.DEAD else f" by {claim.operator}"
    who = f"{whose} · {claim.kind} · {age(lease.taken_at, now)}"
    lines = [_fact("lease", *lease_badge(status).line, Span(who))]
    if claim.reason:
        lines.append(_fact("", Span(f"“{claim.reason}”")))
    until = ""
    if claim.expected_end and status is LeaseStatus.HELD:
        until = f"until about {claim.expected_end.astimezone(zone):%H:%M} · "
    lines.append(_fact("", Span(f"on {claim.host} · renewed {duration(written)} ago", Tone.QUIET)))
    lines.append(_fact("", Span(f"{until}number {lease.number}", Tone.QUIET)))
    return lines


def lock_lines(lock: Lock, now: datetime, *, at_work: bool) -> list[Line]:
    """Terraform's lock: whose, how old, and which.

    Args:
        lock: the lock.
        now: the present.
        at_work: whether a run of ours is at work there: then it is as it has to be.
    """
    word = Span("⊘ locked", Tone.PLAIN if at_work else Tone.CAUTION)
    return [
        _fact("terraform", word, Span(f" by {lock.who} · {age(lock.created, now)}")),
        _fact("", Span(lock.id, Tone.QUIET)),
    ]


def holders_lines(holders: Holders, now: datetime) -> list[Line]:
    """Both, or that they are free; of a free lease who held it last."""
    lines: list[Line] = []
    lease, written = holders.lease, timedelta(seconds=holders.age)
    if lease is None:
        lines.append(_fact("lease", *lease_badge(holders.status).line, Span(" · never held", Tone.QUIET)))
    elif holders.status is LeaseStatus.FREE:
        how = f"broken by {lease.broken_by}" if lease.broken_by else f"last held by {lease.claim.operator}"
        told = f" · {how} {duration(written)} ago · number {lease.number}"
        lines.append(_fact("lease", *lease_badge(holders.status).line, Span(told, Tone.QUIET)))
    else:
        lines += lease_lines(lease, holders.status, written, now)
    if holders.lock is None:
        lines.append(_fact("terraform", *_LEASE[LeaseStatus.FREE].line))
    else:
        lines += lock_lines(holders.lock, now, at_work=holders.status is LeaseStatus.HELD)
    return lines


def breaking_lines(holders: Holders, shown: Shown) -> list[Line]:
    """What breaking it does, before it is asked for."""
    if holders.status is LeaseStatus.HELD and holders.lease is not None:
        lines: list[Line] = [
            (Span("Its holder gives signs of life: it is at work, and is made to stop.", Tone.TROUBLE),),
            (Span(f"fleet runs cancel {holders.lease.claim.run_id} stops it in order, on its machine."),),
        ]
        if holders.lock is not None:
            lines.append(
                (Span("Terraform's lock stays: Terraform lets go of it when it stops. Look again then."),)
            )
        return lines
    lines = []
    if shown.lease is not None:
        told = f"Lease {shown.lease} would be broken: its holder, should it live, may not go on then."
        lines.append((Span(told),))
    if shown.lock is not None:
        lines.append(
            (
                Span(
                    "Terraform's lock would go: make sure that no Terraform works there any more.",
                    Tone.CAUTION,
                ),
            )
        )
    return lines


def _fact(label: str, *value: Span) -> Line:
    return line(Span(label.ljust(_LABEL), Tone.QUIET), *value)

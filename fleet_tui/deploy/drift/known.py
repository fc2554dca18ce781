"""What is known of a creator's drift from one look to the next, as it is kept beside the state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fleet_tui.deploy.drift.model import (
    WORST_FIRST,
    AcceptedDrift,
    Drift,
    DriftClass,
    DriftedResource,
    DriftFinding,
)


def after_check(before: Drift | None, found: Sequence[DriftFinding], now: datetime) -> Drift:
    """The drift as it is kept, without values. What was known before keeps its beginning.

    Args:
        before: what the record said; an acceptance holds as long as the same is different.
        found: by this check.
        now: the time of the check.
    """
    known = {resource.address: resource for resource in before.resources} if before else {}
    resources = tuple(
        DriftedResource(
            address=one.address,
            type=one.type,
            worst=one.worst,
            attributes=tuple(attribute.path for attribute in one.attributes),
            first_seen=known[one.address].first_seen if one.address in known else now,
            mark=one.mark,
            repaired=one.repaired,
            accepted=_still(known.get(one.address), one.mark),
        )
        for one in found
    )
    return Drift(
        checked_at=now, addresses=tuple(sorted(one.address for one in resources)), resources=resources
    )


def after_plan(before: Drift | None, found: Iterable[str], kinds: Mapping[str, str], now: datetime) -> Drift:
    """The drift after a plan, which tells what it would change back, and not what that is.

    Args:
        before: what the record said.
        found: addresses of what the plan would change back.
        kinds: types by address, as far as they are known.
        now: the time of the plan.
    """
    addresses = set(found)
    kept = [
        resource
        for resource in (before.resources if before else ())
        if resource.address in addresses or not resource.repaired
    ]
    there = {resource.address for resource in kept}
    new = [
        DriftedResource(
            address=address, type=kinds.get(address, ""), worst=DriftClass.UNSORTED, first_seen=now
        )
        for address in addresses - there
    ]
    return _of(now, [*kept, *new])


def after_apply(before: Drift | None, now: datetime) -> Drift | None:
    """The drift after a plan was applied to its end: only what Terraform leaves alone is still there.

    Args:
        before: what the record said.
        now: when the apply ended.
    """
    kept = [resource for resource in before.resources if not resource.repaired] if before else []
    return _of(now, kept) if kept else None


def _of(now: datetime, resources: Iterable[DriftedResource]) -> Drift:
    ordered = tuple(sorted(resources, key=lambda one: (WORST_FIRST.index(one.worst), one.address)))
    return Drift(checked_at=now, addresses=tuple(sorted(one.address for one in ordered)), resources=ordered)


def _still(before: DriftedResource | None, mark: str) -> AcceptedDrift | None:
    accepted = before.accepted if before else None
    return accepted if accepted and accepted.mark == mark else None

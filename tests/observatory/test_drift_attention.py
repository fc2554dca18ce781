"""How urgent a drift is told to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fleet_tui.deploy.drift import AcceptedDrift, Drift, DriftClass, DriftedResource
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.attention import attention
from fleet_tui.observatory.model import CreatorSnapshot, Observation

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
KNOWN = AcceptedDrift(mark="m", operator="ana", reason="x", accepted_at=NOW, until=NOW + timedelta(days=1))


def reasons(*resources: DriftedResource) -> tuple[str, ...]:
    drift = Drift(checked_at=NOW, addresses=tuple(one.address for one in resources), resources=resources)
    state = DeployState(status=DeployStatus.DRIFTED, drift=drift)
    found = attention(CreatorSnapshot("anna", None, deploy=Observation(value=state, seen_at=NOW)), NOW)
    return found.reasons if found else ()


def one(name: str, worst: DriftClass, accepted: AcceptedDrift | None = None) -> DriftedResource:
    return DriftedResource(
        address=name, type="aws_x", worst=worst, first_seen=NOW, mark="m", accepted=accepted
    )


def test_what_is_gone_or_open_to_others_is_named_and_what_is_let_be_is_not():
    told = reasons(
        one("a", DriftClass.ACCESS),
        one("b", DriftClass.COSMETIC),
        one("c", DriftClass.GONE),
        one("d", DriftClass.GONE, KNOWN),
    )
    assert told == ("drifted: 3 resources, 1 gone, 1 access",)
    assert reasons(one("b", DriftClass.COSMETIC)) == ("drifted: 1 resource",)

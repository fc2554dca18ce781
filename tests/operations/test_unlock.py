"""Breaking a lease, and what is left of the run that held it; and who may not be destroyed."""

from __future__ import annotations

import pytest

from fleet_tui.deploy.lease import Claim, LeaseStatus
from fleet_tui.deploy.leases import Leases
from fleet_tui.deploy.model import Lock
from fleet_tui.deploy.recording import begun, cut_off, deploying
from fleet_tui.operations import engine
from fleet_tui.operations.kinds import destroy
from fleet_tui.operations.model import OperationKind
from fleet_tui.operations.unlocking import Holders, Shown, look, to_break
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.streams.model import StreamHealth, StreamStatus
from tests.deploy.test_lease import LEASE
from tests.deploy.test_records import AT, facts
from tests.operations.test_engine import machine  # noqa: F401 - a fixture
from tests.state_bucket import DOOR, KASPER

LOCK = Lock(id="6a1c", operation="OperationTypeApply", who="ben@desk", created=AT)


def held(status: LeaseStatus, *, lock: bool) -> Holders:
    return Holders(lease=LEASE, status=status, lock=LOCK if lock else None)


@pytest.mark.parametrize(
    ("holders", "shown"),
    [
        (held(LeaseStatus.HELD, lock=True), Shown(lease=7)),
        (held(LeaseStatus.DEAD, lock=True), Shown(lease=7, lock="6a1c")),
        (held(LeaseStatus.DEAD, lock=False), Shown(lease=7)),
        (held(LeaseStatus.FREE, lock=True), Shown(lock="6a1c")),
        (Holders(lock=LOCK), Shown(lock="6a1c")),
        (Holders(), Shown()),
    ],
)
def test_terraforms_lock_is_never_taken_away_under_a_run_that_lives(holders, shown):
    assert to_break(holders) == shown
    assert holders.held is (shown != Shown())


async def test_the_run_whose_lease_is_broken_is_recorded_as_lost_and_the_breaking_too(machine):  # noqa: F811
    claim = Claim(run_id="one", kind="apply", operator="ben@ops", host="desk")
    Leases(DOOR).take(KASPER, claim)
    run = machine.run(OperationKind.UNLOCK, target=Shown(lease=1).model_dump_json(), reason="she is away")
    run.records.change(KASPER, lambda it: deploying(begun(it, facts("one"), cut_off=cut_off(AT)), "one"))
    assert await engine.carry_out(run) == "lease 1 broken"
    unlock, lost = run.records.entries(KASPER)
    assert (lost.run.run_id, lost.end.outcome, lost.end.summary) == (
        "one", "lost", "its lease was broken by ana@ops",
    )  # fmt: skip
    assert (unlock.run.kind, unlock.run.reason, unlock.run.lease) == ("unlock", "she is away", 1)
    assert run.records.read(KASPER).last_run.outcome == "lost"
    assert run.records.verify(KASPER) == (2, None)
    assert look(DOOR, KASPER).status is LeaseStatus.FREE


async def test_breaking_what_is_there_no_more_is_recorded_as_failed(machine):  # noqa: F811
    run = machine.run(OperationKind.UNLOCK, target=Shown(lease=4).model_dump_json())
    with pytest.raises(FleetError) as caught:
        await engine.carry_out(run)
    assert caught.value.problem.kind is ProblemKind.CONFLICT
    assert [entry.end.outcome for entry in run.records.entries(KASPER)] == ["failed"]


@pytest.mark.parametrize("status", StreamStatus)
def test_who_is_live_is_not_destroyed(machine, monkeypatch, status):  # noqa: F811
    class Observer:
        def __init__(self, _door, _closely) -> None:
            pass

        def look(self, _creator):
            return StreamHealth(status=status)

    monkeypatch.setattr(destroy, "StreamObserver", Observer)
    run = machine.run(OperationKind.DESTROY)
    monkeypatch.setattr(run.buckets, "outputs", lambda _creator: {"channel_arn": "arn:aws:ivs:…"})
    problem = destroy.live(run, KASPER)
    assert (problem is None) is (status in (StreamStatus.NO_CHANNEL, StreamStatus.OFFLINE))
    monkeypatch.setattr(run.buckets, "outputs", lambda _creator: {})
    assert destroy.live(run, KASPER) is None

"""A run under its lease: renewed while it works, stopped when it is lost, let go of however it ends."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from fleet_tui.deploy.lease import GIVE_UP_AFTER, RENEW_EVERY, Claim, Lease
from fleet_tui.deploy.leases import HeldLease, LeaseLostError
from fleet_tui.operations import holding as module
from fleet_tui.operations.holding import holding
from fleet_tui.problems import FleetError, Problem, ProblemKind
from tests.deploy.test_lease import AT
from tests.state_bucket import KASPER

CLAIM = Claim(run_id="one", kind="apply", operator="ana@ops", host="desk")
BROKEN = Problem(kind=ProblemKind.CONFLICT, what="the lease was lost: it was broken by ben@ops")
CUT = Problem(kind=ProblemKind.NETWORK, what="s3 cannot be reached")


class FakeLeases:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[FleetError] = []
        self.done: list[str] = []
        self.instead_of: Lease | None = None
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def take(self, _creator, claim, _ended):
        self.done.append("take")
        return HeldLease(Lease(number=7, claim=claim, taken_at=AT), "e", self.instead_of)

    def renew(self, _creator, held):
        self.done.append("renew")
        self._loop.call_soon_threadsafe(self.asked.set)
        if self.answers:
            raise self.answers.pop(0)
        return held

    def release(self, _creator, _held):
        self.done.append("release")


class Said(list):
    def __call__(self, text, *, severity="info"):
        self.append((severity, text))


@pytest.fixture
def at_once(monkeypatch):
    """Renewals follow one after another."""
    monkeypatch.setattr(module, "RENEW_EVERY", timedelta())
    monkeypatch.setattr(module, "_AGAIN_SECONDS", 0.0)


async def test_it_is_renewed_while_the_run_works_and_released_at_its_end(at_once):
    leases, said = FakeLeases(), Said()
    async with holding(leases, KASPER, CLAIM, said, stop=pytest.fail) as lease:
        assert lease.number == 7
        await leases.asked.wait()
        await lease.prove()
    assert leases.done[0] == "take"
    assert leases.done[-1] == "release"
    assert leases.done.count("release") == 1
    assert said == [("info", "lease 7 taken")]


async def test_a_dead_one_that_was_taken_over_is_named():
    leases, said = FakeLeases(), Said()
    leases.instead_of = Lease(number=6, claim=CLAIM, taken_at=AT)
    async with holding(leases, KASPER, CLAIM, said, stop=pytest.fail):
        pass
    assert said[0] == (
        "warning",
        "took over a lease that was left behind: ana@ops since 14:03 UTC on desk (apply)",
    )


async def test_a_lost_lease_stops_the_run_once_and_is_the_reason_that_is_told(at_once):
    leases, said, stopped = FakeLeases(), Said(), []
    leases.answers = [LeaseLostError(BROKEN)]
    told = asyncio.Event()

    def stop():
        stopped.append(1)
        told.set()

    async def work():
        async with holding(leases, KASPER, CLAIM, said, stop):
            await told.wait()
            raise FleetError.of(ProblemKind.TERRAFORM, "interrupted")

    with pytest.raises(LeaseLostError, match="broken by ben@ops"):
        await work()
    assert stopped == [1]
    assert "release" not in leases.done
    assert said[-1] == ("error", "the lease was lost: it was broken by ben@ops; the run is stopped")


async def test_a_run_that_is_between_two_commands_is_stopped_as_well(at_once):
    leases = FakeLeases()
    leases.answers = [LeaseLostError(BROKEN)]
    task = asyncio.current_task()
    with pytest.raises(LeaseLostError, match="broken by ben@ops"):
        async with holding(leases, KASPER, CLAIM, Said(), stop=task.cancel):
            await asyncio.Event().wait()
    assert task.cancelling() == 0


async def test_work_that_came_to_its_end_under_a_lost_lease_is_no_success(at_once):
    leases, told = FakeLeases(), asyncio.Event()
    leases.answers = [LeaseLostError(BROKEN)]
    with pytest.raises(LeaseLostError):
        async with holding(leases, KASPER, CLAIM, Said(), stop=told.set):
            await told.wait()


async def test_the_network_may_be_away_for_a_while(at_once):
    leases, said = FakeLeases(), Said()
    leases.answers = [FleetError(CUT), FleetError(CUT)]
    async with holding(leases, KASPER, CLAIM, said, stop=pytest.fail):
        while leases.done.count("renew") < 4:
            leases.asked.clear()
            await leases.asked.wait()
    warnings = [text for severity, text in said if severity == "warning"]
    assert warnings == ["the lease could not be renewed: s3 cannot be reached"]
    assert leases.done[-1] == "release"


async def test_but_not_until_others_may_call_it_dead(at_once, monkeypatch):
    leases, told = FakeLeases(), asyncio.Event()
    leases.answers = [FleetError(CUT)] * 100
    monkeypatch.setattr(module, "may_work", lambda _since: False)
    with pytest.raises(LeaseLostError, match="could not be renewed for 45 s: s3 cannot be reached"):
        async with holding(leases, KASPER, CLAIM, Said(), stop=told.set):
            await told.wait()


class Clock:
    """Seconds, as a test lets them pass."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "clock", made)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.001)
    return made


async def test_after_a_sleep_of_the_machine_it_is_renewed_at_once(clock):
    leases = FakeLeases()
    async with holding(leases, KASPER, CLAIM, Said(), stop=pytest.fail):
        clock.seconds += 3600
        await leases.asked.wait()


async def test_and_where_that_cannot_be_the_run_is_stopped_at_once(clock):
    leases, told = FakeLeases(), asyncio.Event()
    leases.answers = [FleetError(CUT)]

    async def work():
        async with holding(leases, KASPER, CLAIM, Said(), stop=told.set):
            clock.seconds += 3600
            await told.wait()

    with pytest.raises(LeaseLostError, match="could not be renewed for 45 s: s3 cannot be reached"):
        await work()


async def test_it_counts_from_when_it_was_asked_for_and_not_from_when_the_answer_came(clock, monkeypatch):
    leases, told = FakeLeases(), asyncio.Event()
    leases.answers = [FleetError(CUT)]
    take = leases.take

    def slowly(creator, claim, ended):
        clock.seconds += GIVE_UP_AFTER.total_seconds() - 1
        return take(creator, claim, ended)

    async def work():
        async with holding(leases, KASPER, CLAIM, Said(), stop=told.set):
            clock.seconds += RENEW_EVERY.total_seconds()
            await told.wait()

    monkeypatch.setattr(leases, "take", slowly)
    with pytest.raises(LeaseLostError, match="could not be renewed"):
        await work()


async def test_nothing_is_begun_under_a_lease_that_is_gone():
    leases = FakeLeases()
    leases.answers = [LeaseLostError(BROKEN)]

    async def work():
        async with holding(leases, KASPER, CLAIM, Said(), stop=pytest.fail) as lease:
            await lease.prove()
            leases.done.append("written")

    with pytest.raises(LeaseLostError):
        await work()
    assert "written" not in leases.done
    assert "release" not in leases.done


async def test_a_fault_of_the_keeper_stops_the_run_and_is_seen(at_once, monkeypatch):
    leases, told = FakeLeases(), asyncio.Event()
    monkeypatch.setattr(leases, "renew", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        async with holding(leases, KASPER, CLAIM, Said(), stop=told.set):
            await told.wait()


async def test_a_run_that_is_cancelled_while_it_takes_the_lease_leaves_none_behind(monkeypatch):
    leases, begun, goes_on = FakeLeases(), asyncio.Event(), threading.Event()
    take, loop = leases.take, asyncio.get_running_loop()

    def slowly(creator, claim, ended):
        loop.call_soon_threadsafe(begun.set)
        goes_on.wait()
        return take(creator, claim, ended)

    monkeypatch.setattr(leases, "take", slowly)

    async def work():
        async with holding(leases, KASPER, CLAIM, Said(), stop=pytest.fail):
            leases.done.append("written")

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert leases.done == ["take", "release"]


async def test_a_cancelled_run_lets_go_of_it():
    leases = FakeLeases()
    with pytest.raises(asyncio.CancelledError):
        async with holding(leases, KASPER, CLAIM, Said(), stop=pytest.fail):
            raise asyncio.CancelledError
    assert leases.done == ["take", "release"]

"""The rules of the lease: whatever happens in whatever order, one at most may write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet_tui.deploy.lease import (
    DEAD_AFTER,
    Claim,
    Lease,
    LeaseStatus,
    broken,
    holder,
    is_held_by,
    may_work,
    released,
    renewed,
    status_of,
    taken,
)

AT = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
YOUNG, OLD = timedelta(seconds=5), DEAD_AFTER + timedelta(seconds=1)


def claim(run_id: str = "one", **more: object) -> Claim:
    return Claim(run_id=run_id, kind="apply", operator="ana@ops", host="desk", **more)


LEASE = Lease(number=7, claim=claim(), taken_at=AT)


@pytest.mark.parametrize(
    ("lease", "age", "status"),
    [
        (None, YOUNG, LeaseStatus.FREE),
        (LEASE, YOUNG, LeaseStatus.HELD),
        (LEASE, DEAD_AFTER, LeaseStatus.HELD),
        (LEASE, OLD, LeaseStatus.DEAD),
        (released(LEASE, AT), OLD, LeaseStatus.FREE),
        (broken(LEASE, "ben@ops", AT), YOUNG, LeaseStatus.FREE),
    ],
)
def test_a_lease_is_free_held_or_dead(lease, age, status):
    assert status_of(lease, age) is status


def test_the_number_goes_on_from_whatever_is_there():
    assert taken(None, YOUNG, claim("two"), AT).number == 1
    assert taken(LEASE, YOUNG, claim("two"), AT) is None
    for free, age in ((released(LEASE, AT), YOUNG), (LEASE, OLD)):
        mine = taken(free, age, claim("two"), AT)
        assert (mine.number, mine.claim.run_id, mine.beat) == (8, "two", 0)
    assert taken(broken(LEASE, "ben@ops", AT), YOUNG, claim("two"), AT).number == 9


def test_every_writing_makes_another_object():
    written = [LEASE, renewed(LEASE), renewed(renewed(LEASE)), released(renewed(LEASE), AT)]
    assert len({lease.model_dump_json() for lease in written}) == len(written)


def test_a_lease_that_was_let_go_of_or_taken_is_held_by_its_run_no_longer():
    assert is_held_by(renewed(LEASE), "one")
    assert not is_held_by(None, "one")
    assert not is_held_by(released(LEASE, AT), "one")
    assert not is_held_by(broken(LEASE, "ben@ops", AT), "one")
    assert not is_held_by(taken(LEASE, OLD, claim("two"), AT), "one")


def test_its_holder_is_told_with_all_that_somebody_who_waits_wants_to_know():
    asked = claim(reason="new prices", expected_end=AT + timedelta(minutes=9))
    told = holder(LEASE.model_copy(update={"claim": asked}))
    assert told == ('ana@ops since 14:03 UTC on desk (apply, "new prices"), expected to end about 14:12 UTC')


@dataclass
class Holder:
    """A run as it sees itself."""

    lease: Lease
    etag: int
    sent_at: float
    working: bool = True


class OneAtMost(RuleBasedStateMachine):
    """Runs, an operator who breaks leases, and a bucket with a clock of its own.

    A run works on as long as its own rule lets it, and stops when a writing of its is refused. What a run
    writes arrives up to a second after it was sent, and S3 tells whole seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lease: Lease | None = None
        self.etag = 0
        self.written_at = 0.0
        self.clock = 0.0
        self.highest = 0
        self.holders: list[Holder] = []
        self.broken: set[int] = set()

    def put(self, lease: Lease, instead_of: int) -> bool:
        if self.etag != instead_of:
            return False
        self.lease, self.etag, self.written_at = lease, self.etag + 1, self.clock
        assert lease.number >= self.highest, "the number went back"
        self.highest = lease.number
        return True

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=int(self.clock) - int(self.written_at))

    @rule(delay=st.floats(0, 1))
    def take(self, delay: float) -> None:
        sent_at, seen = self.clock, self.etag
        mine = taken(self.lease, self.age, claim(f"run {self.etag}"), AT)
        self.clock += delay
        if mine is not None and self.put(mine, seen):
            self.holders.append(Holder(mine, self.etag, sent_at))

    @precondition(lambda self: self.holders)
    @rule(data=st.data(), delay=st.floats(0, 1))
    def renew(self, data: st.DataObject, delay: float) -> None:
        one = data.draw(st.sampled_from(self.holders))
        if one.working and may_work(timedelta(seconds=self.clock - one.sent_at)):
            sent_at = self.clock
            self.clock += delay
            if self.put(renewed(one.lease), one.etag):
                one.lease, one.etag, one.sent_at = renewed(one.lease), self.etag, sent_at
            else:
                one.working = False

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.holders))
        if one.working:
            one.working = False
            self.put(released(one.lease, AT), one.etag)

    @precondition(lambda self: self.lease is not None and self.lease.released_at is None)
    @rule()
    def break_off(self) -> None:
        assert self.lease is not None
        self.broken.add(self.lease.number)
        assert self.put(broken(self.lease, "ben@ops", AT), self.etag)

    @rule(seconds=st.floats(0.1, 70))
    def time_passes(self, seconds: float) -> None:
        self.clock += seconds

    @invariant()
    def one_at_most_may_write(self) -> None:
        current = [one for one in self.holders if one.working and one.etag == self.etag]
        assert len(current) <= 1
        # Whose lease was broken learns it at its next renewal; breaking asks a person for that reason.
        working = [
            one.lease.number
            for one in self.holders
            if one.working
            and may_work(timedelta(seconds=self.clock - one.sent_at))
            and one.lease.number not in self.broken
        ]
        assert len(working) <= 1, working


TestOneAtMost = OneAtMost.TestCase

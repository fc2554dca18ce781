"""Leases in a bucket: conditions, lost answers, and what is said to whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partialmethod

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from fleet_tui.deploy import conditional as module
from fleet_tui.deploy.lease import DEAD_AFTER, Claim, renewed
from fleet_tui.deploy.leases import LEASE_KEY, LeaseHeldError, LeaseLostError, Leases
from fleet_tui.problems import FleetError, ProblemKind
from tests.state_bucket import DOOR, KASPER

NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)


def claim(run_id: str, operator: str = "ana@ops") -> Claim:
    return Claim(run_id=run_id, kind="apply", operator=operator, host="desk", reason="new prices")


@pytest.fixture
def leases(s3):
    return Leases(DOOR, now=lambda: NOW)


@pytest.fixture
def later(monkeypatch):
    """S3's clock, as its answers tell it."""

    def go_on(by: timedelta) -> None:
        monkeypatch.setattr(module, "answered_at", lambda _answer, _now=None: datetime.now(UTC) + by)

    return go_on


class Answers:
    """What becomes of the next writings: `busy` is refused by 409, `twice` gets through and is sent again."""

    def __init__(self) -> None:
        self.left: list[str] = []

    def __call__(self, *ways: str) -> None:
        self.left += ways

    def call(self, inner, client, operation, parameters):
        way = self.left.pop(0) if operation == "PutObject" and self.left else ""
        if way == "busy":
            raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, operation)
        if way == "twice":
            inner(client, operation, parameters)
        return inner(client, operation, parameters)


@pytest.fixture
def answers(monkeypatch):
    made, inner = Answers(), BaseClient._make_api_call
    monkeypatch.setattr(BaseClient, "_make_api_call", partialmethod(lambda *call: made.call(inner, *call)))
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.0)
    return made


def kept(s3):
    return json.loads(s3.get_object(Bucket=KASPER.state_bucket, Key=LEASE_KEY)["Body"].read())


def test_one_takes_it_and_the_other_is_told_who_has_it(leases):
    assert leases.look(KASPER) is None
    held = leases.take(KASPER, claim("one"))
    assert (held.lease.number, held.instead_of) == (1, None)
    with pytest.raises(LeaseHeldError) as caught:
        leases.take(KASPER, claim("two", "ben@ops"))
    assert caught.value.problem.kind is ProblemKind.CONFLICT
    assert 'ana@ops since 14:03 UTC on desk (apply, "new prices")' in caught.value.problem.what
    leases.release(KASPER, leases.renew(KASPER, held))
    assert leases.take(KASPER, claim("two", "ben@ops")).lease.number == 2


def test_a_dead_one_is_taken_over_and_its_holder_learns_it(leases, later):
    held = leases.take(KASPER, claim("one"))
    later(DEAD_AFTER + timedelta(seconds=5))
    mine = leases.take(KASPER, claim("two", "ben@ops"))
    assert (mine.lease.number, mine.instead_of) == (2, held.lease)
    with pytest.raises(LeaseLostError, match="not renewed in time and taken over by ben@ops"):
        leases.renew(KASPER, held)
    with pytest.raises(LeaseLostError):
        leases.release(KASPER, held)
    assert leases.renew(KASPER, mine).lease.number == 2


def test_what_two_saw_free_one_of_them_gets(leases, monkeypatch):
    other = Leases(DOOR, now=lambda: NOW)
    inner = leases._read
    seen = []

    def read(s3, creator):
        found = inner(s3, creator)
        if not seen:
            seen.append(other.take(KASPER, claim("two", "ben@ops")))  # between the look and the writing
        return found

    monkeypatch.setattr(leases, "_read", read)
    with pytest.raises(LeaseHeldError, match="ben@ops"):
        leases.take(KASPER, claim("one"))


def test_an_answer_that_was_lost_on_its_way_back_loses_no_lease(leases):
    held = leases.take(KASPER, claim("one"))
    assert leases.take(KASPER, claim("one")).lease == renewed(held.lease)  # as young as it is believed to be
    again = leases.renew(KASPER, held)
    assert again.lease.number == 1
    leases.release(KASPER, again)
    leases.release(KASPER, again)


def test_what_is_sent_twice_is_written_once(leases, answers):
    answers("twice", "twice", "twice")
    held = leases.renew(KASPER, leases.take(KASPER, claim("one")))
    leases.release(KASPER, held)
    assert answers.left == []
    assert leases.look(KASPER).lease.released_at == NOW


def test_a_sign_of_life_whose_answer_never_came_does_not_keep_it_from_being_released(leases):
    held = leases.take(KASPER, claim("one"))
    leases.renew(KASPER, held)  # and nobody heard of it
    leases.release(KASPER, held)
    assert leases.look(KASPER).lease.released_at == NOW


def test_s3_that_is_busy_with_the_object_loses_no_lease(leases, answers):
    held = leases.take(KASPER, claim("one"))
    answers("busy")
    assert leases.renew(KASPER, held).lease.beat == 1
    answers("busy", "busy", "busy", "busy")
    with pytest.raises(FleetError) as caught:
        leases.release(KASPER, held)
    assert not isinstance(caught.value, LeaseLostError)
    assert caught.value.problem.kind is ProblemKind.SERVICE


def test_s3_that_is_busy_is_not_somebody_who_holds_it(leases, answers):
    leases.release(KASPER, leases.take(KASPER, claim("one")))
    answers("busy", "busy", "busy", "busy")
    with pytest.raises(FleetError) as caught:
        leases.take(KASPER, claim("two"))
    assert not isinstance(caught.value, LeaseHeldError)
    assert "ana@ops" not in caught.value.problem.what


def test_breaking_takes_it_away_from_the_holder_that_was_shown_and_from_nobody_else(leases, s3):
    held = leases.take(KASPER, claim("one"))
    with pytest.raises(FleetError) as caught:
        leases.break_off(KASPER, number=2, by="ben@ops")
    assert caught.value.problem.kind is ProblemKind.CONFLICT
    assert leases.break_off(KASPER, number=1, by="ben@ops") == held.lease
    with pytest.raises(LeaseLostError, match="broken by ben@ops"):
        leases.renew(KASPER, held)
    with pytest.raises(FleetError):
        leases.break_off(KASPER, number=2, by="ben@ops")  # nobody holds it
    assert kept(s3)["number"] == 2
    assert leases.take(KASPER, claim("two", "ben@ops")).lease.number == 3


def test_a_lease_whose_object_is_gone_is_lost(leases, s3):
    held = leases.take(KASPER, claim("one"))
    s3.delete_object(Bucket=KASPER.state_bucket, Key=LEASE_KEY)
    with pytest.raises(LeaseLostError, match="is gone"):
        leases.renew(KASPER, held)


def test_what_is_no_lease_is_a_problem_and_not_free(leases, s3):
    s3.put_object(Bucket=KASPER.state_bucket, Key=LEASE_KEY, Body=b"{}")
    with pytest.raises(FleetError) as caught:
        leases.take(KASPER, claim("one"))
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert kept(s3) == {}


def test_the_age_is_by_the_clock_of_s3_and_not_by_ours(leases, s3):
    leases.take(KASPER, claim("one"))
    answer = s3.get_object(Bucket=KASPER.state_bucket, Key=LEASE_KEY)
    answer["ResponseMetadata"]["HTTPHeaders"]["date"] = "Sun, 22 Nov 2026 15:00:00 GMT"
    assert module.answered_at(answer, lambda: NOW) == datetime(2026, 11, 22, 15, tzinfo=UTC)
    del answer["ResponseMetadata"]["HTTPHeaders"]["date"]
    assert module.answered_at(answer, lambda: NOW) == NOW

"""The rules of polls over made-up polls, votes and counts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polls.jobs import Job, Work, job_from, job_of, until
from polls.poll import (
    LONGEST,
    MAX_OPTIONS,
    SHORTEST,
    Change,
    NewPoll,
    Poll,
    Results,
    Tally,
    change,
    end,
    is_over,
    open_poll,
)
from polls.views import Standings, may_see, view_of
from polls.voting import MAX_CHANGES, SHARDS, Step, Vote, Voter, member_voter, shard_of, step_of
from shared.problems import ProblemError
from tests.lambdas.functions import NOW

CONTENT = {"question": "Which?", "options": ["A", "B", "C"], "closes_at": NOW + timedelta(hours=1)}
MOMENTS = st.timedeltas(timedelta(hours=-12), timedelta(hours=12)).map(lambda after: NOW + after)
CHOICES = st.lists(st.sampled_from(["1-1", "1-2", "1-3", "1-4"]), min_size=1, max_size=4).map(tuple)
VOTERS = st.sampled_from(
    [
        Voter("MEMBER#a", "member", is_guest=False),
        Voter("GUEST#v", "1", is_guest=True),
        Voter("GUEST#v", "2", is_guest=True),
    ]
)
VOTES = st.builds(
    Vote,
    choice=CHOICES.map(lambda choice: tuple(sorted(choice))),
    owner=st.sampled_from(["1", "2", "member"]),
    changes=st.integers(0, 25),
    voted_at=MOMENTS,
)
POLLS = st.builds(
    lambda **fields: poll_of(**fields),
    max_choices=st.integers(1, 3),
    changeable=st.booleans(),
    guests=st.booleans(),
)


def poll_of(**fields: object) -> Poll:
    return open_poll(NewPoll.model_validate({**CONTENT, **fields}), poll_id="0" * 13, now=NOW)


@settings(max_examples=300)
@given(POLLS, st.none() | VOTES, VOTERS, CHOICES, st.booleans(), MOMENTS)
def test_a_vote_is_only_written_where_it_may_be(
    poll: Poll, vote: Vote | None, voter: Voter, choice: tuple[str, ...], is_frozen: bool, now: datetime
) -> None:
    try:
        step = step_of(poll, vote, voter, choice, is_frozen=is_frozen, now=now)
    except ProblemError:
        return
    assert poll.guests or not voter.is_guest
    assert len(choice) == len(set(choice)) <= poll.max_choices
    assert "1-4" not in choice
    if step is Step.NOTHING:
        assert vote
        assert vote.choice == tuple(sorted(choice))
        return
    assert now < poll.closes_at
    assert not is_frozen
    if step is Step.FIRST:
        assert vote is None
    else:
        assert vote
        assert (vote.owner, poll.changeable) == (voter.owner, True)
        assert vote.changes < MAX_CHANGES


@given(st.lists(st.uuids(), min_size=SHARDS * 40, max_size=SHARDS * 40, unique=True))
@settings(max_examples=5)
def test_votes_are_spread_over_all_counters(members: list[UUID]) -> None:
    places = Counter(shard_of("0" * 13, member_voter(str(member)).key) for member in members)
    assert places.keys() <= set(range(SHARDS))
    assert max(places.values()) < 40 * 3
    assert len(places) > SHARDS * 3 / 4


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans())
def test_shares_are_of_the_voters(first: int, second: int, both: bool) -> None:
    voters = max(first, second) if both else first + second
    tally = Tally(voters=voters, votes={"1-1": first, "1-2": second})
    shown = view_of(poll_of(max_choices=2), tally, NOW, guests=True)
    shares = [option.share for option in shown.options]
    assert all(share is not None and 0 <= share <= 1 for share in shares)
    assert [option.votes for option in shown.options] == [first, second, 0]
    if not both and voters:
        assert sum(share or 0 for share in shares) == pytest.approx(1, abs=0.0002)


@given(st.sampled_from(Results), st.booleans(), MOMENTS)
def test_nobody_sees_results_before_the_poll_lets_them(results: Results, voted: bool, now: datetime) -> None:
    poll = poll_of(results=results)
    vote = Vote(choice=("1-1",), owner="member", voted_at=NOW) if voted else None
    over = is_over(poll, now)
    assert may_see(poll, vote, now) is (
        over or results is Results.LIVE or (voted and results is Results.AFTER_VOTE)
    )


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_a_closing_time_is_within_bounds_or_refused(closes_at: datetime) -> None:
    try:
        poll = poll_of(closes_at=closes_at)
    except ProblemError:
        assert not NOW + SHORTEST <= closes_at <= NOW + LONGEST
        return
    assert NOW + SHORTEST - timedelta(seconds=1) <= poll.closes_at <= NOW + LONGEST


@given(st.timedeltas(SHORTEST, LONGEST))
def test_every_closing_time_within_bounds_is_taken(after: timedelta) -> None:
    assert poll_of(closes_at=NOW + after).closes_at == (NOW + after).replace(microsecond=0)


@given(MOMENTS)
def test_a_poll_that_ended_is_over_for_good(now: datetime) -> None:
    poll = poll_of()
    ended = end(poll, Tally(voters=1, votes={"1-1": 1}), now)
    assert ended.closes_at <= poll.closes_at
    assert is_over(ended, NOW - timedelta(days=1))
    assert job_of(ended).work is Work.FORGET
    assert job_of(poll) == Job(poll.closes_at, Work.CLOSE, poll.id)


@given(MOMENTS, MOMENTS)
def test_jobs_sort_by_when_they_are_due(due: datetime, now: datetime) -> None:
    due, now = due.replace(microsecond=0), now.replace(microsecond=0)
    job = Job(due, Work.FORGET, "z" * 13)
    assert job_from(job.key["sk"]) == job
    assert (job.key["sk"] < until(now)) is (due <= now)


@given(st.integers(2, MAX_OPTIONS), st.integers(1, MAX_OPTIONS))
def test_options_of_a_changed_poll_have_new_ids(options: int, most: int) -> None:
    poll = poll_of()
    fields = {**CONTENT, "options": [f"Option {number}" for number in range(options)], "max_choices": most}
    made = change(poll, Change.model_validate({**fields, "version": 1}), NOW)
    assert not {option.id for option in made.options} & {option.id for option in poll.options}
    assert made.max_choices == min(most, options)
    assert (made.version, made.revision, made.created_at) == (2, 2, poll.created_at)


def test_how_polls_stand_is_kept_for_a_moment_and_for_not_too_many() -> None:
    read: list[str] = []
    standings = Standings(lambda poll_id: (read.append(poll_id), Tally())[1])  # type: ignore[func-returns-value]
    polls = [poll_of().model_copy(update={"id": str(number)}) for number in range(101)]
    for poll in polls * 2:
        standings.of(poll, NOW)
    assert len(read) == 202, "more than are kept"
    standings.of(polls[-1], NOW + timedelta(seconds=1))
    assert len(read) == 202
    standings.of(polls[-1], NOW - timedelta(seconds=1))
    assert len(read) == 203, "a moment before is not fresh"

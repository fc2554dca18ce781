"""The rules of voting, over what was read; and where a vote is counted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Annotated

from pydantic import Field

from polls.poll import OptionId, Poll, Value, is_over
from polls.problems import already_voted, closed, members_only, visitor_voted
from shared.problems import invalid

SHARDS = 32
"""Counters of a poll. A vote is counted where its voter's hash says, so that two votes meet in one counter
once in 32 times, and a vote and its count are always written by one transaction."""

MAX_CHANGES = 20
"""Of one vote: enough for anybody's mind, and too few to keep a counter busy."""


@dataclass(frozen=True, slots=True)
class Voter:
    """Who votes.

    Args:
        key: what there is one vote of: a member, or a visitor of a day.
        owner: who may change the vote and see it: the member again, or the holder of one guest token.
        is_guest: whether it is nobody who is signed in.
    """

    key: str
    owner: str
    is_guest: bool


class Ballot(Value):
    """A vote as it is sent in; the order of the options does not matter."""

    choice: tuple[OptionId, ...] = Field(min_length=1, max_length=20, json_schema_extra={"uniqueItems": True})


class Vote(Value):
    """A vote as it is kept until some days after closing.

    Args:
        choice: ids of options, sorted.
        owner: as in `Voter`.
        changes: how often it was changed.
        voted_at: when it was last said, UTC.
    """

    choice: tuple[str, ...]
    owner: str
    changes: Annotated[int, Field(ge=0)] = 0
    voted_at: datetime


class Step(Enum):
    """What has to be written."""

    NOTHING = auto()
    FIRST = auto()
    CHANGE = auto()


def member_voter(member_id: str) -> Voter:
    """A member, who has one vote whichever way they are signed in."""
    return Voter(key=f"MEMBER#{member_id}", owner="member", is_guest=False)


def shard_of(poll_id: str, key: str) -> int:
    """Which counter a voter's vote is counted in; evenly spread, and always the same."""
    return int.from_bytes(hashlib.sha256(f"{poll_id}\n{key}".encode()).digest()[:4]) % SHARDS


def step_of(
    poll: Poll,
    vote: Vote | None,
    voter: Voter,
    choice: Sequence[str],
    *,
    is_frozen: bool,
    now: datetime,
) -> Step:
    """What a ballot leads to.

    Args:
        poll: as it is kept.
        vote: that there is under the voter's key.
        voter: who votes.
        choice: ids of options as they were sent in.
        is_frozen: the counter takes no more votes, though the poll may not say so yet.
        now: when the ballot came in, UTC.

    Raises:
        ProblemError: 403 not for guests; 409 closed, or there is a vote that stays; 422 the choice.
    """
    if voter.is_guest and not poll.guests:
        raise members_only()
    _expect_choice(poll, choice)
    if vote and vote.owner == voter.owner and vote.choice == tuple(sorted(choice)):
        return Step.NOTHING
    if is_frozen or is_over(poll, now):
        raise closed()
    if vote is None:
        return Step.FIRST
    if vote.owner != voter.owner:
        raise visitor_voted()
    if not poll.changeable or vote.changes >= MAX_CHANGES:
        raise already_voted()
    return Step.CHANGE


def _expect_choice(poll: Poll, choice: Sequence[str]) -> None:
    if len(set(choice)) < len(choice):
        raise invalid([("/choice", "must not have an option twice")])
    if len(choice) > poll.max_choices:
        raise invalid([("/choice", f"has at most {poll.max_choices}")])
    known = {option.id for option in poll.options}
    unknown = [place for place, option in enumerate(choice) if option not in known]
    if unknown:
        raise invalid((f"/choice/{place}", "is no option of this poll") for place in unknown)

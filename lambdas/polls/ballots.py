"""A ballot that came in: counted, logged by what was done, and answered with the vote alone.

How the poll stands is no part of the answer: reading it with every vote would cost more than the vote.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from polls.votes_table import VotesTable
from polls.voting import Ballot, Step, Voter
from shared.api import Call
from shared.telemetry import count

REFUSALS = {
    404: "There is no such poll.",
    409: "The poll is closed, or there is a vote that stays.",
    503: "The counter is contended; nothing was counted.",
}

_COUNTED = {Step.FIRST: "VotesCounted", Step.CHANGE: "VotesChanged", Step.NOTHING: "VotesRepeated"}


class CountedVote(BaseModel):
    """The caller's vote as it is counted; `voted_at` is when it was last said."""

    poll: str
    choice: tuple[str, ...]
    voted_at: datetime


def take(votes: VotesTable, voter: Voter, ballot: Ballot, call: Call) -> CountedVote:
    """Take a ballot. Raises ProblemError as `VotesTable.cast`."""
    poll_id = call.path["id"]
    vote, step = votes.cast(poll_id, voter, ballot.choice, call.now)
    count(_COUNTED[step])
    return CountedVote(poll=poll_id, choice=vote.choice, voted_at=vote.voted_at)

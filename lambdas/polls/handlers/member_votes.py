"""`POST /polls/{id}/votes/mine`: members vote, each of them once, wherever they are signed in."""

from __future__ import annotations

from polls.ballots import REFUSALS, CountedVote, take
from polls.settings import settings
from polls.votes_table import VotesTable
from polls.voting import Ballot, member_voter
from shared.api import Api, Call
from shared.callers import Caller

api = Api()
votes = VotesTable(settings().polls_table)


@api.post("/polls/{id}/votes/mine", by=Caller.MEMBER, refusals=REFUSALS)
def vote_as_member(call: Call, body: Ballot) -> CountedVote:
    """Vote, or change the vote where the poll lets one."""
    return take(votes, member_voter(call.member.id), body, call)


handler = api.handler

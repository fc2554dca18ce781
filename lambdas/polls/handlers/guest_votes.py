"""Guests vote: with a token that anybody may have, one vote for a visitor of a day."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from polls.ballots import REFUSALS, CountedVote, take
from polls.guest_tokens import GuestTokens
from polls.problems import too_many_tokens
from polls.settings import settings
from polls.votes_table import VotesTable
from polls.voting import Ballot
from shared.api import Api, Call
from shared.bots import is_bot
from shared.problems import automated
from shared.telemetry import count
from shared.visits import Visits

TOKENS_PER_MINUTE = 20
"""Of one visitor: people behind one address with one browser are one visitor, and come together."""

api = Api()
votes = VotesTable(settings().polls_table)
guests = GuestTokens(settings().polls_table, settings().creator_slug)
visits = Visits(settings().polls_table)


class GuestToken(BaseModel):
    """What a guest sends as `Authorization: Bearer`, and keeps for as long as they want to change a vote."""

    token: str
    expires_at: datetime


@api.post(
    "/polls/guest-token",
    status=201,
    refusals={403: "The request comes from a program.", 429: "The visitor has asked too often."},
)
def give_token(call: Call) -> GuestToken:
    """A token to vote with."""
    if is_bot(call.user_agent):
        count("DroppedBot")
        raise automated()
    visitor = visits.visitor_of(call)
    if visits.over_rate(visitor, call.now, span="GUEST#%H:%M", limit=TOKENS_PER_MINUTE):
        count("DroppedRate")
        raise too_many_tokens()
    token, expires_at = guests.issue(visitor, call.now)
    count("GuestTokens")
    return GuestToken(token=token, expires_at=expires_at)


@api.post(
    "/polls/{id}/votes",
    refusals={401: "There is no valid guest token.", 403: "The poll is for members.", **REFUSALS},
)
def vote_as_guest(call: Call, body: Ballot) -> CountedVote:
    """Vote, or change the vote where the poll lets one."""
    return take(votes, guests.expect(call), body, call)


handler = api.handler

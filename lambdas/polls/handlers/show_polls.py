"""What everybody sees of polls, and members of their own votes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from polls.guest_tokens import GuestTokens
from polls.poll import Poll
from polls.polls_table import PollsTable
from polls.settings import settings
from polls.views import PollPage, PollView, Standings, may_see, mine_of, view_of
from polls.votes_table import VotesTable
from polls.voting import Voter, member_voter
from shared.api import Api, Call
from shared.callers import Caller
from shared.pages import Cursor
from shared.problems import not_found

MAX_LIMIT = 20

_UNKNOWN = {404: "There is no such poll."}


class Query(BaseModel):
    """The query string.

    Args:
        limit: most polls on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 10
    cursor: Cursor | None = None


api = Api()
votes = VotesTable(settings().polls_table)
polls = PollsTable(settings().polls_table, votes)
guests = GuestTokens(settings().polls_table, settings().creator_slug)
standings = Standings(votes.tally)


@api.get("/polls", refusals={400: "The cursor is not one of this list."})
def list_polls(call: Call, query: Query) -> PollPage:
    """A page of polls, with how they stand where everybody may see that."""
    found, cursor = polls.page(query.limit, query.cursor)
    return PollPage(polls=tuple(_shown(poll, None, call) for poll in found), next_cursor=cursor)


@api.get("/polls/{id}", refusals=_UNKNOWN)
def read_poll(call: Call) -> PollView:
    """One poll; a guest who sends their token sees it as somebody who has voted."""
    return _shown(_present(call), guests.voter_of(call), call)


@api.get("/polls/{id}/votes/mine", by=Caller.MEMBER, refusals=_UNKNOWN)
def read_poll_as_member(call: Call) -> PollView:
    """One poll, with the member's own vote."""
    return _shown(_present(call), member_voter(call.member.id), call)


def _present(call: Call) -> Poll:
    poll = polls.get(call.path["id"])
    if poll is None:
        raise not_found("such poll")
    return poll


def _shown(poll: Poll, voter: Voter | None, call: Call) -> PollView:
    vote = votes.vote_of(poll.id, voter.key) if voter else None
    tally = standings.of(poll, call.now) if may_see(poll, vote, call.now) else None
    mine = mine_of(vote, voter) if voter else None
    return view_of(poll, tally, call.now, mine=mine, guests=settings().has_guests)


handler = api.handler

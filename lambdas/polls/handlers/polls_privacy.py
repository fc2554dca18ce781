"""What polls keep of a member: their votes in polls that are open, or were until some days ago.

A vote lies under the member's id, so that nothing is searched for. Guests cannot be told from each other, and
no poll knows an e-mail address.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from polls.poll import Poll
from polls.polls_table import PollsTable
from polls.settings import settings
from polls.votes_table import VotesTable
from polls.voting import Vote, member_voter
from shared.privacy import Erased, Exported, Person, privacy

votes = VotesTable(settings().polls_table)
polls = PollsTable(settings().polls_table, votes)


def export(person: Person) -> Exported:
    """All votes of the member, with what they were for."""
    found = [_document(polls.get(poll_id), poll_id, vote) for poll_id, vote in _votes(person)]
    return Exported(documents={"votes": found} if found else {})


def erase(person: Person, now: datetime) -> Erased:
    """Take back the member's votes in open polls; of closed ones delete who it was, the count stays."""
    if person.member is None:
        return Erased(erased=0)
    voter = member_voter(person.member)
    return Erased(erased=sum(votes.forget(poll_id, voter, now) for poll_id in _polls_with_votes()))


def _votes(person: Person) -> Iterator[tuple[str, Vote]]:
    if person.member is None:
        return
    key = member_voter(person.member).key
    for poll_id in _polls_with_votes():
        if vote := votes.vote_of(poll_id, key):
            yield poll_id, vote


def _polls_with_votes() -> list[str]:
    """Every poll that may have votes has a job that is to come."""
    return [job.poll_id for job in polls.jobs()]


def _document(poll: Poll | None, poll_id: str, vote: Vote) -> JsonValue:
    texts = {option.id: option.text for option in poll.options} if poll else {}
    return {
        "poll": poll_id,
        "question": poll.question if poll else None,
        "choice": [texts.get(option, option) for option in vote.choice],
        "voted_at": vote.voted_at.isoformat(),
    }


handler = privacy(export, erase)

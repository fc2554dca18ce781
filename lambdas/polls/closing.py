"""A poll is closed: its counters take no more votes, are summed up, and the sum is kept for good."""

from __future__ import annotations

from datetime import datetime

from polls.poll import Poll, end
from polls.polls_table import PollsTable
from polls.votes_table import VotesTable
from shared.problems import busy, not_found
from shared.tables import attempts
from shared.telemetry import count, logger


def close(polls: PollsTable, votes: VotesTable, poll_id: str, now: datetime) -> Poll:
    """Close a poll now, or count one whose time is over. Asked again, or half done before, it is the same.

    The counters are frozen before they are summed up: a vote is in the sum, or it was refused.

    Raises:
        ProblemError: 404 unknown; 503 contended.
    """
    for _ in attempts():
        seen = polls.get(poll_id)
        if seen is None:
            raise not_found("such poll")
        if seen.tally is not None:
            return seen
        votes.freeze(poll_id)
        made = end(seen, votes.tally(poll_id), now)
        if polls.finish(seen, made):
            logger.info("poll closed", poll=poll_id, voters=made.tally.voters if made.tally else 0)
            count("PollsClosed")
            return made
    raise busy()

"""In the background: polls whose time is over are counted for good, and later it is forgotten who voted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from polls.closing import close
from polls.jobs import Work
from polls.polls_table import PollsTable
from polls.settings import settings
from polls.votes_table import VotesTable
from shared.background import background
from shared.telemetry import logger

votes = VotesTable(settings().polls_table)
polls = PollsTable(settings().polls_table, votes)


def work(event: dict[str, Any], now: datetime) -> None:
    """Do what is due, the longest due first; a run that ends early leaves the rest to the next."""
    for job in polls.jobs(due=now):
        if job.work is Work.CLOSE:
            close(polls, votes, job.poll_id, now)  # leaves another job in the place of this one
            continue
        gone = votes.forget_all(job.poll_id)
        polls.done(job)
        logger.info("votes forgotten", poll=job.poll_id, items=gone)


handler = background(work)

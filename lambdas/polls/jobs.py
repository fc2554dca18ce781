"""What is to be done with a poll later, as an item each: pk `JOB`, sk `<due>#<job>#<poll>`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from polls.poll import KEEP_VOTES, Poll

JOBS = "JOB"

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class Work(StrEnum):
    """What is done with a poll when its time has come."""

    CLOSE = "close"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done with a poll; `due` is UTC."""

    due: datetime
    work: Work
    poll_id: str

    @property
    def key(self) -> dict[str, str]:
        """Its item: they sort by when they are due."""
        return {"pk": JOBS, "sk": f"{self.due:{_MOMENT}}#{self.work}#{self.poll_id}"}


def job_of(poll: Poll) -> Job:
    """The one job that there is for a poll: to count it when it closes, and later to forget who voted."""
    if poll.tally is None:
        return Job(poll.closes_at, Work.CLOSE, poll.id)
    return Job(poll.closes_at + KEEP_VOTES, Work.FORGET, poll.id)


def job_from(sort_key: str) -> Job:
    """The job of an item."""
    due, work, poll_id = sort_key.split("#")
    return Job(datetime.fromisoformat(due), Work(work), poll_id)


def until(moment: datetime) -> str:
    """What sorts after the jobs that are due at this moment, and before any later one."""
    return f"{moment:{_MOMENT}}$"  # $ follows #

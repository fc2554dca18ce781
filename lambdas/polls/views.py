"""A poll as it is shown, and to whom how it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from polls.poll import Poll, Results, Tally, is_over
from polls.voting import Vote, Voter

FRESH = timedelta(seconds=2)
"""How long a count is shown before it is read again: a thousand viewers who look on cost what one does."""

_MOST_KEPT = 100


class OptionView(BaseModel):
    """An option.

    Args:
        votes: how many chose it, None while the results are not to be seen.
        share: of the voters, 0 to 1; of several choices the shares add up to more than 1.
    """

    id: str
    text: str
    votes: int | None
    share: float | None


class PollView(BaseModel):
    """A poll for everybody.

    Args:
        guests: whether guests may vote in it.
        results: from when on everybody sees how it stands.
        reworded_at: when its texts were last corrected.
        voters: how many people voted, None while the results are not to be seen.
        mine: what the caller chose, None where they have not voted or we do not know them.
    """

    id: str
    question: str
    options: tuple[OptionView, ...]
    max_choices: int
    changeable: bool
    guests: bool
    results: Results
    state: Literal["open", "closed"]
    closes_at: datetime
    reworded_at: datetime | None
    voters: int | None
    mine: tuple[str, ...] | None


class PollPage(BaseModel):
    """Polls, the newest first; the last page has no `next_cursor`."""

    polls: tuple[PollView, ...]
    next_cursor: str | None


class ManagedPoll(BaseModel):
    """A poll for those who manage it, who always see how it stands; `version` guards every change."""

    poll: PollView
    version: int
    created_at: datetime


class ManagedPage(BaseModel):
    """Managed polls, the newest first; the last page has no `next_cursor`."""

    polls: tuple[ManagedPoll, ...]
    next_cursor: str | None


@dataclass
class Standings:
    """How polls stand, read again when it is no longer fresh.

    Args:
        read: from a poll's id to its count.
    """

    read: Callable[[str], Tally]
    _kept: dict[str, tuple[datetime, Tally]] = field(default_factory=dict)

    def of(self, poll: Poll, now: datetime) -> Tally:
        """The count: of a closed poll the one that was kept for good."""
        if poll.tally is not None:
            return poll.tally
        kept = self._kept.get(poll.id)
        if kept is None or not kept[0] <= now < kept[0] + FRESH:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[poll.id] = (now, self.read(poll.id))
        return kept[1]


def may_see(poll: Poll, vote: Vote | None, now: datetime) -> bool:
    """Whether somebody with this vote, or none, sees how the poll stands."""
    if poll.results is Results.LIVE or is_over(poll, now):
        return True
    return poll.results is Results.AFTER_VOTE and vote is not None


def view_of(
    poll: Poll, tally: Tally | None, now: datetime, *, mine: tuple[str, ...] | None = None, guests: bool
) -> PollView:
    """The poll as it is shown.

    Args:
        poll: as it is kept.
        tally: how it stands, or None where that is not to be seen.
        now: UTC.
        mine: what the caller chose.
        guests: whether the site lets guests vote.
    """
    return PollView(
        id=poll.id,
        question=poll.question,
        options=tuple(
            OptionView(
                id=option.id,
                text=option.text,
                votes=tally.votes.get(option.id, 0) if tally else None,
                share=_share(tally.votes.get(option.id, 0), tally.voters) if tally else None,
            )
            for option in poll.options
        ),
        max_choices=poll.max_choices,
        changeable=poll.changeable,
        guests=poll.guests and guests,
        results=poll.results,
        state="closed" if is_over(poll, now) else "open",
        closes_at=poll.closes_at,
        reworded_at=poll.reworded_at,
        voters=tally.voters if tally else None,
        mine=mine,
    )


def mine_of(vote: Vote | None, voter: Voter) -> tuple[str, ...] | None:
    """What a voter chose; never what somebody else did under the same visitor."""
    return vote.choice if vote and vote.owner == voter.owner else None


def managed_of(poll: Poll, tally: Tally, now: datetime, *, guests: bool) -> ManagedPoll:
    """The poll for those who manage it."""
    shown = view_of(poll, tally, now, guests=guests)
    return ManagedPoll(poll=shown, version=poll.version, created_at=poll.created_at)


def _share(votes: int, voters: int) -> float:
    return round(votes / voters, 4) if voters else 0.0

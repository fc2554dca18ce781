"""A poll: as it is written, as it is kept, and what may be done with it when."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from polls.problems import closed, wording_differs
from shared.fields import PlainText
from shared.problems import invalid

MAX_OPTIONS = 20

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=366)
"""How long a poll may be open, from the moment it is written."""

KEEP_VOTES = timedelta(days=7)
"""After closing: long enough to look into a complaint. Then nothing tells any more who voted what."""

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{13}", re.ASCII)

OptionId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}-[0-9]{1,2}$")]
"""Revision of the poll and place of the option: after a change no id of before means anything."""

Question = Annotated[PlainText, Field(max_length=300)]
OptionText = Annotated[PlainText, Field(max_length=120)]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Results(StrEnum):
    """From when on everybody sees how a poll stands."""

    LIVE = "live"
    AFTER_VOTE = "after-vote"
    AFTER_CLOSING = "after-closing"


class Value(BaseModel):
    """A frozen model that takes no members besides its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewPoll(Value):
    """A poll as it is sent in.

    Args:
        options: what one can vote for, no text twice.
        max_choices: most options of one vote.
        changeable: a vote may be changed until the poll closes.
        guests: who is not signed in may vote, where the site lets them.
        results: from when on everybody sees them.
        closes_at: the moment from which on no vote is taken; seconds count, their fractions do not.
    """

    question: Question
    options: tuple[OptionText, ...] = Field(
        min_length=2, max_length=MAX_OPTIONS, json_schema_extra={"uniqueItems": True}
    )
    max_choices: int = Field(default=1, ge=1, le=MAX_OPTIONS)
    changeable: bool = False
    guests: bool = True
    results: Results = Results.LIVE
    closes_at: AwareDatetime


class Change(NewPoll):
    """All of a poll anew, as long as nobody has voted; `version` is the one that was seen."""

    version: Version


class Option(Value):
    """What one can vote for."""

    id: OptionId
    text: OptionText


class Wording(Value):
    """Corrected texts; the options are those that the poll has, in their order."""

    question: Question
    options: tuple[Option, ...] = Field(min_length=2, max_length=MAX_OPTIONS)
    version: Version


class Tally(Value):
    """How a poll stands.

    Args:
        voters: people who voted.
        votes: for each option, by its id; one that nobody chose may be missing.
    """

    voters: int = 0
    votes: Mapping[str, int] = Field(default_factory=dict)


class Poll(Value):
    """A poll as it is kept.

    Args:
        version: counts changes of any kind, from 1.
        revision: counts what options and rules were before anybody voted, from 1.
        closes_at: UTC; where it was closed early, the moment when it was.
        reworded_at: when its texts were last corrected.
        tally: the count for good, once it is closed and counted.
    """

    id: str
    version: int
    revision: int
    question: str
    options: tuple[Option, ...]
    max_choices: int
    changeable: bool
    guests: bool
    results: Results
    closes_at: datetime
    created_at: datetime
    reworded_at: datetime | None = None
    tally: Tally | None = None


def new_poll_id() -> str:
    """A fresh id, 65 random bits: it names what everybody may see."""
    return "".join(secrets.choice(_CROCKFORD) for _ in range(13))


def is_poll_id(text: str) -> bool:
    """Whether this can be the id of a poll at all."""
    return _ID.fullmatch(text) is not None


def is_over(poll: Poll, now: datetime) -> bool:
    """Whether no vote is taken any more."""
    return poll.tally is not None or poll.closes_at <= now


def open_poll(new: NewPoll, *, poll_id: str, now: datetime) -> Poll:
    """The poll that was sent in. Raises 422: a text is there twice, or the closing time is out of bounds."""
    return Poll(id=poll_id, version=1, revision=1, created_at=now, **_content(new, 1, now))


def change(poll: Poll, new: Change, now: datetime) -> Poll:
    """The poll with new content, under ids of options that were never used.

    Whether somebody has voted is for the write to find out.

    Raises:
        ProblemError: 409 closed; 422 as in `open_poll`.
    """
    if is_over(poll, now):
        raise closed()
    revision = poll.revision + 1
    kept = {"id": poll.id, "created_at": poll.created_at}
    return Poll(version=poll.version + 1, revision=revision, **kept, **_content(new, revision, now))


def reword(poll: Poll, new: Wording, now: datetime) -> Poll:
    """The poll with corrected texts, also after votes and after closing.

    Raises:
        ProblemError: 409, the options are not those of the poll; 422, a text is there twice.
    """
    if [option.id for option in new.options] != [option.id for option in poll.options]:
        raise wording_differs()
    _expect_different([option.text for option in new.options])
    texts = {"question": new.question, "options": new.options}
    return poll.model_copy(update={**texts, "reworded_at": now, "version": poll.version + 1})


def end(poll: Poll, tally: Tally, now: datetime) -> Poll:
    """The poll, closed and counted for good."""
    ended_at = min(poll.closes_at, now.replace(microsecond=0))
    return poll.model_copy(update={"tally": tally, "closes_at": ended_at, "version": poll.version + 1})


def _content(new: NewPoll, revision: int, now: datetime) -> dict[str, object]:
    _expect_different(new.options)
    if not now + SHORTEST <= new.closes_at <= now + LONGEST:
        raise invalid([("/closes_at", "must be between a minute and 366 days from now")])
    options = tuple(
        Option(id=f"{revision}-{place}", text=text) for place, text in enumerate(new.options, start=1)
    )
    return {
        "question": new.question,
        "options": options,
        "max_choices": min(new.max_choices, len(options)),
        "changeable": new.changeable,
        "guests": new.guests,
        "results": new.results,
        "closes_at": new.closes_at.astimezone(UTC).replace(microsecond=0),
    }


def _expect_different(texts: tuple[str, ...] | list[str]) -> None:
    if len({text.casefold() for text in texts}) < len(texts):
        raise invalid([("/options", "must not have a text twice")])

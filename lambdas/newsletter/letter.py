"""A letter: its life, its figures, and when sending stops by itself. Time is passed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from newsletter.model import Topics, Value
from shared.fields import EmailAddress, PlainLines, PlainText
from shared.problems import ProblemError

MAX_SUBJECT_CHARS = 120
MAX_TEXT_CHARS = 12_000
"""It has to fit a request of 16 KiB, as JSON."""

LEAST_SENT = 50
"""Sending is judged after so many letters."""

MOST_BOUNCED_PERCENT = 5
MOST_COMPLAINED_PER_MILLE = 1
LEAST_COMPLAINED = 2
"""AWS puts an account under review at 5 % of hard bounces and at 0.1 % of complaints
(https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html). One complaint alone says nothing."""

STALLED_AFTER = timedelta(minutes=20)
"""A letter that is being sent and whose figures have not moved for so long is taken up again. Longer than a
message is hidden from other senders."""


class Status(StrEnum):
    """How a letter stands."""

    DRAFT = "draft"
    SENDING = "sending"
    STOPPED = "stopped"
    SENT = "sent"


class StopReason(StrEnum):
    """Why sending stopped."""

    ASKED = "asked"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    QUOTA = "quota"
    REFUSED = "refused"


class Draft(Topics):
    """What is written.

    Args:
        text: Markdown: paragraphs, headings, emphasis, lists, quotes, rules and https links.
    """

    subject: PlainText = Field(max_length=MAX_SUBJECT_CHARS)
    text: PlainLines = Field(max_length=MAX_TEXT_CHARS)


class Edit(Draft):
    """A draft that takes another's place.

    Args:
        version: of the draft that was read.
    """

    version: int = Field(ge=1)


class Move(Value):
    """A step in a letter's life.

    Args:
        version: of the letter that was read.
    """

    version: int = Field(ge=1)


class TestAddress(Value):
    """Where an operator sends a test to."""

    email: EmailAddress


class Figures(Value):
    """What became of a letter; nobody is told who opened or clicked it, since that is not counted.

    Args:
        planned: subscribers that it is for.
        sent: letters that SES took.
        failed: letters that SES refused, and those of which it is not known whether they went out.
        skipped: people who unsubscribed, or were blocked, before their letter was sent.
        bounced: hard bounces.
        soft_bounced: mailboxes that were full or away.
        unsubscribed: by a link of this letter.
    """

    planned: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    bounced: int = 0
    soft_bounced: int = 0
    complained: int = 0
    unsubscribed: int = 0


class Judged(Value):
    """What sending is judged by."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0


NOTHING = Judged()
"""Of a letter that begins."""


class Letter(Draft):
    """A letter.

    Args:
        id: 24 hex digits.
        version: counts changes.
        started_as: version of the draft that was sent.
        sent_at: when the last one went out, UTC.
        judged_from: figures when an operator let sending go on: only what comes after them is judged.
    """

    id: str
    version: int
    status: Status
    created_at: datetime
    started_as: int | None = None
    started_at: datetime | None = None
    sent_at: datetime | None = None
    stopped_for: StopReason | None = None
    judged_from: Judged = NOTHING


class ShownLetter(Letter):
    """A letter with its figures."""

    figures: Figures


class LetterPage(Value):
    """A page of letters of one status, the newest first; without figures.

    Args:
        next_cursor: for the next page; None on the last one.
    """

    letters: tuple[Letter, ...]
    next_cursor: str | None = None


def judged(figures: Figures) -> Judged:
    """The figures that sending is judged by."""
    return Judged(sent=figures.sent, bounced=figures.bounced, complained=figures.complained)


def trouble(figures: Judged, judged_from: Judged = NOTHING) -> StopReason | None:
    """Why sending has to stop, or None.

    Args:
        figures: of the letter.
        judged_from: figures from which on is judged.
    """
    sent = figures.sent - judged_from.sent
    bounced = figures.bounced - judged_from.bounced
    complained = figures.complained - judged_from.complained
    if sent < LEAST_SENT:
        return None
    if bounced * 100 > sent * MOST_BOUNCED_PERCENT:
        return StopReason.BOUNCES
    if complained >= LEAST_COMPLAINED and complained * 1000 > sent * MOST_COMPLAINED_PER_MILLE:
        return StopReason.COMPLAINTS
    return None


def written(letter_id: str, draft: Draft, now: datetime) -> Letter:
    """A new draft."""
    return Letter(id=letter_id, version=1, status=Status.DRAFT, created_at=now, **_text_of(draft))


def edited(letter: Letter, edit: Edit) -> Letter:
    """The draft with other text.

    Raises:
        ProblemError: 409, it has changed since it was read, or is no draft any more.
    """
    _expect(letter, edit.version, (Status.DRAFT,))
    return letter.model_copy(update={**_text_of(edit), "version": letter.version + 1})


def expect_draft(letter: Letter) -> Letter:
    """The letter, if it is a draft. Raises 409 where it is not."""
    _expect(letter, letter.version, (Status.DRAFT,))
    return letter


def started(letter: Letter, move: Move, now: datetime) -> Letter:
    """The letter on its way; one that is on its way already when the same is asked again.

    Raises:
        ProblemError: 409, it has changed since it was read, or another version of it was sent.
    """
    if letter.started_as == move.version:
        return letter
    _expect(letter, move.version, (Status.DRAFT,))
    return _moved(letter, Status.SENDING, started_as=letter.version, started_at=now)


def stopped(letter: Letter, reason: StopReason) -> Letter:
    """The letter, of which no more is sent; one that is stopped stays so for its first reason.

    Raises:
        ProblemError: 409, it is not being sent.
    """
    if letter.status is Status.STOPPED:
        return letter
    _expect(letter, letter.version, (Status.SENDING,))
    return _moved(letter, Status.STOPPED, stopped_for=reason)


def resumed(letter: Letter, move: Move, figures: Figures) -> Letter:
    """The letter on its way again, judged by what comes from now on.

    Raises:
        ProblemError: 409, it has changed since it was read, or is not stopped.
    """
    _expect(letter, move.version, (Status.STOPPED,))
    return _moved(letter, Status.SENDING, stopped_for=None, judged_from=judged(figures))


def finished(letter: Letter, now: datetime) -> Letter:
    """The letter when the last one has gone out; one that is not being sent stays as it is."""
    if letter.status is not Status.SENDING:
        return letter
    return _moved(letter, Status.SENT, sent_at=now)


def is_stalled(moved_at: datetime, now: datetime) -> bool:
    """Whether a letter that is being sent has to be taken up again.

    Args:
        moved_at: when its figures moved last.
        now: the moment of asking.
    """
    return now - moved_at >= STALLED_AFTER


def in_jobs(people: Iterable[str], size: int) -> list[list[str]]:
    """People in groups of at most `size`, in their order."""
    listed = list(people)
    return [listed[start : start + size] for start in range(0, len(listed), size)]


def _text_of(draft: Draft) -> dict[str, object]:
    return {"subject": draft.subject, "text": draft.text, "topics": draft.topics}


def _moved(letter: Letter, status: Status, **changes: object) -> Letter:
    return letter.model_copy(update={"status": status, "version": letter.version + 1, **changes})


def _expect(letter: Letter, version: int, statuses: tuple[Status, ...]) -> None:
    if letter.status not in statuses:
        raise ProblemError(
            409,
            "wrong-status",
            "Not in this status",
            f"The letter is {letter.status.value}. Read it again.",
            status_now=letter.status.value,
        )
    if letter.version != version:
        raise ProblemError(
            409,
            "changed",
            "Changed since it was read",
            "Somebody else has changed the letter. Read it again and decide anew.",
            version=letter.version,
        )

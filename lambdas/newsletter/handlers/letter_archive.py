"""`GET /newsletter/archive` and `/newsletter/archive/{id}`: the letters that were sent, for everyone."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from newsletter.blocking import is_letter_id
from newsletter.formatting import formatted
from newsletter.letter import Letter, Status
from newsletter.letters_table import LettersTable
from newsletter.model import Value
from newsletter.settings import settings
from shared.api import Api, Call
from shared.pages import Cursor, Limit
from shared.problems import not_found

_FRESH = "public, max-age=300"


class Query(BaseModel):
    """The query string.

    Args:
        limit: most letters on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 20
    cursor: Cursor | None = None


class Archived(Value):
    """A letter that was sent."""

    id: str
    subject: str
    topics: tuple[str, ...]
    sent_at: datetime


class ArchivedPage(Value):
    """A page of the archive, the newest first.

    Args:
        next_cursor: for the next page; None on the last one.
    """

    letters: tuple[Archived, ...]
    next_cursor: str | None = None


class ArchivedLetter(Archived):
    """A letter that was sent, as HTML of the few elements that Markdown makes here, and as plain text."""

    html: str
    text: str


api = Api()
letters = LettersTable(settings().newsletter_table)


@api.get("/newsletter/archive", refusals={400: "The cursor is not one of this list."})
def list_archive(call: Call, query: Query) -> ArchivedPage:
    """A page of the letters that were sent."""
    found, cursor = letters.page(Status.SENT, query.limit, query.cursor)
    call.headers["Cache-Control"] = _FRESH
    return ArchivedPage(letters=tuple(Archived(**_shown(letter)) for letter in found), next_cursor=cursor)


@api.get("/newsletter/archive/{id}")
def show_archived(call: Call) -> ArchivedLetter:
    """A letter that was sent, without anything of whom it was sent to."""
    if not is_letter_id(call.path["id"]):
        raise not_found("such letter")
    letter = letters.letter(call.path["id"])
    if letter.status is not Status.SENT:
        raise not_found("such letter")
    call.headers["Cache-Control"] = _FRESH
    body = formatted(letter.text)
    return ArchivedLetter(**_shown(letter), html=body.html, text=body.text)


def _shown(letter: Letter) -> dict[str, object]:
    return {"id": letter.id, "subject": letter.subject, "topics": letter.topics, "sent_at": letter.sent_at}


handler = api.handler

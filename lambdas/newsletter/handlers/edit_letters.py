"""What the creator's admins and operators do with letters: write, look at, try, send, stop.

Every route is there twice and does the same: below `/newsletter/letters` for admins, by their token, and
below `/operator/newsletter/letters` for operators, by their signature, so that it works without members, too.
Two differ: a test goes to an admin's own address, or to one that an operator names; and only operators let a
letter go on that was stopped.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from newsletter.accounts import own_address
from newsletter.blocking import is_letter_id
from newsletter.composing import Message, letter_to
from newsletter.consent import known_topics
from newsletter.letter import (
    Draft,
    Edit,
    LetterPage,
    Move,
    ShownLetter,
    Status,
    StopReason,
    TestAddress,
    edited,
    expect_draft,
    resumed,
    started,
    stopped,
    written,
)
from newsletter.letters_table import LettersTable
from newsletter.limits import TESTS_PER_HOUR, too_many_tests
from newsletter.mailing import Outcome, deliver
from newsletter.model import Value
from newsletter.secret import keys
from newsletter.settings import settings
from newsletter.tokens import manage_link
from shared.api import Api, Call, Handler
from shared.callers import Caller
from shared.idempotency import idempotency_of
from shared.pages import Cursor, Limit
from shared.problems import ProblemError, not_found
from shared.telemetry import count, logger
from shared.visits import Visits

_ID_BYTES = 12
_CHANGES = {
    404: "There is no such letter.",
    409: "It has changed since it was read, or is not in the right status.",
    503: "The table is contended; nothing was changed.",
}
_TRIES = {
    404: "There is no such letter.",
    409: "SES did not take it, or the account has no address of its own.",
    429: "Several test letters went out this hour already.",
}


class Query(BaseModel):
    """The query string.

    Args:
        limit: most letters on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    status: Status = Status.DRAFT
    limit: Limit = 20
    cursor: Cursor | None = None


class Preview(Value):
    """A letter as a subscriber gets it, but for their own links."""

    subject: str
    html: str
    text: str


api = Api()
letters = LettersTable(settings().newsletter_table)
visits = Visits(settings().newsletter_table)


def for_editors(method: str, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
    """Declare a route for admins and the same for operators; see `Api.route`."""

    def declare(function: Handler) -> Handler:
        api.route(method, f"/newsletter/letters{path}", by=Caller.ADMIN, **options)(function)
        return api.route(method, f"/operator/newsletter/letters{path}", by=Caller.OPERATOR, **options)(
            function
        )

    return declare


@for_editors("GET", refusals={400: "The cursor is not one of this list."})
def list_letters(call: Call, query: Query) -> LetterPage:
    """A page of letters of one status; the last page has no `next_cursor`."""
    found, cursor = letters.page(query.status, query.limit, query.cursor)
    return LetterPage(letters=tuple(found), next_cursor=cursor)


@for_editors(
    "POST",
    status=201,
    refusals={400: "The Idempotency-Key is not valid.", 503: "The table is contended; nothing was stored."},
)
def write_letter(call: Call, body: Draft) -> ShownLetter:
    """Write a draft."""
    known_topics(body.topics, settings().topics)
    idempotency = idempotency_of(call, body)
    letter = letters.add(written(secrets.token_hex(_ID_BYTES), body, call.now), idempotency, call.now)
    logger.info("letter written", letter=letter.id)
    return letters.shown(letter)


@for_editors("GET", "/{id}")
def show_letter(call: Call) -> ShownLetter:
    """A letter with its figures."""
    return letters.shown(letters.letter(_id(call)))


@for_editors("PUT", "/{id}", refusals=_CHANGES)
def edit_letter(call: Call, body: Edit) -> ShownLetter:
    """Write a draft anew."""
    known_topics(body.topics, settings().topics)
    return letters.shown(letters.change(_id(call), lambda seen: edited(seen, body)))


@for_editors("DELETE", "/{id}", refusals=_CHANGES)
def delete_letter(call: Call) -> None:
    """Throw a draft away."""
    letter = expect_draft(letters.letter(_id(call)))
    if not letters.remove_draft(letter):
        raise not_found("such draft any more")
    logger.info("draft deleted", letter=letter.id)


@for_editors("GET", "/{id}/preview", refusals={404: "There is no such letter."})
def preview_letter(call: Call) -> Preview:
    """The letter as a mail, with links that do nothing."""
    message = _message(call, "")
    return Preview(subject=message.subject, html=message.html or "", text=message.text)


@api.post("/newsletter/letters/{id}/test", by=Caller.ADMIN, refusals=_TRIES)
def try_letter(call: Call) -> None:
    """Send the letter to the admin's own address."""
    _try(call, own_address(call.member.username))


@api.post("/operator/newsletter/letters/{id}/test", by=Caller.OPERATOR, refusals=_TRIES)
def try_letter_as_operator(call: Call, body: TestAddress) -> None:
    """Send the letter to an address, as a test."""
    _try(call, body.email)


@for_editors("POST", "/{id}/send", refusals=_CHANGES)
def send_letter(call: Call, body: Move) -> ShownLetter:
    """Send a draft to all who want it, once; asked again for the same version, tell how it stands."""
    letter = letters.change(_id(call), lambda seen: started(seen, body, call.now))
    logger.info("letter on its way", letter=letter.id)
    return letters.shown(letter)


@for_editors("POST", "/{id}/stop", refusals=_CHANGES)
def stop_letter(call: Call) -> ShownLetter:
    """Send no more of a letter; the few that are in hand at this moment still go out."""
    letter = letters.change(_id(call), lambda seen: stopped(seen, StopReason.ASKED))
    logger.info("letter stopped", letter=letter.id)
    return letters.shown(letter)


@api.post("/operator/newsletter/letters/{id}/resume", by=Caller.OPERATOR, refusals=_CHANGES)
def resume_letter(call: Call, body: Move) -> ShownLetter:
    """Go on with a letter that was stopped; it is judged by what comes from now on."""
    letter_id = _id(call)
    figures = letters.figures(letter_id)
    letter = letters.change(letter_id, lambda seen: resumed(seen, body, figures))
    logger.info("letter goes on", letter=letter.id)
    return letters.shown(letter)


def _id(call: Call) -> str:
    if not is_letter_id(call.path["id"]):
        raise not_found("such letter")
    return call.path["id"]


def _message(call: Call, token: str) -> Message:
    letter = letters.letter(_id(call))
    return letter_to(letter, settings().creator_language, token, settings())


def _try(call: Call, address: str) -> None:
    message = _message(call, keys().token(manage_link(keys().id_of(address))))
    if visits.over_rate("letters", call.now, span="TEST#%H", limit=TESTS_PER_HOUR):
        raise too_many_tests(call.now)
    outcome = deliver(address, message, {})
    if outcome is not Outcome.SENT:
        raise ProblemError(
            409,
            "not-sent",
            "Not sent",
            "Amazon SES did not take the letter. Its domain may not be verified yet, or the account may be "
            "in the SES sandbox, where only verified addresses can be written to.",
            outcome=outcome.value,
        )
    count("TestLettersSent")


handler = api.handler

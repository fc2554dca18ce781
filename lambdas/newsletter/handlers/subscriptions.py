"""What visitors and subscribers do: ask for letters, confirm, choose, and leave."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from newsletter.composing import consent_text
from newsletter.consent import changed, confirmed, ended, is_confirmed_by, is_open, known_topics
from newsletter.letters_table import LettersTable
from newsletter.limits import REQUESTS_PER_HOUR, too_many_of_all, too_many_of_one
from newsletter.model import Confirmation, Language, Pending, Preferences, Request, Subscriber, Token
from newsletter.secret import keys
from newsletter.settings import settings
from newsletter.subscribers_table import SubscribersTable
from newsletter.tokens import Link, Purpose, bad_link
from newsletter.unsubscribing import PAGE_HEADERS, page, token_in
from shared.api import Api, Call, raw_body_of
from shared.bots import is_bot
from shared.problems import ProblemError, automated
from shared.telemetry import count, logger
from shared.visits import Visits

_NO_LINK = "The link is not valid, or nobody is subscribed with it."
_CONTENDED = "Contended; nothing was changed."


class Query(BaseModel):
    """The query string."""

    model_config = ConfigDict(extra="forbid")

    token: Token


class LooseQuery(BaseModel):
    """The query string of an address that mail programs open; what else is there is ignored."""

    token: str = ""


api = Api()
subscribers = SubscribersTable(settings().newsletter_table)
letters = LettersTable(settings().newsletter_table)
visits = Visits(settings().newsletter_table)


@api.post(
    "/newsletter/subscriptions",
    status=202,
    refusals={
        403: "The request comes from a program.",
        429: "The visitor has asked several times this hour, or enough was asked today.",
        503: _CONTENDED,
    },
)
def subscribe(call: Call, body: Request) -> None:
    """Ask for letters; a letter with a link to confirm follows, whatever is known of the address."""
    if body.website:
        # Who fills in what nobody sees is told nothing: the answer is that of a request that was kept.
        count("DroppedBot")
        return
    if is_bot(call.user_agent):
        count("DroppedBot")
        raise automated()
    known_topics(body.topics, settings().topics)
    visitor = visits.visitor_of(call)
    if visits.over_rate(visitor, call.now, span="HOUR#%H", limit=REQUESTS_PER_HOUR):
        count("DroppedRate")
        raise too_many_of_one(call.now)
    if subscribers.is_full(call.now.date()):
        count("DroppedFlood")
        raise too_many_of_all(call.now)
    language = body.language or settings().creator_language
    pending = Pending(
        id=keys().id_of(body.email),
        address=body.email,
        topics=body.topics,
        language=language,
        text=consent_text(body.topics, language, settings()),
        asked_at=call.now,
    )
    count("SubscriptionsAsked" if subscribers.ask(pending) else "SubscriptionsNotAsked")
    logger.info("subscription asked")


@api.post(
    "/newsletter/subscriptions/confirm",
    refusals={404: "The link is not valid, or not any more.", 503: _CONTENDED},
)
def confirm(call: Call, body: Confirmation) -> Preferences:
    """Become a subscriber by the link of the letter; doing it again changes nothing."""
    link = keys().link(body.token, Purpose.CONFIRM)
    pending = subscribers.pending(link.subscriber)
    subscriber: Subscriber | None = None
    if pending and is_open(pending, link.extra, call.now):
        subscriber = subscribers.confirm(pending, lambda before: confirmed(pending, before, call.now))
    if subscriber:
        logger.info("subscription confirmed")
        count("SubscriptionsConfirmed")
        return subscriber.preferences
    subscriber = subscribers.subscriber(link.subscriber)
    if subscriber is None or not is_confirmed_by(subscriber, link.extra):
        raise bad_link()
    return subscriber.preferences


@api.get("/newsletter/preferences", refusals={404: _NO_LINK})
def show_preferences(call: Call, query: Query) -> Preferences:
    """Topics and language of whoever has the link of a letter; never the address."""
    subscriber = subscribers.subscriber(_managed(query.token).subscriber)
    if subscriber is None or not subscriber.is_active:
        raise bad_link()
    return subscriber.preferences


@api.put("/newsletter/preferences", refusals={404: _NO_LINK, 503: _CONTENDED})
def change_preferences(call: Call, query: Query, body: Preferences) -> Preferences:
    """Choose other topics or another language."""
    known_topics(body.topics, settings().topics)
    subscriber = subscribers.change(_managed(query.token).subscriber, lambda before: changed(before, body))
    if subscriber is None:
        raise bad_link()
    logger.info("preferences changed")
    return subscriber.preferences


@api.get("/newsletter/unsubscribe", status=200)
def ask_to_unsubscribe(call: Call, query: LooseQuery) -> Response[str]:
    """A page with a button; looking at it changes nothing."""
    try:
        link = _managed(query.token)
    except ProblemError:
        return _page(settings().creator_language, "invalid")
    subscriber = subscribers.subscriber(link.subscriber)
    if subscriber is None or not subscriber.is_active:
        return _page(settings().creator_language, "gone")
    return _page(subscriber.language, "ask", button=True)


@api.post("/newsletter/unsubscribe", status=200, raw_body=True, refusals={404: _NO_LINK, 503: _CONTENDED})
def unsubscribe(call: Call, query: LooseQuery) -> Response[str]:
    """Get no more letters, at once: by a mail program's one-click (RFC 8058), the page's button, or as JSON.

    The token is in the query, or in the body as a form of either kind or as JSON.
    """
    token = query.token or token_in(call.header("content-type") or "", raw_body_of(call.event))
    link = _managed(token)
    subscriber = subscribers.change(
        link.subscriber, lambda before: ended(before, call.now), lambda: _counted(link)
    )
    if subscriber:
        logger.info("unsubscribed")
        count("Unsubscribed")
    return _page(subscriber.language if subscriber else settings().creator_language, "gone")


def _managed(token: str) -> Link:
    return keys().link(token, Purpose.MANAGE)


def _counted(link: Link) -> list[Any]:
    return [letters.unsubscribed(link.letter)] if link.letter else []


def _page(language: Language, key: str, *, button: bool = False) -> Response[str]:
    return Response(
        status_code=200,
        content_type="text/html; charset=utf-8",
        headers=dict(PAGE_HEADERS),
        body=page(language, key, name=settings().creator_name, button=button),
    )


handler = api.handler

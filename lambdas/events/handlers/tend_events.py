"""In the background: letters go out, seats that nobody confirmed are freed, and who waits moves up.

The table's stream tells at once of a sign-up that has changed, and of news for all guests of an event. Every
15 minutes all events to come are looked through: that brings reminders, and what could not be done before.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from events.event import Event
from events.events_table import NEWS, EventsTable
from events.ical import MEDIA_TYPE, calendar_of
from events.letters import Due, Letter, letters_due
from events.limits import HOLD, RETRY
from events.settings import settings
from events.sign_up import SignUp, State
from events.sign_up_items import SIGN_UP
from events.sign_ups_table import SignUpsTable
from events.texts import Site, text_of
from events.tokens import Keys
from shared.background import background
from shared.mail import Attachment, send
from shared.problems import ProblemError
from shared.table_secret import TableSecret
from shared.tables import epoch
from shared.telemetry import count, logger

PER_RUN = 1000
"""Most letters that a run sends: it has five minutes, and mail takes up to some tenths of a second."""

PER_NEWS = 100
"""Most letters that news sends at once, while sign-ups wait behind it; the schedule sends the rest."""

_WITH_CALENDAR = frozenset({Letter.SEATED, Letter.MOVED_UP, Letter.CHANGED, Letter.CANCELLED})

secret = TableSecret(settings().events_table)
keys = Keys(secret)
events = EventsTable(settings().events_table)
sign_ups = SignUpsTable(settings().events_table, events, keys)


def tend_events(event: dict[str, Any], now: datetime) -> None:
    """Send what a batch of the stream calls for, or look through all events to come."""
    if "Records" in event:
        for record in event["Records"]:
            at = record["dynamodb"]["Keys"]
            _tell(at["pk"]["S"].removeprefix("GUESTS#"), at["sk"]["S"], now)
        return
    left = PER_RUN
    for listed in list(events.ahead(now - 2 * HOLD)):  # what was held until the end is freed, too
        coming = events.expect(listed.id)  # the index may be late, and letters cannot be called back
        guests = _in_order(coming, now)
        left -= _send_due(coming, guests, now, left)
    if left <= 0:
        logger.warning("letters wait for the next run", sent=PER_RUN)


def _tell(event_id: str, sk: str, now: datetime) -> None:
    event = events.get(event_id)
    if event is None:
        return
    if sk.startswith(NEWS):
        _send_due(event, sign_ups.all_of(event_id), now, PER_NEWS)
        return
    sign_up = sign_ups.get(event_id, sk.removeprefix(SIGN_UP))
    if sign_up:
        _send_due(event, [sign_up], now, PER_NEWS)


def _in_order(event: Event, now: datetime) -> list[SignUp]:
    """The event's sign-ups, once nobody holds a seat for too long or waits for one that is free."""
    kept = []
    for sign_up in sign_ups.all_of(event.id):
        if sign_up.is_overdue(now):
            _free(sign_up)
            continue
        if sign_up.expires_at != epoch(event.guests_until):
            sign_ups.keep_until(sign_up, event)
        kept.append(sign_up)
    try:
        moved = {sign_up.id: sign_up for sign_up in sign_ups.move_up(event.id, now, most=PER_RUN)}
    except ProblemError as problem:
        logger.warning("nobody moved up", event_id=event.id, problem=problem.name)
        return kept
    return [moved.get(sign_up.id, sign_up) for sign_up in kept]


def _free(sign_up: SignUp) -> None:
    """Free what nobody has confirmed in time; what is contended waits for the next run."""
    try:
        if sign_ups.forget(sign_up):
            logger.info("hold is over", event_id=sign_up.event, sign_up=sign_up.id)
            count("HoldsReleased")
    except ProblemError as problem:
        logger.warning("hold not released", event_id=sign_up.event, problem=problem.name)


def _send_due(event: Event, guests: Iterable[SignUp], now: datetime, limit: int) -> int:
    """Send the letters that guests are due, up to a limit; how many were sent."""
    sent = 0
    for sign_up in guests:
        for due in letters_due(event, sign_up, settings().reminder_hours, now):
            if sent >= limit:
                return sent
            if sign_ups.claim_letter(sign_up, due.mark):
                _send(event, sign_up, due, now)
                sent += 1
    return sent


def _send(event: Event, sign_up: SignUp, due: Due, now: datetime) -> None:
    """Send a letter; a claim on one that SES did not take is given up: a later run sends it."""
    text = text_of(due.letter, event, keys.token(event.id, sign_up.id), _site())
    calendar = due.letter in _WITH_CALENDAR and sign_up.state is State.SEATED
    attachments = [_calendar(event)] if calendar else []
    sent = False
    try:
        sent = send(sign_up.email, text.subject, text.body, attachments=attachments)
    finally:
        if not sent:
            sign_ups.release_letter(sign_up, due.mark, now + RETRY)
    logger.info("letter", event_id=event.id, sign_up=sign_up.id, letter=due.letter, sent=sent)


def _calendar(event: Event) -> Attachment:
    text = calendar_of([event], name=os.environ["CREATOR_NAME"], domain=os.environ["CREATOR_DOMAIN"])
    return Attachment("event.ics", f"{MEDIA_TYPE}; method=PUBLISH", text.encode())


@cache
def _site() -> Site:
    return Site(
        creator=os.environ["CREATOR_NAME"],
        domain=os.environ["CREATOR_DOMAIN"],
        language=os.environ["CREATOR_LANGUAGE"],
        zone=settings().zone,
    )


handler = background(tend_events)

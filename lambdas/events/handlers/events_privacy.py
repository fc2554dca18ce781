"""What is kept of somebody who signed up: handed out, or erased."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from events.events_table import EventsTable
from events.settings import settings
from events.sign_up import SignUp, listed
from events.sign_ups_table import SignUpsTable
from events.tokens import Keys
from shared.privacy import Erased, Exported, Person, privacy
from shared.table_secret import TableSecret
from shared.telemetry import logger

events = EventsTable(settings().events_table)
secret = TableSecret(settings().events_table)
sign_ups = SignUpsTable(settings().events_table, events, Keys(secret))


def export(person: Person) -> Exported:
    """All sign-ups of the person, with what they are for."""
    found = [_document(sign_up) for sign_up in sign_ups.of_person(person.email, person.member)]
    return Exported(documents={"sign_ups": found} if found else {})


def erase(person: Person, now: datetime) -> Erased:
    """Delete the person's sign-ups; seats go to those who wait."""
    erased = 0
    for sign_up in sign_ups.of_person(person.email, person.member):
        erased += sign_ups.leave(sign_up, now)
    logger.info("guest erased", sign_ups=erased)
    return Erased(erased=erased)


def _document(sign_up: SignUp) -> JsonValue:
    event = events.get(sign_up.event)
    document: dict[str, JsonValue] = listed(sign_up).model_dump(mode="json")
    return {
        **document,
        "event": sign_up.event,
        "title": event.title if event else None,
        "starts_at": event.starts_at.isoformat() if event else None,
        "letters": list[JsonValue](sorted(sign_up.told)),
    }


handler = privacy(export, erase)

"""What the contact form keeps of somebody who wrote: handed out, or erased."""

from __future__ import annotations

from datetime import datetime

from contact_form.messages_table import MessagesTable
from contact_form.model import Message
from contact_form.settings import settings
from shared.privacy import Erased, Exported, Person, privacy
from shared.telemetry import logger

messages = MessagesTable(settings().contact_table)


def export(person: Person) -> Exported:
    """The person's messages that are not delivered yet; what was delivered is not here any more."""
    found = [message.model_dump(mode="json") for message in _found(person)]
    return Exported(documents={"messages": found} if found else {})


def erase(person: Person, now: datetime) -> Erased:
    """Delete the person's messages that are not delivered yet: nobody gets them then."""
    found = _found(person)
    for message in found:
        messages.remove(message.id)
    logger.info("writer erased", messages=len(found))
    return Erased(erased=len(found))


def _found(person: Person) -> list[Message]:
    """Messages know nothing of members: the address is all that they are found by."""
    return messages.of_person(person.email) if person.email else []


handler = privacy(export, erase)

"""In the background: what was written goes to the creator by e-mail, and is forgotten.

The table's stream tells of a new message at once. Once an hour everything that is left is tried again, so
that a message outlives whatever keeps mail from being sent: a domain that is not verified yet, or a fault.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from contact_form.messages_table import MessagesTable
from contact_form.settings import settings
from contact_form.texts import mail_of
from shared.background import background
from shared.mail import send
from shared.telemetry import count, logger

PER_RUN = 100
"""Most messages that one run delivers: it has a minute, and mail takes up to some tenths of a second."""

messages = MessagesTable(settings().contact_table)


def work(event: dict[str, Any], now: datetime) -> None:
    """Deliver the messages that a batch of the stream names, or those that are left."""
    if "Records" in event:
        for record in event["Records"]:
            _deliver(record["dynamodb"]["Keys"]["sk"]["S"], now)
        return
    waiting = messages.waiting(now)
    delivered = sum(_deliver(message_id, now) for message_id in waiting[:PER_RUN])
    if left := len(waiting) - delivered:
        count("MessagesWaiting", left)
        logger.warning("messages wait to be delivered", waiting=left)


def _deliver(message_id: str, now: datetime) -> bool:
    """Send one message; whether it is gone. One that is refused keeps its claim and is left for later."""
    message = messages.claim(message_id, now)
    if message is None:
        return False
    mail = mail_of(message, domain=os.environ["CREATOR_DOMAIN"], language=os.environ["CREATOR_LANGUAGE"])
    if not send(settings().recipient, mail.subject, mail.text, reply_to=message.email):
        return False
    messages.remove(message_id)
    logger.info("message delivered", message_id=message_id)
    return True


handler = background(work)

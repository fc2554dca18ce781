"""`GET /contact/undelivered`: how much waits to be delivered."""

from __future__ import annotations

from contact_form.messages_table import MessagesTable, undelivered_of
from contact_form.model import Undelivered
from contact_form.settings import settings
from shared.api import Api, Call
from shared.callers import Caller

api = Api()
messages = MessagesTable(settings().contact_table)


@api.get("/contact/undelivered", by=Caller.OPERATOR)
def count_undelivered(call: Call) -> Undelivered:
    """Number and age of the messages that wait; never what was written, or by whom."""
    return undelivered_of(messages.waiting(call.now))


handler = api.handler

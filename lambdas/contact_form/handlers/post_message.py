"""`POST /contact`: a visitor writes to the creator."""

from __future__ import annotations

from contact_form.limits import MESSAGES_PER_HOUR, too_many_of_all, too_many_of_one
from contact_form.messages_table import MessagesTable
from contact_form.model import Form
from contact_form.settings import settings
from shared.api import Api, Call
from shared.bots import is_bot
from shared.idempotency import idempotency_of
from shared.problems import automated
from shared.telemetry import count, logger
from shared.visits import Visits

api = Api()
messages = MessagesTable(settings().contact_table)
visits = Visits(settings().contact_table)


@api.post(
    "/contact",
    status=202,
    refusals={
        400: "The Idempotency-Key is not valid.",
        403: "The request comes from a program.",
        429: "The visitor has sent several messages this hour, or the form takes no more today.",
        503: "Contended; nothing was kept.",
    },
)
def post_message(call: Call, body: Form) -> None:
    """Keep the message; it is delivered within moments, or as soon as mail can be sent."""
    if body.website:
        # Who fills in what nobody sees is told nothing: the answer is that of a message that was kept.
        count("DroppedBot")
        return
    if is_bot(call.user_agent):
        count("DroppedBot")
        raise automated()
    idempotency = idempotency_of(call, body)
    if idempotency and idempotency.earlier(settings().contact_table, call.now):
        return
    visitor = visits.visitor_of(call)
    if visits.over_rate(visitor, call.now, span="HOUR#%H", limit=MESSAGES_PER_HOUR):
        count("DroppedRate")
        raise too_many_of_one(call.now)
    if messages.is_full(call.now.date()):
        count("DroppedFlood")
        raise too_many_of_all(call.now)
    messages.add(body, idempotency, call.now)
    logger.info("message received")
    count("MessagesReceived")


handler = api.handler

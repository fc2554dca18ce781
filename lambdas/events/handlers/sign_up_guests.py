"""Guests sign up by name and address, confirm by the letter's link, and leave by it."""

from __future__ import annotations

from events.event import expect_open
from events.events_table import EventsTable
from events.limits import LETTERS_PER_DAY, SIGN_UPS_PER_HOUR, too_many
from events.problems import members_only, no_such_sign_up
from events.settings import settings
from events.sign_up import Guest, ShownSignUp
from events.sign_ups_table import SignUpsTable
from events.tokens import Keys
from shared.api import Api, Call
from shared.bots import is_bot
from shared.problems import automated
from shared.table_secret import TableSecret
from shared.telemetry import count, logger
from shared.visits import Visits

_CONTENDED = "Contended; nothing was changed."
_UNKNOWN = "There is no such event or sign-up, or the token is not its own."

api = Api()
secret = TableSecret(settings().events_table)
keys = Keys(secret)
events = EventsTable(settings().events_table)
sign_ups = SignUpsTable(settings().events_table, events, keys)
visits = Visits(settings().events_table)


@api.post(
    "/events/{id}/sign-ups",
    status=202,
    refusals={
        403: "The event is for members, or the request comes from a program.",
        404: "There is no such event.",
        409: "The event is cancelled, or it is too late.",
        429: "The visitor has signed up several times this hour.",
        503: _CONTENDED,
    },
)
def ask_for_seat(call: Call, body: Guest) -> None:
    """Send a letter to confirm; a seat is held meanwhile, while there is one.

    The answer is the same whether or not the address is signed up already or had a letter lately.
    """
    if body.website:
        # Who fills in what nobody sees is told nothing: the answer is that of a sign-up that was kept.
        count("DroppedBot")
        return
    if is_bot(call.user_agent):
        count("DroppedBot")
        raise automated()
    event = events.expect(call.path["id"])
    if event.members_only:
        raise members_only()
    expect_open(event, call.now)
    visitor = visits.visitor_of(call)
    if visits.over_rate(visitor, call.now, span="HOUR#%H", limit=SIGN_UPS_PER_HOUR):
        count("DroppedRate")
        raise too_many(call.now)
    if sign_ups.asked_lately(event, body.email, call.now):
        return
    address = keys.address(body.email)
    if visits.over_rate(address, call.now, span="LETTERS", limit=LETTERS_PER_DAY):
        count("DroppedAddress")
        return
    if sign_ups.ask(event, body, call.now):
        logger.info("guest signs up", event_id=event.id)
        count("SignUpsAsked")


@api.post(
    "/events/{id}/sign-ups/confirm",
    refusals={404: _UNKNOWN, 409: "The event is cancelled or over.", 503: _CONTENDED},
)
def confirm_sign_up(call: Call) -> ShownSignUp:
    """The address is the guest's: they have a seat, or wait for one. Token: `Authorization: Bearer`."""
    event = events.expect(call.path["id"])
    sign_up = sign_ups.confirm(event, keys.opened(event.id, call), call.now)
    logger.info("sign-up confirmed", event_id=event.id, sign_up=sign_up.id, state=sign_up.state)
    count("SignUpsConfirmed")
    return ShownSignUp(event=event.id, state=sign_up.state, position=sign_ups.position(sign_up))


@api.delete("/events/{id}/sign-ups", refusals={404: _UNKNOWN, 503: _CONTENDED})
def leave_event(call: Call) -> None:
    """Whoever has the token does not come; the first who waits moves up. Token: `Authorization: Bearer`."""
    event = events.expect(call.path["id"])
    sign_up = sign_ups.get(event.id, keys.opened(event.id, call))
    if sign_up is None or not sign_ups.leave(sign_up, call.now):
        raise no_such_sign_up()
    logger.info("sign-up withdrawn", event_id=event.id, sign_up=sign_up.id)
    count("SignUpsWithdrawn")


handler = api.handler

"""Members sign up and leave by their token; nothing has to be confirmed."""

from __future__ import annotations

from events.event import expect_open
from events.events_table import EventsTable
from events.members import contact_of
from events.problems import no_such_sign_up
from events.settings import settings
from events.sign_up import ShownSignUp, SignUp
from events.sign_ups_table import SignUpsTable
from events.tokens import Keys
from shared.api import Api, Call
from shared.callers import Caller
from shared.table_secret import TableSecret
from shared.telemetry import count, logger

_CONTENDED = "Contended; nothing was changed."
_UNKNOWN = "There is no such event, or the member is not signed up for it."

api = Api()
events = EventsTable(settings().events_table)
secret = TableSecret(settings().events_table)
sign_ups = SignUpsTable(settings().events_table, events, Keys(secret))


@api.put(
    "/events/{id}/sign-up",
    by=Caller.MEMBER,
    refusals={
        404: "There is no such event.",
        409: "The event is cancelled, it is too late, or the member's address is not verified.",
        503: _CONTENDED,
    },
)
def sign_up_member(call: Call) -> ShownSignUp:
    """A seat, or a place on the waiting list; said twice, it is done once."""
    event = events.expect(call.path["id"])
    sign_up = sign_ups.of_member(event.id, call.member.id)
    if sign_up is None:
        expect_open(event, call.now)
        sign_up = sign_ups.join(event, call.member.id, contact_of(call.member), call.now)
        logger.info("member signed up", event_id=event.id, sign_up=sign_up.id, state=sign_up.state)
        count("SignUpsConfirmed")
    return _shown(sign_up)


@api.get("/events/{id}/sign-up", by=Caller.MEMBER, refusals={404: _UNKNOWN})
def get_own_sign_up(call: Call) -> ShownSignUp:
    """How the member's own sign-up stands."""
    return _shown(_own(call))


@api.delete("/events/{id}/sign-up", by=Caller.MEMBER, refusals={404: _UNKNOWN, 503: _CONTENDED})
def withdraw_member(call: Call) -> None:
    """The member does not come; the first who waits moves up."""
    sign_up = _own(call)
    sign_ups.leave(sign_up, call.now)
    logger.info("sign-up withdrawn", event_id=sign_up.event, sign_up=sign_up.id)
    count("SignUpsWithdrawn")


def _own(call: Call) -> SignUp:
    event = events.expect(call.path["id"])
    sign_up = sign_ups.of_member(event.id, call.member.id)
    if sign_up is None:
        raise no_such_sign_up()
    return sign_up


def _shown(sign_up: SignUp) -> ShownSignUp:
    return ShownSignUp(event=sign_up.event, state=sign_up.state, position=sign_ups.position(sign_up))


handler = api.handler

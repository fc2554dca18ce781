"""`POST /chat/guest-token`: who is not signed in reads along."""

from __future__ import annotations

import secrets

from ivs_chat.model import GuestToken
from ivs_chat.problems import too_many_tokens
from ivs_chat.room import Room
from ivs_chat.settings import settings
from shared.api import Api, Call
from shared.bots import is_bot
from shared.problems import automated
from shared.telemetry import count
from shared.visits import Visits

TOKENS_PER_MINUTE = 20
"""Of one visitor: people behind one address with one browser are one visitor, and come together."""

api = Api()
room = Room(settings().room_arn)
visits = Visits(settings().chat_table)


@api.post(
    "/chat/guest-token",
    status=201,
    refusals={403: "The request comes from a program.", 429: "The visitor has asked too often."},
)
def guest_token(call: Call) -> GuestToken:
    """A token to connect and read with, under an id that is made for it alone."""
    if is_bot(call.user_agent):
        count("DroppedBot")
        raise automated()
    visitor = visits.visitor_of(call)
    if visits.over_rate(visitor, call.now, span="GUEST#%H:%M", limit=TOKENS_PER_MINUTE):
        count("DroppedRate")
        raise too_many_tokens()
    guest_id = f"guest-{secrets.token_hex(8)}"
    token, ends_at = room.guest_token(guest_id)
    count("GuestTokens")
    return GuestToken(endpoint=room.endpoint, token=token, user_id=guest_id, session_ends_at=ends_at)


handler = api.handler

"""`POST /chat/token`: a member takes part."""

from __future__ import annotations

import os

from ivs_chat.members_table import MembersTable
from ivs_chat.model import Joining, MemberToken
from ivs_chat.names import is_reserved
from ivs_chat.problems import name_taken, too_many_tokens
from ivs_chat.roles import Role, role_of
from ivs_chat.room import Room
from ivs_chat.room_table import RoomTable
from ivs_chat.settings import settings
from shared.api import Api, Call
from shared.callers import Caller
from shared.problems import invalid
from shared.telemetry import count, logger
from shared.visits import Visits

TOKENS_PER_MINUTE = 20
"""Of one member: a token is needed for each page that is opened and each connection that is lost."""

api = Api()
room = Room(settings().room_arn)
members = MembersTable(settings().chat_table)
rules = RoomTable(settings().chat_table)
visits = Visits(settings().chat_table)


@api.post(
    "/chat/token",
    by=Caller.MEMBER,
    status=201,
    refusals={
        403: "The member is kept out of the chat; `until` says until when, null for ever.",
        409: "Somebody else has this name, or one that looks like it.",
        429: "The member has asked too often.",
        503: "The table is contended; nothing was changed.",
    },
)
def member_token(call: Call, body: Joining) -> MemberToken:
    """A token to connect, read and write with, under a display name that nobody else has."""
    member = call.member
    role = role_of(member.groups)
    if visits.over_rate(member.id, call.now, span="TOKEN#%H:%M", limit=TOKENS_PER_MINUTE):
        count("DroppedRate")
        raise too_many_tokens()
    wish = body.display_name
    if wish and role is Role.MEMBER and is_reserved(wish, os.environ["CREATOR_NAME"]):
        raise name_taken()
    name = members.enter(member.id, role, wish, call.now)
    if name is None:
        raise invalid([("/display_name", "is needed the first time")])
    token, ends_at = room.member_token(member.id, name, role)
    logger.info("member enters the chat", role=role)
    count("MemberTokens")
    return MemberToken(
        endpoint=room.endpoint,
        token=token,
        user_id=member.id,
        session_ends_at=ends_at,
        display_name=name,
        role=role,
        slow_mode_seconds=rules.slow_seconds(),
    )


handler = api.handler

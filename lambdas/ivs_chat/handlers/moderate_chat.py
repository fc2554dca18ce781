"""What moderators do: delete messages, keep people out, slow the room down."""

from __future__ import annotations

import re

from ivs_chat.members_table import MembersTable
from ivs_chat.model import ActPage, Ban, Banning, BanPage, Deletion, Page, SlowMode
from ivs_chat.roles import role_of
from ivs_chat.room import Room
from ivs_chat.room_table import RoomTable
from ivs_chat.settings import settings
from shared.api import Api, Call
from shared.callers import Caller
from shared.problems import not_found
from shared.telemetry import count, logger

# https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_DeleteMessage.html
_MESSAGE_ID = re.compile(r"[A-Za-z0-9]{12}", re.ASCII)
_MEMBER_ID = re.compile(r"[0-9A-Za-z-]{1,128}", re.ASCII)
_NO_REASON = "deleted by a moderator"
_CONTENDED = "The table is contended; nothing was changed."

api = Api()
room = Room(settings().room_arn)
members = MembersTable(settings().chat_table)
rules = RoomTable(settings().chat_table)


@api.delete("/chat/messages/{id}", by=Caller.MODERATOR, refusals={404: "This is no id of a message."})
def delete_message(call: Call, query: Deletion) -> None:
    """Take a message away from everybody's screen."""
    message_id = call.path["id"]
    if not _MESSAGE_ID.fullmatch(message_id):
        raise not_found("such message")
    room.delete_message(message_id, query.reason or _NO_REASON)
    rules.note("message-deleted", by=call.member.id, on=message_id, detail=query.reason or "", now=call.now)
    logger.info("message deleted")
    count("MessagesDeleted")


@api.put(
    "/chat/bans/{member}",
    by=Caller.MODERATOR,
    refusals={
        403: "The member is an admin, or a moderator and so are you.",
        404: "Unknown here.",
        503: _CONTENDED,
    },
)
def ban_member(call: Call, body: Banning) -> Ban:
    """Keep a member out of the chat from now on, and end their connections."""
    member_id = _member_of(call)
    role = role_of(call.member.groups)
    ban = members.ban(member_id, body, by=call.member.id, role=role, now=call.now)
    room.disconnect(member_id, body.reason)
    logger.info("member banned", permanent=body.permanent)
    count("MembersBanned")
    return ban


@api.delete(
    "/chat/bans/{member}", by=Caller.MODERATOR, refusals={404: "They are not banned.", 503: _CONTENDED}
)
def unban_member(call: Call) -> None:
    """Let a member in again."""
    members.unban(_member_of(call), by=call.member.id, now=call.now)
    logger.info("member unbanned")


@api.get("/chat/bans", by=Caller.MODERATOR)
def list_bans(call: Call, query: Page) -> BanPage:
    """The bans that hold; a page may have fewer than `limit`, the last one has no `next_cursor`."""
    return members.bans(limit=query.limit, cursor=query.cursor, now=call.now)


@api.put("/chat/slow-mode", by=Caller.MODERATOR, refusals={503: _CONTENDED})
def set_slow_mode(call: Call, body: SlowMode) -> SlowMode:
    """Let members write once in so many seconds; it holds within seconds."""
    rules.set_slow_mode(body.seconds, by=call.member.id, now=call.now)
    logger.info("slow mode set", seconds=body.seconds)
    return body


@api.get("/chat/audit", by=Caller.ADMIN)
def list_acts(call: Call, query: Page) -> ActPage:
    """What moderators did in the last 90 days, newest first; the last page has no `next_cursor`."""
    return rules.acts(limit=query.limit, cursor=query.cursor, now=call.now)


def _member_of(call: Call) -> str:
    member_id = call.path["member"]
    if not _MEMBER_ID.fullmatch(member_id):
        raise not_found("such member of the chat")
    return member_id


handler = api.handler

"""`/members` for operators, `/admin/members` for the creator's own admins: who is there, and who may what."""

from __future__ import annotations

from shared.api import Api, Call
from shared.callers import Caller, not_yours
from shared.telemetry import count, logger
from user_auth import pool
from user_auth.model import (
    Account,
    DisabledChange,
    Group,
    GroupsChange,
    Invitation,
    MemberPage,
    MemberQuery,
)
from user_auth.rules import Actor, check_may_disable, check_may_invite, regroup

_BUSY = {503: "The user pool is busy; send it again."}
_UNKNOWN = {404: "There is no such member.", **_BUSY}
_NOT_THEIRS = {403: "Or it is about the caller's own rights, or about who is an admin."}

api = Api()


@api.get("/members", by=Caller.OPERATOR, refusals={400: "The cursor is not one of this list.", **_BUSY})
@api.get("/admin/members", by=Caller.ADMIN, refusals={400: "The cursor is not one of this list.", **_BUSY})
def list_members(call: Call, query: MemberQuery) -> MemberPage:
    """Everybody, or those whose e-mail address begins so; the last page has no `next_cursor`."""
    _actor(call)
    people, cursor = pool.page(query.query, query.limit, query.cursor)
    return MemberPage(members=tuple(people), next_cursor=cursor)


@api.post("/members", by=Caller.OPERATOR, status=201, refusals={409: "The address has an account.", **_BUSY})
@api.post(
    "/admin/members",
    by=Caller.ADMIN,
    status=201,
    refusals={409: "The address has an account.", **_NOT_THEIRS, **_BUSY},
)
def invite_member(call: Call, body: Invitation) -> Account:
    """Send an invitation with a password that works once; who has not used theirs gets a new one."""
    groups = frozenset(body.groups)
    check_may_invite(_actor(call), groups)
    person = pool.invite(body.email)
    pool.move(person, joins=groups | {Group.MEMBER}, leaves=frozenset())
    logger.info("member invited", member=person, groups=sorted(groups))
    count("MembersInvited")
    return _found(person)


@api.get("/members/{id}", by=Caller.OPERATOR, refusals=_UNKNOWN)
@api.get("/admin/members/{id}", by=Caller.ADMIN, refusals=_UNKNOWN)
def get_member(call: Call) -> Account:
    """One person with their groups."""
    _actor(call)
    return _found(call.path["id"])


@api.put("/members/{id}/groups", by=Caller.OPERATOR, refusals=_UNKNOWN)
@api.put("/admin/members/{id}/groups", by=Caller.ADMIN, refusals={**_NOT_THEIRS, **_UNKNOWN})
def put_groups(call: Call, body: GroupsChange) -> Account:
    """Put a person into these groups and no others; who loses one is signed out, so that it is gone for good.

    Access tokens that they have keep the old groups until they expire, within the hour.
    """
    actor, person = _actor(call), _found(call.path["id"])
    moves = regroup(actor, person.id, frozenset(person.groups), frozenset(body.groups))
    pool.move(person.id, joins=moves.joins, leaves=moves.leaves)
    if moves.leaves:
        pool.sign_out(person.id)
    logger.info("groups changed", member=person.id, joins=sorted(moves.joins), leaves=sorted(moves.leaves))
    count("GroupsChanged")
    return _found(person.id)


@api.put("/members/{id}/disabled", by=Caller.OPERATOR, refusals=_UNKNOWN)
@api.put("/admin/members/{id}/disabled", by=Caller.ADMIN, refusals={**_NOT_THEIRS, **_UNKNOWN})
def put_disabled(call: Call, body: DisabledChange) -> Account:
    """Keep a person out, and end their sessions; or let them in again.

    Access tokens that they have open what does not ask the user pool until they expire, within the hour.
    """
    actor, person = _actor(call), _found(call.path["id"])
    check_may_disable(actor, person.id, frozenset(person.groups))
    pool.set_disabled(person.id, disabled=body.disabled)
    if body.disabled:
        pool.sign_out(person.id)
    logger.info("access changed", member=person.id, disabled=body.disabled)
    count("MembersDisabled" if body.disabled else "MembersEnabled")
    return _found(person.id)


def _actor(call: Call) -> Actor:
    """Who calls. Rights that give rights are looked up: a token may be older than their end."""
    if call.operator:
        return Actor(admin=None)
    caller = pool.find(call.member.id)
    if caller is None or caller.disabled or Group.ADMIN not in caller.groups:
        raise not_yours()
    return Actor(admin=caller.id)


def _found(person: str) -> Account:
    account = pool.find(person)
    if account is None:
        raise pool.no_such_member()
    return account


handler = api.handler

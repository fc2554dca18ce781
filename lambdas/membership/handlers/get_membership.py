"""`GET /membership/tiers` and `GET /membership/me`: what there is, and what a member has."""

from __future__ import annotations

from membership.members_table import MembersTable
from membership.model import Member, ShownMembership, ShownTier, Tiers
from membership.rules import shown_to_member
from membership.settings import settings
from shared.api import Api, Call
from shared.callers import Caller

MAX_AGE_S = 300

api = Api()
members = MembersTable(settings().membership_table)


@api.get("/membership/tiers")
def get_tiers(call: Call) -> Tiers:
    """All tiers, from the lowest to the highest."""
    call.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    shown = tuple(ShownTier.model_validate(tier.model_dump()) for tier in settings().tiers)
    return Tiers(currency=settings().currency, tiers=shown)


@api.get("/membership/me", by=Caller.MEMBER)
def get_own_membership(call: Call) -> ShownMembership:
    """The member's own membership, as it is at this moment."""
    member = members.get(call.member.id) or Member(id=call.member.id)
    return shown_to_member(member, settings().grace, call.now)


handler = api.handler

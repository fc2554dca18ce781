"""`GET /membership/members` and `GET /membership/figures`: what operators see."""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel, ConfigDict

from membership.members_table import MembersTable
from membership.model import Figures, Group, MembersPage, Revenue, State, TierId
from membership.rules import monthly, shown_to_operator
from membership.settings import settings
from shared.api import Api, Call
from shared.callers import Caller
from shared.pages import Cursor, Limit


class Query(BaseModel):
    """The query string.

    Args:
        state: of the members at the last look.
        tier: only members of it.
        limit: most members on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    state: State = State.ACTIVE
    tier: TierId | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


api = Api()
members = MembersTable(settings().membership_table)


@api.get("/membership/members", by=Caller.OPERATOR, refusals={400: "The cursor is not one of this list."})
def list_memberships(call: Call, query: Query) -> MembersPage:
    """A page of the members of a state, by tier; the last page has no `next_cursor`."""
    found, cursor = members.page(query.state, query.tier, limit=query.limit, cursor=query.cursor)
    shown = tuple(shown_to_operator(member, settings().grace, call.now) for member in found)
    return MembersPage(members=shown, next_cursor=cursor)


@api.get("/membership/figures", by=Caller.OPERATOR)
def get_figures(call: Call) -> Figures:
    """How many members there are by tier and state, and what they bring in a month."""
    groups: Counter[tuple[str, State]] = Counter()
    revenue: Counter[str] = Counter()
    for state in State:
        for member in members.in_state(state):
            subscription = member.subscription
            groups[subscription.tier if subscription else "", state] += 1
            if subscription and (amount := monthly(member)):
                revenue[subscription.currency] += amount
    return Figures(
        groups=tuple(
            Group(tier=tier or None, state=state, members=number)
            for (tier, state), number in sorted(groups.items())
        ),
        monthly_revenue=tuple(
            Revenue(currency=currency, amount=amount) for currency, amount in sorted(revenue.items())
        ),
    )


handler = api.handler

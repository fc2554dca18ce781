"""`GET /account`, `PUT /account`: a member's own account."""

from __future__ import annotations

from shared.api import Api, Call
from shared.callers import Caller, signed_out
from shared.telemetry import count, logger
from user_auth import pool
from user_auth.model import Account, AccountChange

api = Api()


@api.get("/account", by=Caller.MEMBER, refusals={503: "The user pool is busy."})
def get_account(call: Call) -> Account:
    """The account of who is signed in."""
    return _own(call)


@api.put("/account", by=Caller.MEMBER, refusals={503: "The user pool is busy; nothing was changed."})
def put_account(call: Call, body: AccountChange) -> Account:
    """Change the display name; passwords and e-mail addresses are changed with Cognito, which proves them."""
    account = _own(call)
    pool.rename(account.id, body.display_name)
    logger.info("display name changed")
    count("AccountsChanged")
    return account.model_copy(update={"display_name": body.display_name})


def _own(call: Call) -> Account:
    """The account; a token outlives it by up to an hour, and opens nothing then."""
    account = pool.find(call.member.id)
    if account is None or account.disabled:
        raise signed_out()
    return account


handler = api.handler

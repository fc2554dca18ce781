"""`DELETE /account`: a member leaves for good."""

from __future__ import annotations

from shared.api import Api, Call
from shared.callers import Caller
from shared.problems import invalid
from shared.telemetry import count, logger
from user_auth import pool
from user_auth.model import Deletion
from user_auth.rules import check_fresh_sign_in

api = Api()


@api.delete(
    "/account",
    by=Caller.MEMBER,
    refusals={401: "Or the sign-in is older than 10 minutes.", 503: "The user pool is busy; send it again."},
)
def delete_account(call: Call, body: Deletion) -> None:
    """Sign the member out everywhere and delete them; the same request again is answered the same."""
    check_fresh_sign_in(
        call.event["requestContext"]["authorizer"]["jwt"]["claims"].get("auth_time"), call.now
    )
    account = pool.find(call.member.id)
    if account is None:
        return
    if body.email.casefold() != account.email.casefold():
        raise invalid([("/email", "must be the e-mail address of your account")])
    pool.delete(account.id)
    logger.info("account deleted")  # whose, nobody is to find out any more
    count("AccountsDeleted")


handler = api.handler

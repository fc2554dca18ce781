"""`DELETE /account`: a member leaves for good."""

from __future__ import annotations

from shared.api import Api, Call
from shared.callers import Caller
from shared.fields import address_key
from shared.problems import invalid
from shared.telemetry import count, logger
from user_auth import pool
from user_auth.model import Deletion
from user_auth.modules import erase_from
from user_auth.rules import check_fresh_sign_in
from user_auth.settings import settings

api = Api()


@api.delete(
    "/account",
    by=Caller.MEMBER,
    refusals={
        401: "Or the sign-in is older than 10 minutes.",
        503: "The user pool is busy, or a module has not erased its part. Send it again.",
    },
)
def delete_account(call: Call, body: Deletion) -> None:
    """Have every module forget the member, and delete them; the same request again is answered the same."""
    check_fresh_sign_in(
        call.event["requestContext"]["authorizer"]["jwt"]["claims"].get("auth_time"), call.now
    )
    account = pool.find(call.member.id)
    if account is None:
        return
    if address_key(body.email) != address_key(account.email):
        raise invalid([("/email", "must be the e-mail address of your account")])
    # The account comes last: without it nobody could ask again for what was not erased.
    erase_from(settings().privacy_modules, account)
    pool.delete(account.id)
    logger.info("account deleted")  # whose, nobody is to find out any more
    count("AccountsDeleted")


handler = api.handler

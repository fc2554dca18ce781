"""`POST /account/export`: all that the platform has of a member."""

from __future__ import annotations

import os

from shared.api import Api, Call
from shared.callers import Caller, signed_out
from shared.telemetry import count, logger
from user_auth import pool
from user_auth.export import export_of
from user_auth.model import Export

api = Api()


@api.post("/account/export", by=Caller.MEMBER, refusals={503: "The user pool is busy."})
def export_account(call: Call) -> Export:
    """One document for each module that keeps something of members."""
    account = pool.find(call.member.id)
    if account is None or account.disabled:
        raise signed_out()
    call.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    logger.info("account exported")
    count("AccountsExported")
    return export_of(account, site=os.environ["CREATOR_DOMAIN"], now=call.now)


handler = api.handler

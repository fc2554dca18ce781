"""`POST /account/export`: all that the platform has of a member."""

from __future__ import annotations

import os

from shared.api import Api, Call
from shared.callers import Caller, signed_out
from shared.telemetry import count, logger
from user_auth import pool
from user_auth.export import export_of
from user_auth.model import Export
from user_auth.modules import export_from
from user_auth.settings import settings

api = Api()


@api.post(
    "/account/export",
    by=Caller.MEMBER,
    refusals={503: "The user pool is busy, a module cannot tell now, or it is more than an answer can hold."},
)
def export_account(call: Call) -> Export:
    """One document for each module that keeps something of members."""
    account = pool.find(call.member.id)
    if account is None or account.disabled:
        raise signed_out()
    others = export_from(settings().privacy_modules, account)
    export = export_of(account, others, site=os.environ["CREATOR_DOMAIN"], now=call.now)
    call.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    logger.info("account exported")
    count("AccountsExported")
    return export


handler = api.handler

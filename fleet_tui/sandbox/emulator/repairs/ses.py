"""SES v2: which requests are answered by us. What is wrong upstream, and why, is said in each module."""

from __future__ import annotations

import json

from ministack.services import ses as ministack_ses
from ministack.services import ses_v2

from fleet_tui.sandbox.emulator.registration import keep
from fleet_tui.sandbox.emulator.repairs import ses_identities, ses_sending
from fleet_tui.sandbox.emulator.repairs.ses_contact_lists import ContactLists
from fleet_tui.sandbox.emulator.wire import Headers, Query, Response, ServiceError, json_answer, json_error


def install() -> None:
    """Put the repairs in place."""
    lists = ContactLists()
    keep("fleet_ses_contacts", lists)
    ministack_ses._production_access_enabled = ses_identities.has_production_access
    inner = ses_v2.handle_request

    async def handle(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Response:
        path = path.rstrip("/")
        try:
            if lists.handles(path, body, query):
                return json_answer(lists.answer(method, path, json.loads(body or b"{}"), query))
            if ses_identities.handles(method, path):
                return json_answer(ses_identities.answer(method, path, json.loads(body or b"{}")))
            if (method, path) == ("POST", ses_sending.PATH):
                return json_answer(ses_sending.send_email(json.loads(body)))
        except ServiceError as error:
            return json_error(error)
        answer: Response = await inner(method, path, headers, body, query)
        return answer

    ses_v2.handle_request = handle

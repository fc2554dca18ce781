"""Events in this process, over moto's DynamoDB; a mailbox stands for SES and a pool for Cognito."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.events_module.events_api import TABLE, Events, Mailbox, Pool
from tests.lambdas.functions import handlers_of, table


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    """The module with an empty table, an empty mailbox and nobody in the user pool."""
    handlers_of("events")
    from events import members
    from events.handlers import events_privacy, manage_events, sign_up_guests, sign_up_members, tend_events
    from shared import mail, tables

    mailbox, pool = Mailbox(), Pool()
    monkeypatch.setattr(sign_up_guests.visits, "_salt", None)
    for handler in (events_privacy, manage_events, sign_up_guests, sign_up_members, tend_events):
        monkeypatch.setattr(handler.secret, "_secret", None)
    monkeypatch.setattr(mail, "CLIENT", mailbox)
    monkeypatch.setattr(members, "CLIENT", pool)
    with mock_aws():
        table(tables.CLIENT, TABLE, index=True)
        events = Events("events", client=tables.CLIENT, mailbox=mailbox, pool=pool)
        with events.logged():
            yield events

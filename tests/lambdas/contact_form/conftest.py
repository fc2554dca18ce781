"""The contact form in this process, over moto's DynamoDB, with a mailbox in the place of SES."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.contact_form.contact_api import Contact, Mailbox
from tests.lambdas.functions import handlers_of, table


@pytest.fixture
def contact(monkeypatch: pytest.MonkeyPatch) -> Iterator[Contact]:
    """The contact form with an empty table and an empty mailbox."""
    handlers_of("contact_form")
    from contact_form.handlers import post_message
    from shared import mail, tables

    mailbox = Mailbox()
    monkeypatch.setattr(post_message.visits, "_salt", None)
    monkeypatch.setattr(mail, "CLIENT", mailbox)
    with mock_aws():
        table(tables.CLIENT, "contact")
        contact = Contact("contact_form", client=tables.CLIENT, mailbox=mailbox)
        with contact.logged():
            yield contact

"""The newsletter in this process, over moto's DynamoDB, with a mailbox in the place of SES."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.functions import handlers_of, table
from tests.lambdas.newsletter.newsletter_api import Mailbox, Newsletter, Queue


@pytest.fixture
def newsletter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsletter]:
    """A newsletter without subscribers."""
    handlers_of("newsletter")
    from newsletter import jobs_queue, mailing, secret
    from newsletter.handlers import fan_out_letter, send_letters, subscriptions
    from newsletter.pacing import Pace
    from shared import tables

    mailbox, queue = Mailbox(), Queue()
    monkeypatch.setattr(subscriptions.visits, "_salt", None)
    monkeypatch.setattr(send_letters, "pace", Pace(0))
    monkeypatch.setattr(fan_out_letter, "PER_JOB", 3)
    monkeypatch.setattr(mailing, "CLIENT", mailbox)
    monkeypatch.setattr(jobs_queue, "CLIENT", queue)
    secret.keys.cache_clear()
    with mock_aws():
        table(tables.CLIENT, "newsletter", index=True)
        newsletter = Newsletter("newsletter", client=tables.CLIENT, mailbox=mailbox, queue=queue)
        with newsletter.logged():
            yield newsletter
    secret.keys.cache_clear()

"""Polls in this process, over moto's DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.functions import handlers_of, table
from tests.lambdas.polls.polls_api import Polls


@pytest.fixture
def polls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Polls]:
    """A site without polls."""
    handlers_of("polls")
    from polls.handlers import guest_votes, show_polls
    from shared import tables

    monkeypatch.setattr(guest_votes.visits, "_salt", None)
    monkeypatch.setattr(show_polls.standings, "_kept", {})
    for module in (guest_votes, show_polls):
        monkeypatch.setattr(module.guests, "_keys", {})
    with mock_aws():
        table(tables.CLIENT, "polls", index=True)
        polls = Polls("polls", client=tables.CLIENT)
        with polls.logged():
            yield polls

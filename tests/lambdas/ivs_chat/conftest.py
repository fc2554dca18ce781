"""The chat in this process, over moto's DynamoDB, with a stand-in for Amazon IVS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.functions import NOW, handlers_of, table
from tests.lambdas.ivs_chat.chat_api import Chat, FakeIvs


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    """A chat that nobody has been in."""
    handlers_of("ivs_chat")
    from ivs_chat import room
    from ivs_chat.handlers import guest_token, member_token, review_message
    from shared import tables

    ivs = FakeIvs(NOW)
    monkeypatch.setattr(room, "CLIENT", ivs)
    monkeypatch.setattr(review_message, "_known", None)
    for handlers in (guest_token, member_token):
        monkeypatch.setattr(handlers.visits, "_salt", None)
    with mock_aws():
        table(tables.CLIENT, "chat")
        chat = Chat("ivs_chat", client=tables.CLIENT, ivs=ivs)
        with chat.logged():
            yield chat

"""What the chat keeps of a member: handed out and erased, but for a ban that holds and the room's log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lambdas.ivs_chat.chat_api import ADMIN, BEA, CARL, MODERATOR, Chat
from tests.lambdas.people import ask

LOG = {
    "what": "messages in the room's log, if any were written",
    "count": None,
    "why": "CloudWatch Logs erases no single line; the last are gone by 2026-06-19",
}


class Log:
    """CloudWatch Logs: one page with these lines, and one without any."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []

    def said(self, member: str, content: str, kind: str = "MESSAGE") -> None:
        """A line as IVS writes it."""
        payload = (
            {"Content": content, "Sender": {"UserId": member}} if kind == "MESSAGE" else {"Reason": content}
        )
        self.lines.append({"event_timestamp": "2026-05-20T11:00:00Z", "type": kind, "payload": payload})

    def get_paginator(self, name: str) -> Log:
        """Of `filter_log_events`."""
        assert name == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """The pages."""
        self.asked.append(asked)
        yield {"events": [{"message": json.dumps(line)} for line in self.lines]}
        yield {"events": []}


@pytest.fixture(autouse=True)
def log(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> Log:
    """The room's log, which is empty."""
    from ivs_chat import message_log

    log = Log()
    monkeypatch.setattr(message_log, "CLIENT", log)
    return log


def people(chat: Chat, *ids: str) -> set[str]:
    """Whom of these the table still knows, anywhere."""
    text = json.dumps(chat.items())
    return {member for member in ids if member in text}


def test_a_member_gets_their_name_what_was_done_to_them_and_what_they_said(chat: Chat, log: Log) -> None:
    chat.join(BEA, "Bea")
    chat.say(BEA, "hello")
    chat.ban(MODERATOR, BEA)
    log.said(BEA, "hello")
    log.said(CARL, f"hello {BEA}")
    log.said(BEA, "deleted", "aws:DELETE_MESSAGE")
    documents = ask(chat, "export", member=BEA)["documents"]
    assert documents == {
        "profile": [
            {"display_name": "Bea", "role": "member", "last_message_at": "2026-05-20T12:00:00+00:00"}
        ],
        "bans": [
            {
                "reason": "be kind",
                "banned_at": "2026-05-20T12:00:00+00:00",
                "until": "2026-05-20T13:00:00+00:00",
            }
        ],
        "moderation": [
            {
                "at": "2026-05-20T12:00:00+00:00",
                "action": "banned",
                "detail": "be kind",
                "done_by_you": False,
                "done_to_you": True,
            }
        ],
        "messages": [{"sent_at": "2026-05-20T11:00:00Z", "content": "hello"}],
    }
    assert MODERATOR not in json.dumps(documents)
    (asked,) = log.asked
    assert asked["logGroupName"] == "/aws/vendedlogs/ivschat/kasper"
    assert f'$.payload.Sender.UserId = "{BEA}"' in asked["filterPattern"]


def test_a_member_is_erased_and_their_name_is_free(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.join(CARL, "Carl")
    chat.say(BEA, "hello")
    assert ask(chat, "erase", member=BEA) == {"erased": 3, "kept": [LOG]}
    assert people(chat, BEA, CARL) == {CARL}
    assert ask(chat, "erase", member=BEA)["erased"] == 0
    assert ask(chat, "export", member=BEA)["documents"] == {}
    assert chat.join(CARL, "Bea").status == 201


def test_a_name_that_went_to_somebody_else_stays_theirs(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.client.update_item(
        TableName="chat",
        Key={"pk": {"S": "NAME#bea"}, "sk": {"S": "NAME"}},
        UpdateExpression="SET holder = :carl",
        ExpressionAttributeValues={":carl": {"S": CARL}},
    )
    ask(chat, "erase", member=BEA)
    assert [item["holder"]["S"] for item in chat.items("NAME#")] == [CARL]


@pytest.mark.parametrize(
    ("minutes", "until"), [(60, "until 2026-05-20 13:00 UTC"), (None, "until it is lifted")]
)
def test_nobody_gets_around_a_ban_by_asking_to_be_forgotten(chat: Chat, minutes: Any, until: str) -> None:
    chat.join(BEA, "Bea")
    chat.say(BEA, "something bad")
    chat.ban(MODERATOR, BEA, **({"minutes": minutes} if minutes else {"permanent": True}))
    answer = ask(chat, "erase", member=BEA)
    assert [(kept["what"], kept["count"]) for kept in answer["kept"]] == [
        ("ban from the chat", 1),
        (LOG["what"], None),
    ]
    assert answer["kept"][0]["why"].endswith(until)
    table = json.dumps(chat.items())
    assert "be kind" not in table
    assert "bea" not in table.replace(BEA, "").lower()
    assert ask(chat, "erase", member=BEA)["erased"] == 0
    refused = chat.join(BEA, "Other")
    assert (refused.status, refused.problem) == (403, "banned")
    assert chat.say(BEA, "hello") == "banned"
    (listed,) = chat.moderate(MODERATOR, "GET", "/chat/bans").body["bans"]
    assert (listed["member"], listed["display_name"], listed["reason"]) == (BEA, "", "")

    chat.now = chat.now.replace(hour=14)
    if not minutes:
        assert chat.moderate(ADMIN, "DELETE", f"/chat/bans/{BEA}").status == 204
    assert chat.join(BEA).status == 422, "the name is gone"
    assert chat.join(BEA, "Bea again").status == 201


def test_a_ban_that_is_over_goes_with_the_rest(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.ban(MODERATOR, BEA)
    chat.now = chat.now.replace(hour=14)
    assert ask(chat, "erase", member=BEA)["kept"] == [LOG]
    assert people(chat, BEA) == set()


def test_what_a_moderator_did_stays_without_them(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.ban(MODERATOR, BEA)
    assert ask(chat, "export", member=MODERATOR)["documents"]["moderation"][0]["done_by_you"] is True
    ask(chat, "erase", member=MODERATOR)
    (act,) = chat.moderate(ADMIN, "GET", "/chat/audit").body["acts"]
    assert (act["by"], act["on"], act["detail"]) == ("erased", BEA, "be kind")


def test_a_chat_that_keeps_no_messages_says_nothing_of_a_log(
    chat: Chat, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ivs_chat.settings import SAMPLE, settings

    monkeypatch.setitem(SAMPLE, "MESSAGE_LOG", "")  # type: ignore[arg-type]
    settings.cache_clear()
    chat.join(BEA, "Bea")
    assert "messages" not in ask(chat, "export", member=BEA)["documents"]
    assert ask(chat, "erase", member=BEA)["kept"] == []
    assert log.asked == []
    settings.cache_clear()


def test_nobody_is_known_by_an_address(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    assert ask(chat, "export", email="bea@honey.example")["documents"] == {}
    assert ask(chat, "erase", email="bea@honey.example") == {"erased": 0, "kept": []}


def test_no_log_line_tells_who_it_was(chat: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    chat.join(BEA, "Bea")
    chat.log.truncate(0)
    capsys.readouterr()
    ask(chat, "export", member=BEA)
    ask(chat, "erase", member=BEA)
    written = chat.log.getvalue() + "".join(capsys.readouterr())
    assert "member of the chat erased" in written
    assert BEA not in written

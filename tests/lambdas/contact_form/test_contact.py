"""A message is taken from a person, kept until it is delivered, delivered once, and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lambdas.contact_form.contact_api import FORM, Contact
from tests.lambdas.functions import COMMON, NOW


def test_a_message_reaches_the_creator_and_is_forgotten(contact: Contact) -> None:
    answer = contact.post()
    assert (answer.status, answer.body) == (202, None)
    contact.stream()
    (mail,) = contact.mailbox.sent
    assert mail["FromEmailAddress"] == "Kasper Kast <hello@kasper.live>"
    assert mail["Destination"] == {"ToAddresses": ["kasper@example.org"]}
    assert mail["ReplyToAddresses"] == ["Beate.Biene@honey.example"]
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == "[kasper.live] Your stream of Tuesday"
    assert content["Body"].keys() == {"Text"}
    assert FORM["message"] in content["Body"]["Text"]["Data"]
    assert contact.messages() == []


def test_nothing_of_a_message_is_kept_beside_it(contact: Contact) -> None:
    contact.post(headers={"idempotency-key": "0123456789"})
    contact.stream()
    kept = str(contact.items())
    assert "Beate" not in kept
    assert "honey" not in kept
    assert all("expires_at" in item for item in contact.items())


def test_what_cannot_be_sent_yet_waits_and_goes_out_when_it_can(contact: Contact) -> None:
    contact.mailbox.refuses = "MessageRejected"
    contact.post()
    contact.stream()
    assert contact.waiting().body == {"waiting": 1, "oldest": "2026-05-20T12:00:00Z"}

    contact.now = NOW + timedelta(hours=1)
    contact.hourly()
    assert contact.waiting().body["waiting"] == 1

    contact.mailbox.refuses = ""
    contact.now = NOW + timedelta(hours=2)
    contact.hourly()
    assert len(contact.mailbox.sent) == 1
    assert contact.waiting().body == {"waiting": 0, "oldest": None}
    contact.hourly()
    assert len(contact.mailbox.sent) == 1


def test_a_fault_of_the_mail_service_is_told_and_loses_nothing(contact: Contact, capsys: Any) -> None:
    from shared.background import BackgroundError

    contact.mailbox.refuses = "TooManyRequestsException"
    contact.post()
    with pytest.raises(BackgroundError, match=r"^ClientError$"):
        contact.stream()
    assert '"Faults":[1.0]' in capsys.readouterr().out
    contact.mailbox.refuses = ""
    contact.stream()  # the stream tries again at once, while the first try may still be under way
    assert contact.mailbox.sent == []
    contact.now = NOW + timedelta(hours=1)
    contact.hourly()
    assert len(contact.mailbox.sent) == 1


def test_stream_and_schedule_do_not_send_one_message_twice(contact: Contact) -> None:
    contact.post()
    (item,) = contact.messages()
    send, contact_again = contact.mailbox.send_email, contact.hourly

    def send_while_the_schedule_runs(**message: Any) -> Any:
        contact.mailbox.send_email = send  # type: ignore[method-assign]
        contact_again()
        return send(**message)

    contact.mailbox.send_email = send_while_the_schedule_runs  # type: ignore[method-assign]
    contact.stream(item["sk"]["S"])
    contact.stream(item["sk"]["S"])
    assert len(contact.mailbox.sent) == 1


def test_a_message_that_is_refused_for_ever_stands_in_nobodys_way(
    contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contact_form.handlers import deliver_messages

    monkeypatch.setattr(deliver_messages, "PER_RUN", 1)
    contact.mailbox.refuses = "BadRequestException"
    contact.post(name="First")
    contact.stream()
    contact.mailbox.refuses = ""
    contact.now = NOW + timedelta(minutes=30)
    contact.post(name="Second")
    contact.now = NOW + timedelta(hours=1)
    contact.hourly()
    (mail,) = contact.mailbox.sent
    assert "Second" in mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_what_waits_is_counted_for_the_alarm(contact: Contact, capsys: Any) -> None:
    contact.mailbox.refuses = "MessageRejected"
    contact.post()
    contact.post(name="Someone else")
    contact.hourly()
    assert '"MessagesWaiting":[2.0]' in capsys.readouterr().out
    contact.mailbox.refuses = ""
    contact.now = NOW + timedelta(hours=1)
    contact.hourly()
    assert "MessagesWaiting" not in capsys.readouterr().out


def test_a_message_is_given_up_after_thirty_days(contact: Contact) -> None:
    contact.post()
    (item,) = contact.messages()
    expiry = datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC)
    assert expiry == NOW + timedelta(days=30)
    contact.now = expiry + timedelta(minutes=1)
    contact.hourly()
    contact.stream()
    assert contact.mailbox.tried == 0
    assert contact.waiting().body["waiting"] == 0


def test_who_fills_in_what_nobody_sees_is_answered_as_everyone_and_dropped(
    contact: Contact, capsys: Any
) -> None:
    caught = contact.post(website="https://spam.example")
    caught_output = capsys.readouterr().out
    kept = contact.post()
    assert (caught.status, caught.body, caught.headers) == (kept.status, kept.body, kept.headers)
    assert '"DroppedBot":[1.0]' in caught_output
    assert "MessagesReceived" not in caught_output
    assert len(contact.messages()) == 1


def test_programs_that_say_so_are_refused(contact: Contact, capsys: Any) -> None:
    answer = contact.post(agent="python-requests/2.32")
    assert (answer.status, answer.problem) == (403, "automated")
    assert '"DroppedBot":[1.0]' in capsys.readouterr().out
    assert contact.items() == []


def test_one_visitor_sends_five_messages_an_hour(contact: Contact) -> None:
    contact.now = NOW + timedelta(minutes=15)
    assert [contact.post().status for _ in range(6)] == [202] * 5 + [429]
    refused = contact.post()
    assert (refused.problem, refused.headers["Retry-After"]) == ("too-many", "2700")
    assert contact.post(ip="198.51.100.9").status == 202
    contact.now = NOW + timedelta(hours=1)
    assert contact.post().status == 202
    assert len(contact.messages()) == 7


def test_a_flood_ends_at_a_hundred_messages_a_day(contact: Contact) -> None:
    statuses = [contact.post(ip=f"198.51.100.{number}").status for number in range(101)]
    assert statuses == [202] * 100 + [429]
    refused = contact.post(ip="192.0.2.1")
    assert (refused.problem, refused.headers["Retry-After"]) == ("too-many", "43200")
    assert len(contact.messages()) == 100
    contact.now = NOW + timedelta(days=1)
    assert contact.post().status == 202


def test_one_key_is_one_message(contact: Contact) -> None:
    key = {"idempotency-key": "0123456789"}
    assert [contact.post(headers=key).status for _ in range(7)] == [202] * 7
    assert len(contact.messages()) == 1
    contact.stream()
    assert contact.post(headers=key).status == 202
    assert contact.messages() == []
    other = contact.post(headers=key, message="Something else")
    assert (other.status, other.problem) == (422, "idempotency-key-reused")


def test_rivals_with_one_key_leave_one_message(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.idempotency import Idempotency

    key = {"idempotency-key": "0123456789"}
    contact.post(headers=key)
    look = Idempotency.earlier
    looks = iter([lambda *_: None, look])  # the rival is not to be seen at first
    monkeypatch.setattr(Idempotency, "earlier", lambda *arguments: next(looks)(*arguments))
    assert contact.post(headers=key).status == 202
    assert len(contact.messages()) == 1


def test_the_mail_is_in_the_creators_language(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMON, "CREATOR_LANGUAGE", "de")
    contact.post(subject=None, consent=True)
    contact.stream()
    content = contact.mailbox.sent[0]["Content"]["Simple"]
    assert content["Subject"]["Data"] == "[kasper.live] Nachricht von Beate Biene"
    assert "Einwilligung: erteilt\n" in content["Body"]["Text"]["Data"]


@pytest.mark.parametrize("operator", [None, "123456789012"])
def test_only_operators_learn_what_waits(contact: Contact, operator: str | None) -> None:
    def change(event: dict[str, Any]) -> None:
        identity = event["requestContext"]["authorizer"]["iam"]
        if operator is None:
            del event["requestContext"]["authorizer"]
        else:
            identity.update(accountId=operator, userArn=f"arn:aws:iam::{operator}:root")

    answer = contact.waiting(change=change)
    assert (answer.status, answer.problem) == (403, "forbidden")

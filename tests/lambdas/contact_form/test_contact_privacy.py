"""What the contact form keeps of somebody who wrote: found by their address, and erased."""

from __future__ import annotations

import pytest

from tests.lambdas.contact_form.contact_api import Contact
from tests.lambdas.functions import MEMBER
from tests.lambdas.people import ask

BEATE = "Beate.Biene@honey.example"


def test_messages_that_wait_are_handed_out(contact: Contact) -> None:
    contact.post()
    contact.post(email="carl@honey.example", message="Not Beate's")
    (message,) = ask(contact, "export", email="beate.biene@HONEY.example")["documents"]["messages"]
    assert (message["email"], message["subject"]) == (BEATE, "Your stream of Tuesday")
    assert message["message"].startswith("Hello Kasper")


def test_messages_that_wait_are_erased_and_others_stay(contact: Contact) -> None:
    contact.post()
    contact.post(subject="Once more")
    contact.post(email="carl@honey.example")
    assert ask(contact, "erase", email=BEATE.upper()) == {"erased": 2, "kept": []}
    assert [item["email"]["S"] for item in contact.messages()] == ["carl@honey.example"]
    assert ask(contact, "erase", email=BEATE) == {"erased": 0, "kept": []}
    assert ask(contact, "export", email=BEATE) == {"documents": {}, "person": None}
    contact.stream(*(item["sk"]["S"] for item in contact.messages()))
    assert len(contact.mailbox.sent) == 1


def test_what_was_delivered_is_not_here_any_more(contact: Contact) -> None:
    contact.post()
    contact.stream()
    assert ask(contact, "export", email=BEATE)["documents"] == {}


def test_a_member_is_not_known_by_their_id(contact: Contact) -> None:
    contact.post()
    assert ask(contact, "export", member=MEMBER)["documents"] == {}
    assert ask(contact, "erase", member=MEMBER)["erased"] == 0
    assert len(contact.messages()) == 1


def test_no_log_line_tells_who_it_was(contact: Contact, capsys: pytest.CaptureFixture[str]) -> None:
    contact.post()
    ask(contact, "export", email=BEATE)
    ask(contact, "erase", email=BEATE)
    written = (contact.log.getvalue() + "".join(capsys.readouterr())).lower()
    assert "writer erased" in written
    assert "beate" not in written
    assert "honey" not in written

"""Nothing that is typed becomes a header or an address, and no log line knows a person."""

from __future__ import annotations

import email.message
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contact_form.model import Form, Message
from contact_form.texts import mail_of
from tests.lambdas.contact_form.contact_api import FORM, Contact
from tests.lambdas.functions import NOW

INJECTIONS = [
    "Hello\r\nBcc: everyone@example.com",
    "Hello\nBcc: everyone@example.com",
    "Hello\rBcc: everyone@example.com",
    "Hello\u2028Bcc: everyone@example.com",
    "Hello\x0bBcc: everyone@example.com",
    "Hello\x85Bcc: everyone@example.com",
    "Hello\x00",
    "Hello\u202eevil",
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("name", ["name", "subject"])
def test_a_line_is_one_line(contact: Contact, name: str, text: str) -> None:
    answer = contact.post(**{name: text})
    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["pointer"] for error in answer.body["errors"]] == [f"/{name}"]
    assert contact.items() == []


@pytest.mark.parametrize(
    "address",
    [
        "beate",
        "beate@",
        "@honey.example",
        "beate@honey",
        "beate@honey.example, everyone@example.com",
        "beate@honey.example;everyone@example.com",
        "Beate <beate@honey.example>",
        "beate@honey.example\r\nBcc: everyone@example.com",
        "beate@honey.example\n",
        '"beate\n"@honey.example',
        "beate@[127.0.0.1]",
        "beäte@honey.example",
        f"{'b' * 65}@honey.example",
        f"beate@{'honey.' * 50}example",
    ],
)
def test_only_one_plain_address_is_taken(contact: Contact, address: str) -> None:
    assert contact.post(email=address).problem == "invalid"
    assert contact.items() == []


@pytest.mark.parametrize("name", ["recipient", "to", "to_email", "bcc", "cc", "from", "reply_to"])
def test_where_a_message_goes_cannot_be_asked_for(contact: Contact, name: str) -> None:
    answer = contact.post(**{name: "everyone@example.com"})
    assert (answer.status, answer.problem) == (422, "invalid")
    assert contact.items() == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": "x" * 81}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": 5}, "/name"),
        ({"subject": "x" * 121}, "/subject"),
        ({"message": "x" * 3001}, "/message"),
        ({"message": " \n\n "}, "/message"),
        ({"message": "a\x00b"}, "/message"),
        ({"website": "x" * 2049}, "/website"),
        ({"consent": "yes"}, "/consent"),
    ],
)
def test_a_refusal_points_at_the_member(contact: Contact, fields: dict[str, Any], pointer: str) -> None:
    answer = contact.post(**fields)
    assert answer.status == 422
    assert pointer in [error["pointer"] for error in answer.body["errors"]]


@pytest.mark.parametrize("missing", ["name", "email", "message"])
def test_what_is_needed_is_needed(contact: Contact, missing: str) -> None:
    assert contact.post(**{missing: None}).problem == "invalid"


@pytest.mark.parametrize("body", ["", "null", "[]", "{", "[" * 5_000, '{"name": "\\ud800"}', "\ud800", "NaN"])
def test_odd_bodies_are_the_callers_fault(contact: Contact, body: str) -> None:
    answer = contact.call("post_message", "POST", "/contact", body)
    assert answer.problem in ("malformed", "invalid")


def test_a_form_of_html_and_a_long_body_are_refused(contact: Contact) -> None:
    html = contact.post(headers={"content-type": "application/x-www-form-urlencoded"})
    assert html.problem == "unsupported-media-type"
    assert contact.call("post_message", "POST", "/contact", " " * 16_385).problem == "too-large"


def test_the_longest_message_fits(contact: Contact) -> None:
    body = json.dumps({**FORM, "message": "\U0001f36f" * 3000}, ensure_ascii=False)
    assert contact.call("post_message", "POST", "/contact", body).status == 202


@pytest.mark.parametrize("path", ["/contact/", "/contact/..", "//contact", "/contact/%2e%2e", "/"])
def test_path_tricks_lead_nowhere(contact: Contact, path: str) -> None:
    assert contact.call("post_message", "POST", path, FORM).problem == "not-found"


@settings(max_examples=200)
@given(name=st.text(max_size=90), subject=st.none() | st.text(max_size=130), text=st.text(max_size=400))
def test_whatever_is_typed_the_headers_are_ours(name: str, subject: str | None, text: str) -> None:
    try:
        form = Form(name=name, email="beate@honey.example", subject=subject, message=text)
    except ValidationError:
        return
    message = Message(id="1", received_at=NOW, **form.model_dump(exclude={"website"}))
    mail = mail_of(message, domain="kasper.live", language="en")
    assert mail.subject.startswith("[kasper.live] ")
    assert len(mail.subject.splitlines()) == 1
    letter = email.message.EmailMessage()
    letter["Subject"] = mail.subject  # raises for what would break out of a header
    assert form.message in mail.text
    assert "\r" not in mail.text


@settings(max_examples=200)
@given(st.text())
def test_lines_stay_lines_and_reading_them_again_changes_nothing(text: str) -> None:
    from pydantic import TypeAdapter

    from shared.fields import PlainLines

    adapter = TypeAdapter(PlainLines)
    try:
        once = adapter.validate_python(text)
    except ValidationError:
        return
    assert adapter.validate_python(once) == once
    assert once == once.strip()
    assert not [character for character in once if character < " " and character != "\n"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=8,
    ),
    st.sampled_from([*FORM, "website", "consent", "new"]),
)
def test_no_value_of_a_field_is_our_fault(contact: Contact, value: Any, name: str) -> None:
    assert contact.post(**{name: value}).status in (202, 422, 429)


def test_no_log_line_and_no_metric_knows_a_person(contact: Contact, capsys: Any) -> None:
    contact.post(headers={"idempotency-key": "secret-key-of-someone"}, consent=False)
    contact.post(website="spam-of-someone")
    contact.post(email="not an address")
    contact.mailbox.refuses = "MessageRejected"
    contact.stream()
    contact.hourly()
    contact.waiting()
    for _ in range(6):
        contact.post()
    written = contact.log.getvalue() + "".join(capsys.readouterr())
    assert "message received" in written
    assert "mail refused" in written
    for secret in (
        "Beate", "Biene", "honey", "Tuesday", "secret-key", "someone", "not an address", "203.0.113",
        "Firefox", "kasper@example.org", "ana@ops",
    ):  # fmt: skip
        assert secret not in written, secret

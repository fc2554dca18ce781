"""No log line and no metric knows a person, and what is sent in is looked at with suspicion."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambdas.newsletter.newsletter_api import ASK, LETTER, Newsletter, manage_token, refusal


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{", "[" * 5_000, '{"email": "\\ud800"}', "\ud800", "NaN"]
)
@pytest.mark.parametrize("path", ["/newsletter/subscriptions", "/newsletter/subscriptions/confirm"])
def test_odd_bodies_are_the_callers_fault(newsletter: Newsletter, path: str, body: str) -> None:
    assert newsletter.call("subscriptions", "POST", path, body).problem in ("malformed", "invalid")


def test_unsubscribing_takes_no_large_body(newsletter: Newsletter) -> None:
    path, form = "/newsletter/unsubscribe", {"content-type": "application/x-www-form-urlencoded"}
    answer = newsletter.call("subscriptions", "POST", path, "a" * 16_385, headers=form)
    assert answer.problem == "too-large"


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "Hello\r\nBcc: everyone@example.com"},
        {"subject": "Hello\u2028X"},
        {"subject": "x" * 121},
        {"subject": ""},
        {"text": "x" * 12_001},
        {"text": "a\x00b"},
        {"topics": ["nonsense"]},
        {"topics": []},
        {"from": "else@example.com"},
    ],
)
def test_a_letter_that_breaks_a_rule_is_refused(newsletter: Newsletter, fields: dict[str, Any]) -> None:
    assert newsletter.letters("POST", "", {**LETTER, **fields}).problem == "invalid"
    assert newsletter.items("LETTER#") == []


def test_the_longest_letter_fits(newsletter: Newsletter) -> None:
    letter = newsletter.write(text="x" * 12_000)
    assert len(newsletter.shown(letter["id"])["text"]) == 12_000


def test_no_log_line_and_no_metric_knows_a_person(newsletter: Newsletter, capsys: Any) -> None:
    newsletter.subscribe()
    newsletter.ask(website="spam-of-someone")
    newsletter.ask(email="not an address")
    letter = newsletter.send()
    newsletter.work_off()
    token = manage_token(newsletter.mailbox.sent[-1])
    newsletter.letters("POST", f"/{letter}/test", {"email": ASK["email"]})
    newsletter.feedback(newsletter.mailbox.sent[-1])
    newsletter.unsubscribe(token)
    newsletter.confirm("x" * 60)
    newsletter.subscribe("second@honey.example")
    newsletter.send()
    newsletter.mailbox.before = lambda number: (_ for _ in ()).throw(
        refusal("MessageRejected", "second@honey.example is on a list")
    )
    newsletter.work_off()
    newsletter.lists("GET", "subscribers/export")
    newsletter.lists("POST", "blocked/search", {"email": ASK["email"]})
    newsletter.privacy("export")
    newsletter.privacy("erase")
    written = newsletter.log.getvalue() + "".join(capsys.readouterr())
    for line in ("subscription confirmed", "letter sent", "mail refused", "subscribers exported"):
        assert line in written
    for secret in (
        "Beate", "Biene", "honey", "second", "Hello", "someone", "not an address", "203.0.113", "Firefox",
        "ana@ops", token,
    ):  # fmt: skip
        assert secret not in written, secret

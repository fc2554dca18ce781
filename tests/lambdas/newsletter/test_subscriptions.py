"""Double opt-in, preferences, and leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.lambdas.functions import NOW, Answer
from tests.lambdas.newsletter.newsletter_api import ASK, Newsletter, confirm_token, manage_token, refusal

MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
    b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n%s\r\n--x--\r\n'
)


@pytest.fixture
def token(newsletter: Newsletter) -> str:
    """The token of a letter that Beate got."""
    newsletter.subscribe()
    newsletter.send()
    newsletter.work_off()
    return manage_token(newsletter.mailbox.sent[-1])


def preferences(newsletter: Newsletter, token: str, **body: object) -> Answer:
    method = "PUT" if body else "GET"
    query = {"token": token}
    return newsletter.call("subscriptions", method, "/newsletter/preferences", body or None, query=query)


def is_subscribed(newsletter: Newsletter) -> bool:
    return any("gsi1pk" in item for item in newsletter.items("SUBSCRIBER#"))


def test_who_confirms_is_a_subscriber_and_the_proof_is_kept(newsletter: Newsletter) -> None:
    assert newsletter.ask().status == 202
    assert newsletter.items("SUBSCRIBER#") == []
    newsletter.stream()
    (mail,) = newsletter.mailbox.to("Beate.Biene@honey.example")
    newsletter.now = NOW + timedelta(days=6, hours=23)
    answer = newsletter.confirm(confirm_token(mail))
    assert (answer.status, answer.body) == (200, {"topics": ["news"], "language": "en"})
    assert newsletter.items("PENDING#") == []
    (consent,) = newsletter.privacy("export")["documents"]["subscriptions"][0]["consents"]
    assert consent == {
        "asked_at": "2026-05-20T12:00:00Z",
        "confirmed_at": "2026-05-27T11:00:00Z",
        "text": "I want to get e-mails from Kasper Kast about: News. I can take that back at any time, "
        "by a link in every letter.",
    }
    assert consent["text"] in mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_the_answer_is_the_same_whatever_is_known(newsletter: Newsletter) -> None:
    new = newsletter.ask()
    again = newsletter.ask()
    newsletter.now += timedelta(hours=2)
    newsletter.subscribe()
    newsletter.now += timedelta(hours=2)
    subscribed = newsletter.ask()
    newsletter.stream()
    newsletter.feedback(newsletter.mailbox.sent[-1])
    newsletter.now += timedelta(hours=2)
    blocked = newsletter.ask()
    bot = newsletter.ask(website="https://spam.example")
    assert new == again == subscribed == blocked == bot
    sent = len(newsletter.mailbox.sent)
    newsletter.stream()
    assert len(newsletter.mailbox.sent) == sent


def test_one_letter_an_hour_asks_for_confirmation(newsletter: Newsletter) -> None:
    for minutes, letters in ((0, 1), (30, 1), (59, 1), (60, 2)):
        newsletter.now = NOW + timedelta(minutes=minutes)
        assert newsletter.ask(email="BEATE.biene@honey.example").status == 202
        newsletter.stream()
        newsletter.stream()  # the stream may tell everything twice
        assert len(newsletter.mailbox.sent) == letters
    old, new = (confirm_token(mail) for mail in newsletter.mailbox.sent)
    assert newsletter.confirm(old).problem == "link-not-valid"
    assert newsletter.confirm(new).status == 200


def test_a_link_is_good_for_a_week_and_twice_does_no_harm(newsletter: Newsletter) -> None:
    newsletter.ask()
    newsletter.stream()
    link = confirm_token(newsletter.mailbox.sent[0])
    newsletter.now = NOW + timedelta(days=7)
    assert newsletter.confirm(link).problem == "link-not-valid"
    newsletter.now -= timedelta(seconds=1)
    assert newsletter.confirm(link).status == 200
    assert newsletter.confirm(link).status == 200
    (subscriber,) = newsletter.items("SUBSCRIBER#")
    assert subscriber["version"] == {"N": "1"}
    assert newsletter.items("PENDING#") == []


def test_what_was_not_sent_is_tried_again(newsletter: Newsletter) -> None:
    from shared.background import BackgroundError

    def throttle(number: int) -> None:
        raise refusal("TooManyRequestsException", "Maximum sending rate exceeded.")

    newsletter.ask()
    newsletter.mailbox.before = throttle
    with pytest.raises(BackgroundError, match="NotSentError"):
        newsletter.stream()
    newsletter.mailbox.before = lambda number: None
    newsletter.stream()
    newsletter.stream()
    assert len(newsletter.mailbox.sent) == 1


def test_more_topics_need_a_confirmation_of_their_own(newsletter: Newsletter) -> None:
    newsletter.subscribe()
    newsletter.now += timedelta(hours=1)
    newsletter.ask(topics=["streams"], language="de")
    newsletter.stream()
    mail = newsletter.mailbox.sent[-1]
    assert mail["Content"]["Simple"]["Subject"]["Data"] == "Bitte bestätigen: Post von Kasper Kast"
    answer = newsletter.confirm(confirm_token(mail))
    assert answer.body == {"topics": ["news", "streams"], "language": "de"}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"topics": ["news", "nonsense"]}, "/topics/1"),
        ({"topics": []}, "/topics"),
        ({"topics": ["news", "news"]}, ""),
        ({"topics": None}, "/topics"),
        ({"email": "beate"}, "/email"),
        ({"email": "b@honey.example\r\nBcc: all@honey.example"}, "/email"),
        ({"language": "fr"}, "/language"),
        ({"consent": True}, "/consent"),
    ],
)
def test_a_refusal_points_at_the_member(newsletter: Newsletter, fields: dict[str, Any], pointer: str) -> None:
    answer = newsletter.ask(**fields)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]


def test_programs_floods_and_the_impatient_are_kept_out(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert newsletter.ask(agent="curl/8.0").problem == "automated"
    answers = [newsletter.ask(email=f"b{number}@honey.example").status for number in range(11)]
    assert answers == [202] * 10 + [429]
    monkeypatch.setattr("newsletter.subscribers_table.REQUESTS_PER_DAY", 10)
    full = newsletter.ask(email="c@honey.example", ip="198.51.100.7")
    assert (full.problem, full.headers["Retry-After"]) == ("too-many", "43200")


def test_preferences_are_changed_by_the_link_of_a_letter(newsletter: Newsletter, token: str) -> None:
    assert preferences(newsletter, token).body == {"topics": ["news"], "language": "en"}
    changed = preferences(newsletter, token, topics=["streams"], language="de")
    assert changed.body == {"topics": ["streams"], "language": "de"}
    assert preferences(newsletter, token).body == changed.body
    assert preferences(newsletter, token, topics=["nonsense"], language="de").problem == "invalid"
    newsletter.unsubscribe(token)
    assert preferences(newsletter, token).problem == "link-not-valid"
    assert preferences(newsletter, token, topics=["news"], language="en").problem == "link-not-valid"


@pytest.mark.parametrize("kind", ["header", "form", "multipart", "json"])
def test_unsubscribing_needs_one_request_and_no_session(
    newsletter: Newsletter, token: str, kind: str
) -> None:
    body, content_type, query = {
        "header": ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded", {"token": token}),
        "form": (urlencode({"token": token}), "application/x-www-form-urlencoded; charset=utf-8", None),
        "multipart": ((MULTIPART % token.encode()).decode(), "multipart/form-data; boundary=x", None),
        "json": (f'{{"token": "{token}"}}', "application/json", None),
    }[kind]
    for _ in range(2):
        answer = newsletter.call(
            "subscriptions", "POST", "/newsletter/unsubscribe", body,
            headers={"content-type": content_type}, query=query,
        )  # fmt: skip
        assert answer.status == 200
        assert "You get no more letters from Kasper Kast." in answer.body
        assert not is_subscribed(newsletter)
    (letter,) = newsletter.letters("GET", query={"status": "sent"}).body["letters"]
    assert newsletter.figures(letter["id"])["unsubscribed"] == 1


def test_looking_at_the_link_changes_nothing(newsletter: Newsletter, token: str) -> None:
    path = "/newsletter/unsubscribe"
    looked = newsletter.call("subscriptions", "GET", path, query={"token": token, "utm_source": "mail"})
    assert looked.status == 200
    assert '<form method="post"><button>Unsubscribe</button></form>' in looked.body
    assert "default-src 'none'" in looked.headers["Content-Security-Policy"]
    assert is_subscribed(newsletter)
    wrong = newsletter.call("subscriptions", "GET", path, query={"token": "x"})
    assert "This link is not valid." in wrong.body
    assert "<form" not in wrong.body
    newsletter.unsubscribe(token)
    assert "<form" not in newsletter.call("subscriptions", "GET", path, query={"token": token}).body


def test_who_left_may_come_back_and_the_proof_outlives_both(newsletter: Newsletter, token: str) -> None:
    newsletter.unsubscribe(token)
    (left,) = newsletter.items("SUBSCRIBER#")
    assert "gsi1pk" not in left
    assert int(left["expires_at"]["N"]) > (NOW + timedelta(days=3 * 365)).timestamp()
    newsletter.now += timedelta(hours=2)
    newsletter.ask()
    newsletter.stream()
    newsletter.confirm(confirm_token(newsletter.mailbox.sent[-1]))
    (back,) = newsletter.items("SUBSCRIBER#")
    assert len(back["consents"]["L"]) == 2
    assert "expires_at" not in back


@pytest.mark.parametrize("token", ["", "x", "x" * 60, "A" * 60, "é" * 60, "../../x", "a" * 5000])
def test_no_token_can_be_made_up(newsletter: Newsletter, token: str) -> None:
    assert newsletter.unsubscribe(token).status == 404
    assert newsletter.confirm(token).status in (404, 422)
    assert preferences(newsletter, token).status in (404, 422)


def test_a_link_is_for_one_thing(newsletter: Newsletter) -> None:
    asked = newsletter.subscribe()
    assert newsletter.unsubscribe(asked).problem == "link-not-valid"
    newsletter.send()
    newsletter.work_off()
    assert newsletter.confirm(manage_token(newsletter.mailbox.sent[-1])).problem == "link-not-valid"


def test_operators_export_subscribers(newsletter: Newsletter) -> None:
    newsletter.subscribe("=cmd@honey.example")
    newsletter.subscribe(ASK["email"], "streams", "news")
    answer = newsletter.lists("GET", "subscribers/export")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    rows = sorted(answer.body.splitlines())
    assert len(rows) == 3
    assert rows[0].startswith('"\'=cmd@honey.example","news","en"')
    assert rows[1].startswith('"Beate.Biene@honey.example","news streams","en","2026-05-20T12:00:00+00:00"')
    assert "Next-After" not in answer.headers

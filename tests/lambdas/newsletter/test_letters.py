"""Drafts, tests, the archive; bounces and complaints; people's data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.lambdas.functions import ISSUER, MEMBER, NOW
from tests.lambdas.newsletter.newsletter_api import ASK, LETTER, Newsletter, refusal
from tests.lambdas.newsletter.test_sending import PEOPLE, readers

ADDRESS = ASK["email"]


def test_a_draft_is_written_changed_shown_and_thrown_away(newsletter: Newsletter) -> None:
    letter = newsletter.write()
    assert (letter["status"], letter["version"], letter["figures"]["sent"]) == ("draft", 1, 0)
    path = f"/{letter['id']}"
    edited = newsletter.letters("PUT", path, {**LETTER, "subject": "June", "version": 1})
    assert (edited.body["subject"], edited.body["version"]) == ("June", 2)
    assert newsletter.letters("PUT", path, {**LETTER, "version": 1}).problem == "changed"
    preview = newsletter.letters("GET", f"{path}/preview").body
    assert preview["subject"] == "June"
    assert "<h1>Hello</h1>" in preview["html"]
    assert [found["id"] for found in newsletter.letters("GET").body["letters"]] == [letter["id"]]
    assert newsletter.letters("DELETE", path).status == 204
    assert newsletter.letters("GET", path).problem == "not-found"
    assert newsletter.letters("DELETE", path).problem == "not-found"


def test_one_key_is_one_draft(newsletter: Newsletter) -> None:
    key = {"idempotency-key": "0123456789"}
    first, second = (newsletter.letters("POST", "", LETTER, headers=key).body["id"] for _ in range(2))
    assert first == second
    other = newsletter.letters("POST", "", {**LETTER, "subject": "Other"}, headers=key)
    assert other.problem == "idempotency-key-reused"


def test_only_drafts_change(newsletter: Newsletter) -> None:
    letter = newsletter.send()
    assert newsletter.letters("PUT", f"/{letter}", {**LETTER, "version": 2}).problem == "wrong-status"
    assert newsletter.letters("DELETE", f"/{letter}").problem == "wrong-status"
    assert newsletter.letters("POST", f"/{letter}/resume", {"version": 3}).problem == "wrong-status"


@pytest.mark.parametrize("letter_id", ["x", "0" * 23, "0" * 24, "0" * 23 + "g", "0" * 5000])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", "/stop"), ("DELETE", ""), ("GET", "/preview")]
)
def test_there_is_no_such_letter(newsletter: Newsletter, letter_id: str, method: str, path: str) -> None:
    assert newsletter.letters(method, f"/{letter_id}{path}").problem == "not-found"


@pytest.mark.parametrize("groups", [(), ("member",), ("moderator",)])
def test_only_admins_write(newsletter: Newsletter, groups: tuple[str, ...]) -> None:
    answer = newsletter.call(
        "edit_letters", "POST", "/newsletter/letters", LETTER, member=MEMBER, groups=groups
    )
    assert (answer.status, answer.problem) == (403, "not-allowed")
    admin = newsletter.call(
        "edit_letters", "POST", "/newsletter/letters", LETTER, member=MEMBER, groups=("admin",)
    )
    assert admin.status == 201


def test_an_operator_tries_a_letter_on_an_address(newsletter: Newsletter) -> None:
    letter = newsletter.write()
    path = f"/{letter['id']}/test"
    assert newsletter.letters("POST", path, {"email": "kasper@example.org"}).status == 204
    (mail,) = newsletter.mailbox.to("kasper@example.org")
    assert mail["EmailTags"] == []
    assert newsletter.shown(letter["id"])["status"] == "draft"
    newsletter.mailbox.before = lambda number: (_ for _ in ()).throw(refusal("SendingPausedException"))
    refused = newsletter.letters("POST", path, {"email": "kasper@example.org"})
    assert (refused.problem, refused.body["outcome"]) == ("not-sent", "closed")
    newsletter.mailbox.before = lambda number: None
    statuses = [newsletter.letters("POST", path, {"email": "k@example.org"}).status for _ in range(29)]
    assert statuses == [204] * 28 + [429]


def test_an_admin_tries_a_letter_on_themselves(newsletter: Newsletter, monkeypatch: Any) -> None:
    from newsletter import accounts
    from tests.lambdas.functions import COMMON

    pools = boto3.client("cognito-idp", "eu-central-1")
    pool = pools.create_user_pool(PoolName="kasper")["UserPool"]["Id"]
    monkeypatch.setattr(accounts, "CLIENT", pools)
    monkeypatch.setitem(COMMON, "MEMBERS_ISSUER", f"{ISSUER.rpartition('/')[0]}/{pool}")
    monkeypatch.setattr("tests.lambdas.functions.ISSUER", f"{ISSUER.rpartition('/')[0]}/{pool}")
    path = f"/newsletter/letters/{newsletter.write()['id']}/test"

    def attempt(verified: str) -> Any:
        pools.admin_create_user(
            UserPoolId=pool, Username=MEMBER, MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": "kasper@example.org"},
                {"Name": "email_verified", "Value": verified},
            ],
        )  # fmt: skip
        answer = newsletter.call(
            "edit_letters",
            "POST",
            path,
            member=MEMBER,
            groups=("admin",),
        )
        pools.admin_delete_user(UserPoolId=pool, Username=MEMBER)
        return answer

    assert attempt("false").problem == "no-address"
    assert newsletter.mailbox.sent == []
    assert attempt("true").status == 204
    assert newsletter.mailbox.receivers() == ["kasper@example.org"]


def test_the_archive_shows_what_was_sent_and_nothing_else(newsletter: Newsletter) -> None:
    def archive(path: str = "", **query: str) -> Any:
        return newsletter.call("letter_archive", "GET", f"/newsletter/archive{path}", query=query)

    readers(newsletter, PEOPLE[:1])
    draft, under_way = newsletter.write()["id"], newsletter.send()
    assert archive().body == {"letters": [], "next_cursor": None}
    assert archive(f"/{draft}").problem == archive(f"/{under_way}").problem == "not-found"
    newsletter.work_off()
    newsletter.now += timedelta(days=1)
    newer = newsletter.send(subject="June")
    newsletter.work_off()
    first = archive(limit="1")
    assert [letter["id"] for letter in first.body["letters"]] == [newer]
    second = archive(limit="1", cursor=first.body["next_cursor"])
    assert [letter["id"] for letter in second.body["letters"]] == [under_way]
    assert archive(cursor="x").problem == "bad-cursor"
    shown = archive(f"/{under_way}")
    assert shown.headers["Cache-Control"] == "public, max-age=300"
    assert shown.body == {
        "id": under_way,
        "subject": "Honey in May",
        "topics": ["news"],
        "sent_at": "2026-05-20T12:00:00Z",
        "html": "<h1>Hello</h1>\n<p>There is <em>honey</em>.</p>\n",
        "text": "Hello\n\nThere is honey.",
    }


@pytest.mark.parametrize(
    ("kind", "figure", "reason"),
    [("Permanent", "bounced", "bounced"), ("complaint", "complained", "complained")],
)
def test_a_hard_bounce_and_a_complaint_block_at_once(
    newsletter: Newsletter, kind: str, figure: str, reason: str
) -> None:
    newsletter.subscribe()
    letter = newsletter.send()
    newsletter.work_off()
    for _ in range(2):  # EventBridge may tell it twice
        newsletter.feedback(newsletter.mailbox.sent[-1], kind)
    assert newsletter.figures(letter) == {"planned": 1, "sent": 1, figure: 1}
    (entry,) = newsletter.lists("GET", "blocked").body["blocked"]
    assert (entry["address"], entry["reason"]) == (ADDRESS, reason)

    sent = len(newsletter.mailbox.sent)
    newsletter.send()
    newsletter.now += timedelta(hours=2)
    newsletter.ask()
    newsletter.stream()
    assert len(newsletter.mailbox.sent) == sent

    (subscriber,) = newsletter.items("SUBSCRIBER#")
    assert "gsi1pk" not in subscriber  # who is taken off the list has to subscribe again

    found = newsletter.lists("POST", "blocked/search", {"email": ADDRESS.upper()})
    assert found.body == entry
    assert newsletter.lists("DELETE", f"blocked/{entry['id']}").status == 204
    assert newsletter.lists("DELETE", f"blocked/{entry['id']}").problem == "not-found"
    assert newsletter.lists("POST", "blocked/search", {"email": ADDRESS}).problem == "not-found"
    newsletter.ask()
    newsletter.stream()
    assert len(newsletter.mailbox.sent) == sent + 1


def test_an_old_link_does_not_open_a_blocked_address(newsletter: Newsletter) -> None:
    from tests.lambdas.newsletter.newsletter_api import confirm_token

    newsletter.ask()
    newsletter.stream()
    newsletter.feedback(newsletter.mailbox.sent[-1])
    assert newsletter.confirm(confirm_token(newsletter.mailbox.sent[-1])).problem == "link-not-valid"


def test_three_soft_bounces_in_a_month_block(newsletter: Newsletter) -> None:
    newsletter.subscribe()
    for days, feedback_id, blocked in (
        (0, "a", False), (1, "b", False), (1, "b", False), (30, "c", False), (30.5, "d", True),
    ):  # fmt: skip
        newsletter.now = NOW + timedelta(days=days)
        newsletter.feedback(newsletter.mailbox.sent[-1], "Transient", feedback_id=feedback_id)
        assert bool(newsletter.items("BLOCKED#")) is blocked
    assert newsletter.lists("GET", "blocked").body["blocked"][0]["reason"] == "soft-bounces"


@pytest.mark.parametrize("tags", [{"subscriber": "x"}, {"subscriber": "'"}, {"subscriber": "0" * 31}])
def test_what_is_not_about_the_newsletter_blocks_nobody(newsletter: Newsletter, tags: Any) -> None:
    newsletter.subscribe()
    newsletter.feedback(newsletter.mailbox.sent[-1], **tags)
    newsletter.in_background("record_feedback", {"detail": {}})
    newsletter.in_background("record_feedback", {"detail": {"mail": {}, "bounce": {}}})
    assert newsletter.items("BLOCKED#") == []


@pytest.mark.parametrize("kind", ["Permanent", "complaint"])
def test_too_many_bounces_or_complaints_stop_sending(
    newsletter: Newsletter, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.letter.LEAST_SENT", 5)
    readers(newsletter, PEOPLE)
    letter = newsletter.send()
    newsletter.deliver(newsletter.queue.messages.pop(0))
    for mail in newsletter.mailbox.sent[:2]:
        newsletter.feedback(mail, kind)
    assert newsletter.shown(letter)["status"] == "sending"  # three are too few to judge
    newsletter.work_off()
    shown = newsletter.shown(letter)
    assert shown["status"] == "stopped"
    assert shown["stopped_for"] == ("complaints" if kind == "complaint" else "bounces")
    assert len(newsletter.mailbox.sent) == 5
    newsletter.letters("POST", f"/{letter}/resume", {"version": shown["version"]})
    newsletter.fan_out(letter)
    newsletter.work_off()
    assert newsletter.shown(letter)["status"] == "sent"
    assert newsletter.mailbox.receivers() == PEOPLE


def test_bounces_stop_sending_while_nobody_is_sending(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.letter.LEAST_SENT", 3)
    readers(newsletter, PEOPLE)
    letter = newsletter.send()
    newsletter.deliver(newsletter.queue.messages.pop(0))
    newsletter.feedback(newsletter.mailbox.sent[0], "Transient")
    assert newsletter.shown(letter)["status"] == "sending"
    newsletter.feedback(newsletter.mailbox.sent[0])
    assert newsletter.shown(letter)["stopped_for"] == "bounces"


def test_all_that_is_known_of_a_person_is_handed_out_and_erased(newsletter: Newsletter) -> None:
    newsletter.subscribe()
    letter = newsletter.send()
    newsletter.work_off()
    newsletter.feedback(newsletter.mailbox.sent[-1], "Transient")
    newsletter.now += timedelta(hours=2)
    newsletter.ask(topics=["streams"])
    documents = newsletter.privacy("export", ADDRESS.lower())["documents"]
    assert set(documents) == {"subscriptions", "requests", "soft_bounces", "letters"}
    assert documents["subscriptions"][0]["address"] == ADDRESS
    assert newsletter.privacy("export", "else@honey.example")["documents"] == {}
    assert newsletter.privacy("export", None, member=MEMBER)["documents"] == {}
    assert newsletter.privacy("erase", None, member=MEMBER) == {"erased": 0, "kept": []}

    assert newsletter.privacy("erase") == {"erased": 4, "kept": []}
    assert newsletter.privacy("erase") == {"erased": 0, "kept": []}
    assert newsletter.privacy("export")["documents"] == {}
    assert newsletter.figures(letter)["sent"] == 1
    assert "honey.example" not in str(newsletter.items())


def test_who_complained_stays_blocked_as_a_hash(newsletter: Newsletter) -> None:
    newsletter.subscribe()
    newsletter.feedback(newsletter.mailbox.sent[-1], "complaint")
    answer = newsletter.privacy("erase")
    assert (answer["erased"], answer["kept"][0]["count"]) == (2, 1)
    assert newsletter.privacy("erase") == {"erased": 0, "kept": answer["kept"]}
    assert "honey.example" not in str(newsletter.items())
    found = newsletter.lists("POST", "blocked/search", {"email": ADDRESS}).body
    assert (found["address"], found["reason"]) == (None, "complained")
    newsletter.now += timedelta(hours=2)
    newsletter.ask()
    assert newsletter.items("PENDING#") == []

"""A letter goes to everybody once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambdas.functions import NOW
from tests.lambdas.newsletter.newsletter_api import (
    KilledError,
    Newsletter,
    headers_of,
    manage_token,
    refusal,
)

PEOPLE = [f"fan{number:02}@honey.example" for number in range(7)]
RECEIVED = 10  # so often a message comes back before it goes to the queue of failures


def readers(newsletter: Newsletter, people: list[str], *topics: str) -> None:
    """Make these people subscribers, without the letters that ask them."""
    from newsletter.consent import confirmed
    from newsletter.handlers.subscriptions import subscribers
    from newsletter.model import Pending
    from newsletter.secret import keys
    from shared.tables import write_together
    from tests.lambdas.functions import environment

    with environment("newsletter"):
        for email in people:
            pending = Pending(
                id=keys().id_of(email), address=email, topics=topics or ("news",), language="en", text="Yes",
                asked_at=NOW,
            )  # fmt: skip
            assert not write_together([subscribers.put(None, confirmed(pending, None, NOW))])


def work_off_all(newsletter: Newsletter) -> None:
    """Hand out messages until the queue is empty, each after the time that hides it from others."""
    for _ in range(RECEIVED):
        if not newsletter.queue.messages:
            return
        newsletter.now += timedelta(minutes=6)
        newsletter.work_off()
    raise AssertionError("messages are left")


def killed(at: int) -> Callable[[int], None]:
    def kill(number: int) -> None:
        if number == at:
            raise KilledError

    return kill


def test_a_letter_reaches_all_who_want_it_once(newsletter: Newsletter) -> None:
    readers(newsletter, PEOPLE)
    readers(newsletter, ["other@honey.example"], "streams")
    letter = newsletter.send()
    assert len(newsletter.queue.messages) == 3
    assert newsletter.shown(letter)["status"] == "sending"
    newsletter.queue.messages += newsletter.queue.messages  # SQS may deliver a message twice
    newsletter.work_off()
    newsletter.fan_out(letter)
    newsletter.work_off()
    assert newsletter.mailbox.receivers() == PEOPLE
    assert newsletter.figures(letter) == {"planned": 7, "sent": 7}
    shown = newsletter.shown(letter)
    assert (shown["status"], shown["sent_at"]) == ("sent", "2026-05-20T12:00:00Z")


def test_a_letter_says_who_sends_it_and_how_to_leave(newsletter: Newsletter) -> None:
    newsletter.subscribe()
    letter = newsletter.send()
    newsletter.work_off()
    mail = newsletter.mailbox.sent[-1]
    headers, token = headers_of(mail), manage_token(mail)
    api = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
    assert headers == {
        "List-Unsubscribe": f"<{api}/newsletter/unsubscribe?token={token}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "<newsletter.kasper.live>",
    }
    content = mail["Content"]["Simple"]
    assert mail["FromEmailAddress"] == "Kasper Kast <hello@kasper.live>"
    assert mail["ConfigurationSetName"] == "kasper-newsletter"
    assert {tag["Name"] for tag in mail["EmailTags"]} == {"subscriber", "letter"}
    assert content["Subject"]["Data"] == "Honey in May"
    for part in ("Text", "Html"):
        body = content["Body"][part]["Data"]
        assert f"{api}/newsletter/unsubscribe?token={token}" in body
        assert "Kasper Kast, Example Street 1, 12345 Berlin, Germany" in body
    assert "<h1>Hello</h1>\n<p>There is <em>honey</em>.</p>" in content["Body"]["Html"]["Data"]
    assert content["Body"]["Text"]["Data"].startswith("Hello\n\nThere is honey.\n\n-- \n")
    (copy,) = newsletter.privacy("export")["documents"]["letters"]
    assert copy == {"letter": letter, "state": "sent"}


def test_sending_twice_is_sending_once(newsletter: Newsletter) -> None:
    readers(newsletter, PEOPLE[:2])
    letter = newsletter.write()
    path = f"/{letter['id']}/send"
    edited = newsletter.letters("PUT", f"/{letter['id']}", {**ASK_LETTER, "version": 1})
    assert edited.body["version"] == 2
    assert newsletter.letters("POST", path, {"version": 1}).problem == "changed"
    first = newsletter.letters("POST", path, {"version": 2})
    newsletter.fan_out(letter["id"])
    newsletter.work_off()
    again = newsletter.letters("POST", path, {"version": 2})
    assert (first.body["status"], again.status, again.body["status"]) == ("sending", 200, "sent")
    assert newsletter.letters("POST", path, {"version": 3}).problem == "wrong-status"
    newsletter.fan_out(letter["id"])
    newsletter.work_off()
    assert newsletter.mailbox.receivers() == PEOPLE[:2]


ASK_LETTER = {"subject": "Other", "text": "Other", "topics": ["news"]}


@pytest.mark.parametrize("at", [1, 3, 7])
def test_who_is_killed_after_a_letter_went_out_sends_it_to_nobody_again(
    newsletter: Newsletter, at: int
) -> None:
    readers(newsletter, PEOPLE)
    letter = newsletter.send()
    newsletter.mailbox.after = killed(at)
    messages = list(newsletter.queue.messages)
    for body in messages:
        try:
            if newsletter.deliver(body):
                continue
        except KilledError:
            continue
        newsletter.queue.messages.remove(body)
    assert newsletter.deliver(newsletter.queue.messages[0])  # who was at it may still be: it waits
    work_off_all(newsletter)
    assert newsletter.mailbox.receivers() == PEOPLE
    assert newsletter.figures(letter) == {"planned": 7, "sent": 6, "failed": 1}
    assert newsletter.shown(letter)["status"] == "sent"


def test_who_is_killed_before_ses_was_asked_leaves_one_without_a_letter(newsletter: Newsletter) -> None:
    readers(newsletter, PEOPLE)
    letter = newsletter.send()
    newsletter.mailbox.before = killed(2)
    with pytest.raises(KilledError):
        newsletter.deliver(newsletter.queue.messages[0])
    work_off_all(newsletter)
    assert len(newsletter.mailbox.sent) == len(set(newsletter.mailbox.receivers())) == 6
    assert newsletter.figures(letter) == {"planned": 7, "sent": 6, "failed": 1}


Accident = st.sampled_from(["none", "before", "after", "slow", "unclear", "refused", "twice"])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(Accident, min_size=5, max_size=5))
def test_whatever_goes_wrong_nobody_gets_a_letter_twice_and_the_figures_add_up(
    newsletter: Newsletter, accidents: list[str]
) -> None:
    people = PEOPLE[:5]
    for item in newsletter.items():
        if item["pk"]["S"] != "SECRET":
            newsletter.client.delete_item(
                TableName="newsletter", Key={key: item[key] for key in ("pk", "sk")}
            )
    newsletter.mailbox.sent.clear()
    newsletter.queue.messages.clear()
    newsletter.now, newsletter.mailbox.tried = NOW, 0
    newsletter.mailbox.before = newsletter.mailbox.after = lambda number: None
    readers(newsletter, people)
    letter = newsletter.send()

    def accident(number: int) -> str:
        return accidents[number - 1] if number <= len(accidents) else "none"

    def before(number: int) -> None:
        kind = accident(number)
        if kind == "before":
            raise KilledError
        if kind == "slow":
            raise refusal("TooManyRequestsException", "Maximum sending rate exceeded.")
        if kind == "unclear":
            raise refusal("InternalServiceErrorException", status=500)
        if kind == "refused":
            raise refusal("MessageRejected", "Address blacklisted.")

    def after(number: int) -> None:
        if accident(number) == "after":
            raise KilledError

    newsletter.mailbox.before, newsletter.mailbox.after = before, after
    for _ in range(40):
        if not newsletter.queue.messages:
            break
        body = newsletter.queue.messages.pop(0)
        newsletter.now += timedelta(minutes=6)
        try:
            again = newsletter.deliver(body)
        except KilledError:
            again = True
        newsletter.queue.messages += [body] * (again + accident(newsletter.mailbox.tried).count("twice"))
    receivers = newsletter.mailbox.receivers()
    assert len(receivers) == len(set(receivers))
    figures = newsletter.shown(letter)["figures"]
    assert figures["sent"] + figures["failed"] == figures["planned"] == 5
    assert figures["failed"] == sum(
        accidents.count(kind) for kind in ("before", "after", "unclear", "refused")
    )
    assert len(receivers) == figures["sent"] + accidents.count("after")
    assert newsletter.shown(letter)["status"] == "sent"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (refusal("TooManyRequestsException", "Daily message quota exceeded."), "quota"),
        (refusal("SendingPausedException"), "refused"),
        (refusal("MessageRejected", "Email address is not verified. kasper.live"), "refused"),
        (refusal("AccessDeniedException", status=403), "refused"),
    ],
)
def test_what_keeps_everybodys_letter_stops_sending_and_an_operator_lets_it_go_on(
    newsletter: Newsletter, error: Exception, reason: str
) -> None:
    def refuse(number: int) -> None:
        if number == 4:
            raise error

    readers(newsletter, PEOPLE)
    letter = newsletter.send()
    newsletter.mailbox.before = refuse
    newsletter.work_off()
    assert newsletter.queue.messages == []
    shown = newsletter.shown(letter)
    assert (shown["status"], shown["stopped_for"], shown["figures"]["sent"]) == ("stopped", reason, 3)
    path = f"/{letter}/resume"
    assert newsletter.letters("POST", path, {"version": 1}).problem == "changed"
    goes_on = newsletter.letters("POST", path, {"version": shown["version"]})
    assert (goes_on.body["status"], goes_on.body["stopped_for"]) == ("sending", None)
    newsletter.fan_out(letter)
    newsletter.work_off()
    assert newsletter.mailbox.receivers() == PEOPLE
    assert newsletter.figures(letter) == {"planned": 7, "sent": 7}


def test_who_asks_for_it_stops_a_letter(newsletter: Newsletter) -> None:
    readers(newsletter, PEOPLE)
    letter = newsletter.send()
    newsletter.deliver(newsletter.queue.messages.pop(0))
    assert newsletter.letters("POST", f"/{letter}/stop").body["stopped_for"] == "asked"
    assert newsletter.letters("POST", f"/{letter}/stop").status == 200
    newsletter.work_off()
    assert len(newsletter.mailbox.sent) == 3
    draft = newsletter.write()
    assert newsletter.letters("POST", f"/{draft['id']}/stop").problem == "wrong-status"


def test_who_left_or_changed_topics_meanwhile_gets_nothing(newsletter: Newsletter) -> None:
    newsletter.subscribe()
    newsletter.send()
    newsletter.work_off()
    token = manage_token(newsletter.mailbox.sent[-1])
    letter = newsletter.send()
    newsletter.unsubscribe(token)
    sent = len(newsletter.mailbox.sent)
    newsletter.work_off()
    assert len(newsletter.mailbox.sent) == sent
    assert newsletter.figures(letter) == {"planned": 1, "skipped": 1}
    assert newsletter.shown(letter)["status"] == "sent"


def test_a_letter_that_stands_still_is_taken_up_again(newsletter: Newsletter) -> None:
    readers(newsletter, PEOPLE)
    letter = newsletter.send()
    newsletter.queue.messages.clear()  # they went to the queue of failures
    newsletter.now = NOW + timedelta(minutes=19)
    newsletter.on_time()
    assert newsletter.queue.messages == []
    newsletter.now = NOW + timedelta(minutes=20)
    newsletter.on_time()
    newsletter.work_off()
    assert newsletter.mailbox.receivers() == PEOPLE
    assert newsletter.shown(letter)["status"] == "sent"


def test_planning_goes_on_where_it_broke_off(newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter.handlers import fan_out_letter

    monkeypatch.setattr(fan_out_letter, "PAGE", 2)
    readers(newsletter, PEOPLE)
    plan, pages = fan_out_letter.letters.add_jobs, iter(range(3))

    def breaks(*arguments: Any) -> bool:
        if next(pages, None) is None:
            raise KilledError
        return plan(*arguments)

    monkeypatch.setattr(fan_out_letter.letters, "add_jobs", breaks)
    letter = newsletter.write()
    newsletter.letters("POST", f"/{letter['id']}/send", {"version": 1})
    with pytest.raises(KilledError):
        newsletter.fan_out(letter["id"])
    assert newsletter.figures(letter["id"]) == {"planned": 6}
    monkeypatch.setattr(fan_out_letter.letters, "add_jobs", plan)
    newsletter.fan_out(letter["id"])
    assert newsletter.figures(letter["id"]) == {"planned": 7}
    newsletter.work_off()
    assert newsletter.mailbox.receivers() == PEOPLE


def test_a_letter_for_nobody_is_sent_at_once(newsletter: Newsletter) -> None:
    letter = newsletter.send()
    assert newsletter.shown(letter)["status"] == "sent"
    assert newsletter.mailbox.sent == []


def test_a_sender_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter import pacing

    moments = iter([10.0, 10.05, 20.0, 20.5])
    waits: list[float] = []
    monkeypatch.setattr("newsletter.pacing.time.monotonic", lambda: next(moments))
    monkeypatch.setattr("newsletter.pacing.time.sleep", waits.append)
    pace = pacing.Pace(0.2)
    for _ in range(2):
        with pace.keep():
            pass
    assert waits == [pytest.approx(0.15), 0.0]


def test_of_two_senders_who_see_the_same_one_is_first(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsletter.handlers.send_letters import letters

    readers(newsletter, PEOPLE[:1])
    letter = newsletter.send()
    see = letters.see

    def see_before_the_rival(letter_id: str, subscriber_id: str) -> Any:
        seen = see(letter_id, subscriber_id)
        assert letters.claim(letter_id, subscriber_id, newsletter.now)
        return seen

    monkeypatch.setattr(letters, "see", see_before_the_rival)
    assert newsletter.deliver(newsletter.queue.messages[0])
    assert newsletter.mailbox.sent == []
    assert newsletter.figures(letter) == {"planned": 1}


def test_what_came_of_a_letter_is_counted_once(newsletter: Newsletter) -> None:
    from newsletter.delivery import State
    from newsletter.handlers.send_letters import letters

    readers(newsletter, PEOPLE[:1])
    letter = newsletter.send()
    who = newsletter.items("SUBSCRIBER#")[0]["id"]["S"]
    assert letters.claim(letter, who, NOW)
    for state in (State.SENT, State.SENT, State.UNCLEAR):
        letters.conclude(letter, who, state, NOW)
    letters.skip(letter, who, NOW)
    assert newsletter.figures(letter) == {"planned": 1, "sent": 1}

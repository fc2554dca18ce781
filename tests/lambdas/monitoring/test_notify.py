"""From an alarm to people: once, on every channel, over failures, and not too often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitoring.settings import SAMPLE
from tests.lambdas.functions import NOW
from tests.lambdas.monitoring.messengers import SLACK_PATH, TOKEN
from tests.lambdas.monitoring.monitoring_api import (
    ANOMALY_MESSAGE,
    BUDGET_MESSAGE,
    Monitoring,
    alarm_event,
    sns_event,
)


def test_an_alarm_is_told_on_every_channel_and_told_when_it_is_over(site: Monitoring) -> None:
    site.fill()
    site.alarm("kasper-api-5xx", "ALARM", description="Fewer than <5> & more")
    site.now += timedelta(minutes=7)
    site.alarm("kasper-api-5xx", "OK")

    assert site.topic.subjects == ["[kasper] ALARM: kasper-api-5xx", "[kasper] OK again: kasper-api-5xx"]
    _, text = site.topic.sent[0]
    for part in (
        "Kasper Kast (kasper.live)", "What: Fewer than <5> & more", "Since: 2026-05-20 12:00 UTC",
        "Figures: Threshold Crossed: 7 > 1", "#alarmsV2:alarm/kasper-api-5xx", "Dashboard: https://",
    ):  # fmt: skip
        assert part in text
    assert "Over since: 2026-05-20 12:07 UTC, after 7 min" in site.topic.sent[1][1]

    (slack_path, slack), (telegram_path, telegram) = site.messengers.seen[:2]
    assert slack_path == SLACK_PATH
    assert slack["text"].startswith("[kasper] ALARM: kasper-api-5xx\nKasper Kast")
    assert "Fewer than &lt;5&gt; &amp; more" in slack["text"]
    assert telegram_path == f"/bot{TOKEN}/sendMessage"
    assert (telegram["chat_id"], telegram["parse_mode"]) == ("-1001234567890", "HTML")
    assert telegram["text"].startswith("<b>[kasper] ALARM: kasper-api-5xx</b>\nKasper Kast")
    assert "Fewer than &lt;5&gt; &amp; more" in telegram["text"]
    assert len(site.messengers.seen) == 4
    assert site.items("NOTICE") == []


def test_the_same_event_is_told_once_and_one_that_is_overtaken_not_at_all(site: Monitoring) -> None:
    rang = alarm_event("kasper-failures", "ALARM", NOW)
    for _ in range(3):
        site.notify(rang)
    site.notify(alarm_event("kasper-failures", "ALARM", NOW + timedelta(minutes=5)))
    site.notify(alarm_event("kasper-failures", "OK", NOW - timedelta(minutes=1)))
    assert site.topic.subjects == ["[kasper] ALARM: kasper-failures"]


def test_a_new_alarm_that_is_well_is_no_news(site: Monitoring) -> None:
    site.alarm("kasper-failures", "INSUFFICIENT_DATA")
    site.now += timedelta(minutes=1)
    site.alarm("kasper-failures", "OK", previous="INSUFFICIENT_DATA")
    assert site.topic.sent == []


def test_no_data_after_an_alarm_is_not_well(site: Monitoring) -> None:
    for state in ("ALARM", "INSUFFICIENT_DATA", "OK"):
        site.alarm("kasper-failures", state)
        site.now += timedelta(minutes=1)
    assert [subject.partition(": ")[0] for subject in site.topic.subjects] == [
        "[kasper] ALARM",
        "[kasper] No data",
        "[kasper] OK again",
    ]


def test_a_channel_whose_secret_is_not_filled_is_left_out(site: Monitoring) -> None:
    site.alarm("kasper-failures", "ALARM")
    assert len(site.topic.sent) == 1
    assert site.messengers.seen == []
    assert site.items("NOTICE") == []


def test_a_channel_that_fails_stops_no_other_one_and_is_told_later(site: Monitoring) -> None:
    site.fill()
    site.messengers.slack = (500, "rollback_error")
    site.alarm("kasper-failures", "ALARM")
    assert len(site.topic.sent) == len(site.messengers.texts("telegram")) == 1
    assert site.channels()["slack"]["failure_reason"] == "Slack: HTTP 500 rollback_error"
    assert site.channels()["slack"]["state"] == "failing"

    site.messengers.slack = (200, "ok")
    site.tick(minutes=5)
    assert len(site.messengers.texts("slack")) == 2
    assert len(site.topic.sent) == len(site.messengers.texts("telegram")) == 1
    assert site.channels()["slack"]["state"] == "ready"
    site.tick(minutes=5)
    assert len(site.messengers.texts("slack")) == 2


def test_e_mail_that_fails_stops_no_other_one(site: Monitoring) -> None:
    site.fill()
    site.topic.refuses = "InternalError"
    site.alarm("kasper-failures", "ALARM")
    assert len(site.messengers.seen) == 2
    site.topic.refuses = ""
    site.tick(minutes=5)
    assert len(site.topic.sent) == 1
    assert len(site.messengers.seen) == 2


@pytest.mark.parametrize("status", [307, 404, 500])
def test_no_answer_but_200_is_a_success_and_nobody_is_followed_elsewhere(
    site: Monitoring, status: int
) -> None:
    site.fill()
    site.messengers.slack = (status, "no_service")
    site.messengers.telegram = (status, '{"ok": false, "description": "Forbidden"}')
    site.alarm("kasper-failures", "ALARM")
    assert [path for path, _ in site.messengers.seen] == [SLACK_PATH, f"/bot{TOKEN}/sendMessage"]
    assert {site.channels()[name]["state"] for name in ("slack", "telegram")} == {"failing"}


def test_what_cannot_be_told_for_an_hour_goes_to_the_queue_of_failures(site: Monitoring) -> None:
    site.fill()
    site.messengers.telegram = (200, '{"ok": false}')
    site.alarm("kasper-failures", "ALARM")
    site.tick(minutes=59)
    assert site.failures() == []
    site.tick(minutes=1)
    (failure,) = site.failures()
    assert (failure["source"], failure["count"]) == ("monitoring", 1)
    assert failure["notices"] == [
        {"id": "kasper-failures@2026-05-20T12:00:00+00:00", "channels": ["telegram"]}
    ]
    assert site.items("NOTICE") == []
    site.tick(minutes=5)
    assert site.failures() == []


def test_notices_of_a_channel_that_was_switched_off_are_dropped(
    site: Monitoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitoring.handlers import notify

    site.fill()
    site.messengers.slack = (500, "rollback_error")
    site.alarm("kasper-failures", "ALARM")
    remaining = {name: channel for name, channel in notify.channels.items() if name != "slack"}
    monkeypatch.setattr(notify.delivery, "_channels", remaining)
    site.tick(hours=1)
    assert site.items("NOTICE") == site.failures() == []


def test_a_queue_that_fails_keeps_nobody_from_being_told(site: Monitoring) -> None:
    from shared.background import BackgroundError

    site.fill()
    site.messengers.slack = (500, "rollback_error")
    site.alarm("kasper-one", "ALARM")
    site.sqs.delete_queue(QueueUrl=SAMPLE["FAILURES_QUEUE_URL"])
    site.now += timedelta(hours=2)
    with pytest.raises(BackgroundError):
        site.alarm("kasper-two", "ALARM")
    assert site.topic.subjects == ["[kasper] ALARM: kasper-one", "[kasper] ALARM: kasper-two"]


def test_a_storm_is_summed_up_and_every_alarm_is_in_it(site: Monitoring) -> None:
    for index in range(5):
        site.alarm(f"kasper-alarm-{index}", "ALARM")
    assert len(site.topic.sent) == 5
    site.alarm("kasper-alarm-5", "ALARM")
    assert site.topic.subjects[5:] == ["[kasper] ALARM: kasper-alarm-5"]
    for index in range(6, 14):
        site.alarm(f"kasper-alarm-{index}", "ALARM")
    assert len(site.topic.sent) == 6
    site.tick(minutes=5)
    assert len(site.topic.sent) == 6
    site.tick(minutes=5)
    subject, text = site.topic.sent[6]
    assert subject == "[kasper] 8 notices"
    for index in range(6, 14):
        assert f"12:00 UTC  ALARM: kasper-alarm-{index}\n" in text
    assert site.items("NOTICE") == []
    site.tick(minutes=5)
    assert len(site.topic.sent) == 7


def test_costs_are_told_in_words_and_once(site: Monitoring) -> None:
    site.fill()
    for _ in range(2):
        site.notify(sns_event(BUDGET_MESSAGE))
        site.notify(sns_event(ANOMALY_MESSAGE, "00000000-0000-4000-8000-000000000002"))
    assert site.topic.subjects == [
        "[kasper] Budget: $123.45 spent",
        "[kasper] Unusual costs: Amazon Interactive Video Service",
    ]
    assert "the budget is $150.00" in site.topic.sent[0][1]
    assert "costs $51.00 more than usual" in site.topic.sent[1][1]
    assert len(site.messengers.texts("slack")) == len(site.messengers.texts("telegram")) == 2


def test_who_sends_meanwhile_tells_what_others_leave(site: Monitoring) -> None:
    site.alarm("kasper-one", "OK")
    site.dynamodb.put_item(
        TableName="monitoring",
        Item={
            "pk": {"S": "SENDER"}, "sk": {"S": "SENDER"}, "owner": {"S": "another"},
            "busy_until": {"N": str(int(NOW.timestamp()) + 60)},
        },
    )  # fmt: skip
    site.alarm("kasper-two", "ALARM")
    assert site.topic.sent == []
    site.tick(minutes=5)  # the other one has ended without a word
    assert site.topic.subjects == ["[kasper] ALARM: kasper-two"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_language_is_the_creators(language: str) -> None:
    from monitoring.alarm_changes import change_of, judge
    from monitoring.texts import Reader, message_of, trial_message

    reader = Reader("kasper", "Käthe", "kasper.live", language, "https://console.aws.amazon.com/x")
    judged = judge(None, change_of(alarm_event("kasper-x", "ALARM", NOW)))
    assert judged
    assert judged[1]
    message = message_of([judged[1]], reader)
    assert ("Seit: 2026" in message.text) is (language == "de")
    assert "Käthe" in message.text
    assert ("Alles ist gut" in trial_message(reader).text) is (language == "de")

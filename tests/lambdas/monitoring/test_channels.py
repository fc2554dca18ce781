"""What operators see of the channels, and the test notice; no log line knows a secret or an address."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambdas.functions import NOW
from tests.lambdas.monitoring.messengers import TOKEN
from tests.lambdas.monitoring.monitoring_api import BUDGET_MESSAGE, Monitoring, sns_event

ARN = "arn:aws:sns:eu-central-1:100000000001:kasper-notices:1"


def test_channels_say_what_they_wait_for(site: Monitoring) -> None:
    site.topic.subscriptions = {"kasper@example.org": "PendingConfirmation"}
    found = site.channels()
    assert [channel["state"] for channel in found.values()] == ["waiting"] * 3
    assert found["email"]["addresses"] == [
        {"address": "kasper@example.org", "state": "pending"},
        {"address": "ops@example.org", "state": "missing"},
    ]
    assert found["slack"]["waiting_for"] == "fleet secrets set kasper monitoring/slack-webhook"
    assert found["telegram"]["waiting_for"] == "fleet secrets set kasper monitoring/telegram-token"

    site.fill()
    site.topic.subscriptions = {"kasper@example.org": ARN}
    found = site.channels()
    assert [channel["state"] for channel in found.values()] == ["ready"] * 3
    assert found["email"]["waiting_for"].startswith("ops@example.org: apply")
    assert found["slack"]["last_success"] is None


def test_a_channel_that_is_off_says_so(site: Monitoring, monkeypatch: Any) -> None:
    from monitoring.channels import ChannelName
    from monitoring.handlers import check_channels

    only = {ChannelName.EMAIL: check_channels.channels[ChannelName.EMAIL]}
    monkeypatch.setattr(check_channels, "channels", only)
    assert site.channels()["slack"]["state"] == "off"
    site.topic.subscriptions = {"kasper@example.org": ARN}
    outcomes = {result["channel"]: result["outcome"] for result in site.trial().body["results"]}
    assert outcomes == {"email": "sent", "slack": "off", "telegram": "off"}


def test_a_test_notice_says_per_channel_what_became_of_it(site: Monitoring) -> None:
    results = {result["channel"]: result for result in site.trial().body["results"]}
    assert {result["outcome"] for result in results.values()} == {"not_set_up"}
    assert site.topic.sent == []

    site.fill()
    site.topic.subscriptions = {"kasper@example.org": ARN, "ops@example.org": ARN}
    site.messengers.telegram = (401, '{"ok": false, "description": "Unauthorized"}')
    results = {result["channel"]: result for result in site.trial().body["results"]}
    assert results == {
        "email": {"channel": "email", "outcome": "sent", "detail": None},
        "slack": {"channel": "slack", "outcome": "sent", "detail": None},
        "telegram": {"channel": "telegram", "outcome": "failed", "detail": "Telegram: HTTP 401"},
    }
    assert site.topic.subjects == ["[kasper] Test notice"]
    found = site.channels()
    assert found["slack"]["last_success"] == NOW.isoformat().replace("+00:00", "Z")
    assert (found["telegram"]["state"], found["telegram"]["failure_reason"]) == (
        "failing",
        "Telegram: HTTP 401",
    )


def test_a_test_notice_counts_for_no_storm(site: Monitoring) -> None:
    site.topic.subscriptions = {"kasper@example.org": ARN}
    for _ in range(8):
        site.trial()
    site.alarm("kasper-failures", "ALARM")
    assert site.topic.subjects[-1] == "[kasper] ALARM: kasper-failures"


def test_a_secret_that_cannot_be_read_is_no_fault(site: Monitoring) -> None:
    site.fill()
    site.ssm.delete_parameter(Name="/kasper/monitoring/telegram-token")
    site.alarm("kasper-failures", "ALARM")
    assert len(site.topic.sent) == len(site.messengers.texts("slack")) == 1
    assert site.channels()["telegram"]["waiting_for"].endswith("(Parameter Store: ParameterNotFound)")


def test_who_is_no_operator_is_refused(site: Monitoring) -> None:
    assert site.trial(operator=False).problem == "forbidden"
    assert site.topic.sent == []


def test_no_answer_at_all_is_told_without_the_url(site: Monitoring, monkeypatch: Any) -> None:
    from monitoring import channels

    site.fill()
    monkeypatch.setattr(channels, "TELEGRAM", "http://127.0.0.1:9")  # nobody listens on discard
    results = {result["channel"]: result for result in site.trial().body["results"]}
    assert results["telegram"]["outcome"] == "failed"
    assert results["telegram"]["detail"] == "no answer: NewConnectionError"


def test_no_log_line_and_no_metric_knows_a_secret_or_an_address(site: Monitoring, capsys: Any) -> None:
    site.fill()
    site.topic.subscriptions = {"kasper@example.org": ARN}
    site.notify(sns_event(BUDGET_MESSAGE))
    site.messengers.slack = (403, "T00000000/B00000000/XXXX is no webhook")
    site.messengers.telegram = (404, TOKEN)
    site.topic.refuses = "AuthorizationError"
    site.alarm("kasper-failures", "ALARM")
    site.trial()
    site.channels()
    site.tick(hours=2)
    written = site.log.getvalue() + "".join(capsys.readouterr())
    assert "channel failed" in written
    assert "notices given up" in written
    assert "NoticesTold" in written
    for secret in ("T00000000", "B00000000", "XXXX", TOKEN, "AAAA", "1234567890", "example.org", "123.45"):
        assert secret not in written, secret


@pytest.mark.usefixtures("site")
def test_addresses_are_known_by_what_sns_lists() -> None:
    from monitoring.channel_states import Address, Confirmation, addresses_of, confirmations_missing

    listed = [
        {"Protocol": "email", "Endpoint": "A@example.org", "SubscriptionArn": "arn:aws:sns:x:1:t:1"},
        {"Protocol": "email", "Endpoint": "b@example.org", "SubscriptionArn": "PendingConfirmation"},
        {"Protocol": "email", "Endpoint": "c@example.org", "SubscriptionArn": "Deleted"},
        {"Protocol": "lambda", "Endpoint": "d@example.org", "SubscriptionArn": "arn:aws:sns:x:1:t:2"},
    ]
    found = addresses_of([f"{name}@example.org" for name in "abcd"], listed)  # type: ignore[arg-type]
    assert [one.state.value for one in found] == ["confirmed", "pending", "missing", "missing"]
    missing = confirmations_missing(found)
    assert missing
    assert missing.startswith("b@example.org: follow")
    assert "c@example.org, d@example.org: apply" in missing
    assert confirmations_missing([Address(address="a", state=Confirmation.CONFIRMED)]) is None

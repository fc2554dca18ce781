"""The pure rules: what is news, how it is read, how many messages it makes, and how long they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.alarm_changes import Known, change_of, judge
from monitoring.cost_messages import notice_of
from monitoring.notice import Kind, Notice
from monitoring.pacing import ALONE, WINDOW, Pace, bundles_of
from monitoring.texts import MAX_TEXT_CHARS, Reader, message_of
from tests.lambdas.functions import NOW
from tests.lambdas.monitoring.monitoring_api import ANOMALY_MESSAGE, BUDGET_MESSAGE, alarm_event, sns_event

READERS = [
    Reader("kasper", "Kasper Kast", "kasper.live", language, "https://console.aws.amazon.com/d")
    for language in ("en", "de")
]
STATES = st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"])


def notice(index: int, at: datetime = NOW) -> Notice:
    return Notice(id=str(index), kind=Kind.ALARM, at=at, name=f"kasper-{index}", facts={}, link="")


def follow(events: Sequence[tuple[int, str]]) -> list[Notice]:
    known: Known | None = None
    told = []
    for minute, state in events:
        judged = judge(known, change_of(alarm_event("kasper-x", state, NOW + timedelta(minutes=minute))))
        if judged:
            known, news = judged
            told += [news] if news else []
    return told


class TestAlarmChanges:
    @given(st.lists(st.tuples(st.integers(0, 50), STATES), max_size=20), st.randoms())
    def test_nothing_is_told_twice_whatever_comes_again(
        self, events: list[tuple[int, str]], chance: Any
    ) -> None:
        again = [*events, *events]
        chance.shuffle(again)
        ids = [news.id for news in follow(again)]
        assert len(ids) == len(set(ids))

    @given(st.lists(STATES, max_size=20))
    def test_in_order_every_alarm_is_told_and_every_end_of_one(self, states: list[str]) -> None:
        told = follow(list(enumerate(states)))
        rings, expected, last = False, [], None
        for state in states:
            if state != last:
                if state == "ALARM":
                    expected.append(Kind.ALARM)
                elif rings:
                    expected.append(Kind.OK if state == "OK" else Kind.UNKNOWN)
                rings = state == "ALARM" or (rings and state != "OK")
            last = state
        assert [news.kind for news in told] == expected

    def test_an_alarm_of_another_zone_is_told_in_utc(self) -> None:
        event = alarm_event("kasper-x y/ü", "ALARM", NOW)
        event["detail"]["state"]["timestamp"] = "2026-05-20T14:00:00.000+0200"
        change = change_of(event)
        assert change.at == NOW
        assert change.link.endswith("alarm/kasper-x%20y%2F%C3%BC")


class TestCostMessages:
    def test_a_budget_that_is_forecast_to_be_spent(self) -> None:
        text = BUDGET_MESSAGE.replace("Alert Type: ACTUAL", "Alert Type: FORECASTED").replace(
            "ACTUAL Amount", "FORECASTED Amount"
        )
        found = notice_of(sns_event(text)["Records"][0]["Sns"])
        assert (found.kind, found.facts["amount"], found.name) == (
            Kind.FORECAST,
            "$123.45",
            "kasper-monthly",
        )

    def test_an_anomaly_leads_to_aws_alone(self) -> None:
        message = {**ANOMALY_MESSAGE, "anomalyDetailsLink": "https://console.aws.amazon.com.example/x"}
        found = notice_of(sns_event(message)["Records"][0]["Sns"])
        assert found.kind is Kind.ANOMALY
        assert found.link.startswith("https://console.aws.amazon.com/costmanagement/")
        assert found.at == datetime(2026, 5, 19, tzinfo=UTC)

    @pytest.mark.parametrize(
        "message",
        [
            "Your budget is fine.",
            "Alert Type: ACTUAL",
            {"impact": 5},
            {"impact": {"totalImpact": "NaN"}},
            [1],
            "null",
            {**ANOMALY_MESSAGE, "anomalyStartDate": "some day"},
        ],
        ids=range(7),
    )
    def test_what_is_not_understood_is_told_as_it_came(self, message: Any) -> None:
        found = notice_of(sns_event(message)["Records"][0]["Sns"])
        assert found.kind is Kind.COSTS
        assert found.facts["text"] == (message if isinstance(message, str) else json.dumps(message))

    @given(
        st.text(max_size=300) | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(json.dumps)
    )
    def test_nothing_that_comes_is_our_fault(self, text: str) -> None:
        found = notice_of(sns_event(text)["Records"][0]["Sns"])
        assert message_of([found], READERS[0]).text


class TestPacing:
    @given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=30))
    def test_all_is_told_once_and_never_too_often(self, arrivals: list[tuple[int, int]]) -> None:
        pace, now, waiting, told, moments, number = Pace(), NOW, list[Notice](), list[str](), [], 0
        for pause, count in [*arrivals, (60, 0), (60, 0)]:
            now += timedelta(minutes=pause)
            waiting += [notice(number + index) for index in range(count)]
            number += count
            for bundle in bundles_of(waiting, pace, now):
                pace = pace.after(summed=bundle.summed, now=now)
                moments.append(now)
                told += [one.id for one in bundle.notices]
                waiting = [one for one in waiting if one not in bundle.notices]
        assert told == [str(index) for index in range(number)]
        assert waiting == []
        for moment in moments:
            assert sum(moment <= other < moment + WINDOW for other in moments) <= ALONE + 1


class TestTexts:
    def test_what_is_too_much_to_list_is_counted(self) -> None:
        message = message_of([notice(index) for index in range(44)], READERS[0])
        assert message.title == "[kasper] 44 notices"
        assert "ALARM: kasper-29\nand 14 more" in message.text

    @settings(max_examples=40)
    @given(
        st.lists(
            st.builds(
                Notice,
                id=st.text(max_size=5),
                kind=st.sampled_from(Kind),
                at=st.just(NOW),
                name=st.text(max_size=300),
                facts=st.dictionaries(
                    st.sampled_from(["description", "reason", "text", "amount"]), st.text(max_size=5000)
                ),
                link=st.just(""),
            ),
            min_size=1,
            max_size=60,
        ),
        st.sampled_from(READERS),
    )
    def test_every_message_fits_and_says_for_whom(self, notices: list[Notice], reader: Reader) -> None:
        message = message_of(notices, reader)
        assert len(message.title) < 200
        assert len(message.title.splitlines()) == 1
        assert len(message.text) <= MAX_TEXT_CHARS
        assert "Kasper Kast (kasper.live)" in message.text
        assert message.text.endswith("https://console.aws.amazon.com/d\n")

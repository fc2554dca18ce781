"""Viewers over time, and the minutes that they watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.viewers import GAP, MINUTE, streams_of
from tests.lambdas.analytics.analytics_api import Analytics

MIDNIGHT = datetime(2026, 5, 20, tzinfo=UTC)
NIGHT = MIDNIGHT + timedelta(days=1, hours=2, minutes=30)


def at(minute: int) -> datetime:
    return MIDNIGHT + minute * MINUTE


def test_a_stream_has_a_peak_an_average_and_minutes() -> None:
    viewers = {at(600): 10.0, at(601): 30.0, at(602): 20.0, at(604): 40.0}
    (stream,) = streams_of(MIDNIGHT.date(), viewers, frozenset({at(599), at(603)}), NIGHT)
    assert stream.model_dump() == {
        "started_at": at(599),
        "ended_at": at(605),
        "minutes": 6,
        "viewers": (None, 10, 30, 20, None, 40),
        "peak_viewers": 40,
        "average_viewers": 25.0,
        "minutes_watched": 100,
    }


def test_nobody_and_nothing_known_are_two_things() -> None:
    nobody, unknown = streams_of(MIDNIGHT.date(), {at(0): 0.0}, frozenset({at(0), at(60), at(61)}), NIGHT)
    assert (nobody.peak_viewers, nobody.average_viewers, nobody.minutes_watched) == (0, 0.0, 0)
    assert (unknown.peak_viewers, unknown.average_viewers, unknown.minutes_watched) == (None, None, None)
    assert unknown.viewers == (None, None)


def test_an_encoder_that_comes_back_goes_on_and_a_later_stream_is_another() -> None:
    gap = GAP // MINUTE
    minutes = frozenset({at(0), at(gap), at(2 * gap + 1)})
    first, second = streams_of(MIDNIGHT.date(), {}, minutes, NIGHT)
    assert (first.started_at, first.ended_at, first.minutes) == (at(0), at(gap + 1), gap + 1)
    assert second.started_at == at(2 * gap + 1)


def test_a_stream_belongs_to_the_day_on_which_it_began() -> None:
    over_midnight = frozenset(at(minute) for minute in range(-30, 30))
    assert streams_of(MIDNIGHT.date(), {}, over_midnight, NIGHT) == ()
    (stream,) = streams_of(MIDNIGHT.date() - timedelta(days=1), {}, over_midnight, NIGHT)
    assert (stream.started_at, stream.minutes) == (at(-30), 60)


def test_a_stream_that_goes_on_has_no_end() -> None:
    (stream,) = streams_of(MIDNIGHT.date(), {}, frozenset({at(0), at(5)}), at(15))
    assert stream.ended_at is None
    (stream,) = streams_of(MIDNIGHT.date(), {}, frozenset({at(0), at(5)}), at(16))
    assert stream.ended_at == at(6)


@settings(max_examples=150)
@given(
    st.dictionaries(st.integers(-300, 1800), st.integers(0, 10_000), max_size=60),
    st.sets(st.integers(-300, 1800), max_size=60),
)
def test_every_viewer_is_watched_once(counted: dict[int, int], sent: set[int]) -> None:
    viewers = {at(minute): float(count) for minute, count in counted.items()}
    days = [MIDNIGHT.date() + timedelta(days=day) for day in (-1, 0, 1)]
    on_air = frozenset(map(at, sent))
    streams = [stream for day in days for stream in streams_of(day, viewers, on_air, NIGHT)]
    assert sum(stream.minutes_watched or 0 for stream in streams) == sum(counted.values())
    assert all(
        one.started_at + one.minutes * MINUTE <= two.started_at - GAP for one, two in pairwise(streams)
    )
    assert all(len(stream.viewers) == stream.minutes for stream in streams)


def measure(
    analytics: Analytics, metric: str, *points: tuple[datetime, float], channel: str = "abcDEF123456"
) -> None:
    analytics.cloudwatch.put_metric_data(
        Namespace="AWS/IVS",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "Channel", "Value": channel}],
                "Timestamp": moment,
                "Value": value,
            }
            for moment, value in points
        ],
    )


def test_the_night_asks_cloudwatch(analytics: Analytics) -> None:
    measure(analytics, "ConcurrentViews", (at(1200), 10), (at(1201), 30))
    measure(analytics, "ConcurrentViews", (at(1200), 999), channel="another")
    measure(
        analytics, "IngestFramerate", (at(1199), 60), (at(1199) + timedelta(seconds=5), 60), (at(1201), 60)
    )
    analytics.now = NIGHT
    for _ in range(2):
        analytics.roll_up()
    answer = analytics.read("/streams", first="2026-05-01", last="2026-05-20")
    assert answer.body == {
        "streams": [
            {
                "started_at": "2026-05-20T19:59:00Z",
                "ended_at": "2026-05-20T20:02:00Z",
                "minutes": 3,
                "viewers": [None, 10, 30],
                "peak_viewers": 30,
                "average_viewers": 20.0,
                "minutes_watched": 40,
            }
        ]
    }
    measure(analytics, "ConcurrentViews", (at(1202), 5))  # measured late
    analytics.now = NIGHT + timedelta(days=1)
    analytics.roll_up()
    answer = analytics.read("/streams", first="2026-05-20", last="2026-05-20")
    assert [stream["minutes_watched"] for stream in answer.body["streams"]] == [45]


def test_a_stream_over_midnight_is_whole_a_night_later(analytics: Analytics) -> None:
    measure(analytics, "ConcurrentViews", *((at(1430 + minute), 1.0) for minute in range(20)))
    analytics.now = at(1445)
    analytics.roll_up(MIDNIGHT.date())
    day = {"first": MIDNIGHT.date(), "last": MIDNIGHT.date()}
    (running,) = analytics.read("/streams", **day).body["streams"]
    assert (running["minutes"], running["ended_at"]) == (15, None)
    analytics.now = NIGHT
    analytics.roll_up()
    (whole,) = analytics.read("/streams", **day).body["streams"]
    assert (whole["minutes"], whole["ended_at"]) == (20, "2026-05-21T00:10:00Z")
    assert analytics.read("/streams", first="2026-05-21", last="2026-05-21").body == {"streams": []}


def test_what_cloudwatch_has_forgotten_stays_as_it_was(analytics: Analytics) -> None:
    measure(analytics, "ConcurrentViews", (at(600), 10))
    analytics.now = NIGHT
    analytics.roll_up()
    measure(analytics, "ConcurrentViews", (at(900), 10))  # shows whether it is asked
    analytics.now = MIDNIGHT + timedelta(days=13, minutes=1)
    analytics.roll_up(MIDNIGHT.date())
    answer = analytics.read("/streams", first="2026-05-20", last="2026-05-20")
    assert len(answer.body["streams"]) == 1


def test_an_answer_in_parts_is_asked_for_again(analytics: Analytics, monkeypatch: pytest.MonkeyPatch) -> None:
    from analytics import ivs_metrics
    from shared.background import BackgroundError

    class Partly:
        def get_paginator(self, _: str) -> Partly:
            return self

        def paginate(self, **_: object) -> list[dict[str, object]]:
            results = {"Timestamps": [], "Values": [], "StatusCode": "InternalError"}
            return [{"MetricDataResults": [{"Id": "viewers", **results}]}]

    monkeypatch.setattr(ivs_metrics, "_client", Partly)
    analytics.now = NIGHT
    with pytest.raises(BackgroundError, match=r"^IncompleteError$"):
        analytics.roll_up()
    assert analytics.day(MIDNIGHT.date())["views"] == 0  # pages were added up all the same

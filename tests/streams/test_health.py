from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.registry.modules import ChannelType
from fleet_tui.streams.health import (
    RECENTLY,
    LiveStream,
    Metrics,
    Session,
    assess_live,
    assess_offline,
    bitrate_limit,
    in_order,
)
from fleet_tui.streams.model import Ingest, Series, Severity, StreamEvent, StreamHealth, StreamStatus

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
ARN = "arn:aws:ivs:eu-central-1:111122223333:channel/abcd"
GOOD = Ingest(
    encoder="obs-output module (libobs version 30.0.0)",
    video_codec="avc1.64002A",
    width=1920,
    height=1080,
    target_bitrate_bps=6_000_000,
    target_framerate=30,
    audio_codec="mp4a.40.2",
    audio_channels=2,
    audio_sample_rate_hz=48_000,
    audio_bitrate_bps=160_000,
)


def stream(health: str = "HEALTHY", viewers: int = 12) -> LiveStream:
    return LiveStream(
        channel_arn=ARN, stream_id="st-1", health=health, viewers=viewers, started_at=NOW - timedelta(hours=1)
    )


def event(name: str, ago_s: float, type_: str = "") -> StreamEvent:
    return StreamEvent(at=NOW - timedelta(seconds=ago_s), name=name, type=type_)


def series(*values: float, name: str = "x") -> Series:
    return Series(name=name, unit="", points=tuple((float(at), value) for at, value in enumerate(values)))


def live(
    health: str = "HEALTHY",
    *events: StreamEvent,
    ingest: Ingest | None = GOOD,
    channel_type: ChannelType | None = ChannelType.STANDARD,
    **metrics: Series,
) -> StreamHealth:
    return assess_live(
        stream(health),
        now=NOW,
        channel_type=channel_type,
        session=Session(stream_id="st-1", ingest=ingest, events=events),
        metrics=Metrics(**metrics),
    )


def codes(health: StreamHealth) -> list[str]:
    return [finding.code for finding in health.findings]


def test_a_good_stream_has_no_findings() -> None:
    health = live(bitrate=series(6e6), framerate=series(30), keyframe_interval=series(2))
    assert (health.status, health.findings, health.worst) == (StreamStatus.LIVE, (), None)
    assert health.viewers == 12


def test_a_good_stream_that_is_not_looked_at_closely() -> None:
    assert assess_live(stream(), now=NOW).status is StreamStatus.LIVE


def test_viewers_that_could_not_be_counted() -> None:
    assert assess_live(stream(viewers=-1), now=NOW).viewers is None
    assert assess_live(stream(viewers=0), now=NOW).viewers == 0


def test_starving_with_how_long() -> None:
    (finding,) = live("STARVING", event("Starvation Start", 14), event("Stream Start", 3600)).findings
    assert (finding.code, finding.severity) == ("starving", Severity.RED)
    assert finding.what == "starving for 14 s: no video arrives"


@pytest.mark.parametrize("events", [(), (event("Starvation Start", 60), event("Starvation End", 30))])
def test_starving_before_the_event_arrived(events: tuple[StreamEvent, ...]) -> None:
    assert live("STARVING", *events).findings[0].what == "starving: no video arrives"


def test_list_streams_has_the_last_word() -> None:
    """The events say that it starves and even that it ended; the stream is listed as live and healthy."""
    assert live("HEALTHY", event("Starvation Start", 20), event("Stream End", 5)).status is StreamStatus.LIVE


def test_unknown_is_not_good() -> None:
    health = live("UNKNOWN")
    assert (codes(health), health.status) == (["health_unknown"], StreamStatus.UNWELL)


@pytest.mark.parametrize(
    ("seconds", "severity"),
    [(2, None), (2.9, None), (3, Severity.AMBER), (5, Severity.AMBER), (5.1, Severity.RED)],
)
def test_keyframe_interval(seconds: float, severity: Severity | None) -> None:
    assert live(keyframe_interval=series(seconds)).worst is severity


def test_the_advice_names_encoder_and_value() -> None:
    (finding,) = live(keyframe_interval=series(6.1)).findings
    assert finding.what == "keyframes every 6.1 s"
    assert finding.advice == "set the keyframe interval to 2 s in OBS"


@pytest.mark.parametrize(
    ("measured", "severity"),
    [
        (30, None),
        (27, None),
        (26.9, Severity.AMBER),
        (22.5, Severity.AMBER),
        (22.4, Severity.RED),
        (0, Severity.RED),
    ],
)
def test_framerate(measured: float, severity: Severity | None) -> None:
    assert live(framerate=series(measured)).worst is severity


def test_without_a_target_no_framerate_is_wrong() -> None:
    assert live(framerate=series(1), ingest=None).findings == ()
    assert live(framerate=series(1), ingest=GOOD.model_copy(update={"target_framerate": 0})).findings == ()


@pytest.mark.parametrize(
    ("channel_type", "width", "height", "limit"),
    [
        (ChannelType.BASIC, 852, 480, 1_500_000),
        (ChannelType.BASIC, 480, 852, 1_500_000),
        (ChannelType.BASIC, 1280, 720, 3_500_000),
        (ChannelType.BASIC, 0, 0, 3_500_000),
        (ChannelType.STANDARD, 852, 480, 8_500_000),
        (ChannelType.ADVANCED_SD, 1280, 720, 8_500_000),
        (ChannelType.ADVANCED_HD, 1920, 1080, 8_500_000),
    ],
)
def test_bitrate_limits(channel_type: ChannelType, width: int, height: int, limit: int) -> None:
    ingest = GOOD.model_copy(update={"width": width, "height": height, "target_bitrate_bps": 0})
    assert bitrate_limit(channel_type, ingest) == limit
    assert live(channel_type=channel_type, ingest=ingest, bitrate=series(limit)).findings == ()
    assert codes(live(channel_type=channel_type, ingest=ingest, bitrate=series(limit + 1))) == ["bitrate"]


def test_a_target_above_the_limit_counts_before_anything_was_measured() -> None:
    (finding,) = live(channel_type=ChannelType.BASIC).findings
    assert finding.what == "6.0 Mbit/s, a BASIC channel takes 3.5 Mbit/s"
    assert finding.advice == "set the video bitrate to 3.5 Mbit/s or less in OBS"


@pytest.mark.parametrize(
    ("width", "height", "good"),
    [(1920, 1080, True), (1080, 1920, True), (2560, 1440, False), (1440, 1440, False), (2000, 800, False)],
)
@pytest.mark.parametrize("channel_type", list(ChannelType))
def test_resolution(width: int, height: int, good: bool, channel_type: ChannelType) -> None:
    ingest = GOOD.model_copy(update={"width": width, "height": height, "target_bitrate_bps": 0})
    assert codes(live(ingest=ingest, channel_type=channel_type)) == ([] if good else ["resolution"])


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("audio_sample_rate_hz", 44_100, None),
        ("audio_sample_rate_hz", 0, None),
        ("audio_sample_rate_hz", 32_000, "audio_sample_rate"),
        ("audio_channels", 1, None),
        ("audio_channels", 6, "audio_channels"),
        ("audio_bitrate_bps", 320_000, None),
        ("audio_bitrate_bps", 320_001, "audio_bitrate"),
    ],
)
def test_audio(field: str, value: int, code: str | None) -> None:
    health = live(ingest=GOOD.model_copy(update={field: value}))
    assert codes(health) == ([code] if code else [])
    assert health.worst is (Severity.AMBER if code else None)


@pytest.mark.parametrize(
    ("name", "type_", "code"),
    [
        ("Stream Takeover", "IVS Stream State Change", "takeover"),
        ("Stream Takeover Failure", "IVS Stream State Change", "takeover_failed"),
        ("Stream Failure", "IVS Stream State Change", "stream_failure"),
        ("Recording Start Failure", "IVS Recording State Change", "recording_failure"),
        ("Ingest Bitrate", "IVS Limit Breach", "limit"),
    ],
)
def test_incidents_are_told_for_a_while(name: str, type_: str, code: str) -> None:
    last_moment = RECENTLY.total_seconds()
    assert codes(live("HEALTHY", event(name, 60, type_), event(name, 50, type_))) == [code]
    assert codes(live("HEALTHY", event(name, last_moment, type_))) == [code]
    assert codes(live("HEALTHY", event(name, last_moment + 1, type_))) == []


def test_an_incident_says_when() -> None:
    what = live("HEALTHY", event("Ingest Bitrate", 60, "IVS Limit Breach")).findings[0].what
    assert what == "a limit of IVS was reached (Ingest Bitrate) at 19:59 UTC"


def test_events_of_one_second_stand_in_the_order_of_a_stream() -> None:
    names = ["Session Created", "Stream Start", "Starvation Start", "Session Ended", "Stream End"]
    assert [one.name for one in in_order(event(name, 5) for name in sorted(names))] == names


def test_offline_and_never_live() -> None:
    health = assess_offline(ARN, None, now=NOW)
    assert (health.status, health.ended_at, health.findings) == (StreamStatus.OFFLINE, None, ())


def offline(*events: StreamEvent, ended_ago_s: float | None = None) -> StreamHealth:
    ended = None if ended_ago_s is None else NOW - timedelta(seconds=ended_ago_s)
    return assess_offline(ARN, Session(stream_id="st-1", ended_at=ended, events=events), now=NOW)


def test_a_lost_encoder() -> None:
    health = offline(event("Stream End", 60), event("Starvation Start", 90), ended_ago_s=60)
    assert (codes(health), health.status) == (["encoder_lost"], StreamStatus.OFFLINE)
    assert health.findings[0].what == "the encoder was lost at 19:58 UTC"


def test_an_encoder_that_came_back_and_stopped_was_not_lost() -> None:
    assert codes(offline(event("Starvation Start", 90), event("Starvation End", 80), ended_ago_s=60)) == []


def test_a_lost_encoder_is_no_news_after_a_while() -> None:
    assert codes(offline(event("Starvation Start", 9000), ended_ago_s=8000)) == []


@pytest.mark.parametrize("name", ["Stream End", "Session Ended"])
def test_the_end_is_taken_from_the_events_where_the_session_does_not_say(name: str) -> None:
    assert offline(event(name, 60)).ended_at == NOW - timedelta(seconds=60)
    assert offline().ended_at is None


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(
            [
                "Stream Start",
                "Stream End",
                "Starvation Start",
                "Starvation End",
                "Stream Takeover",
                "Session Ended",
            ]
        ),
        st.integers(0, 4000),
    ),
    max_size=12,
)
VALUES = st.lists(st.floats(0, 2e7), max_size=20).map(lambda values: series(*values))
INGESTS = st.builds(
    Ingest,
    width=st.integers(0, 4000),
    height=st.integers(0, 4000),
    target_bitrate_bps=st.integers(0, 20_000_000),
    target_framerate=st.floats(0, 120),
    audio_channels=st.integers(0, 8),
    audio_sample_rate_hz=st.integers(0, 96_000),
    audio_bitrate_bps=st.integers(0, 600_000),
)


@given(
    health=st.sampled_from(["HEALTHY", "STARVING", "UNKNOWN", "SOMETHING NEW"]),
    events=EVENTS,
    ingest=st.none() | INGESTS,
    channel_type=st.none() | st.sampled_from(ChannelType),
    bitrate=VALUES,
    framerate=VALUES,
    keyframe_interval=VALUES,
    shuffled=st.randoms(),
)
def test_whatever_comes_in(
    health, events, ingest, channel_type, bitrate, framerate, keyframe_interval, shuffled
) -> None:  # type: ignore[no-untyped-def]
    metrics = {"bitrate": bitrate, "framerate": framerate, "keyframe_interval": keyframe_interval}
    seen = live(health, *events, ingest=ingest, channel_type=channel_type, **metrics)
    assert (seen.status is StreamStatus.UNWELL) == bool(seen.findings)
    assert seen.status in {StreamStatus.LIVE, StreamStatus.UNWELL}
    assert health == "HEALTHY" or seen.findings  # what IVS does not call healthy is never shown as good
    assert len(set(codes(seen))) == len(seen.findings)
    assert all(finding.what and finding.advice for finding in seen.findings)
    # Neither the order in which events arrive nor their repetition matters.
    mixed = [*events, *events[:3]]
    shuffled.shuffle(mixed)
    assert live(health, *mixed, ingest=ingest, channel_type=channel_type, **metrics) == seen


@given(events=EVENTS, ended=st.none() | st.integers(0, 4000))
def test_offline_is_never_live(events: list[StreamEvent], ended: int | None) -> None:
    health = offline(*events, ended_ago_s=ended)
    assert health.status is StreamStatus.OFFLINE
    assert health.started_at is None
    assert StreamHealth.model_validate_json(health.model_dump_json()) == health


@given(values=st.lists(st.floats(0, 60), min_size=1, max_size=20))
def test_worse_keyframes_never_look_better(values: list[float]) -> None:
    order = [None, Severity.AMBER, Severity.RED]
    now = order.index(live(keyframe_interval=series(*values)).worst)
    worse = order.index(live(keyframe_interval=series(*(value + 1 for value in values))).worst)
    assert worse >= now

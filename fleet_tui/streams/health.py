"""How well a stream is, and why not: pure rules over what IVS and CloudWatch say.

Each threshold stands here once. Sources: AWS' streaming configuration guide
(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/streaming-config.html) and its list of events
(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html). Where it says "our own rule",
AWS gives no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from statistics import median

from fleet_tui.registry.modules import ChannelType
from fleet_tui.streams.model import (
    Finding,
    Ingest,
    Series,
    Severity,
    StreamEvent,
    StreamHealth,
    StreamStatus,
)
from fleet_tui.values import Moment, Value

KEYFRAME_WANTED_S = 2.0  # "set IDR/Keyframe to a 2-second interval"
KEYFRAME_AMBER_S = 3.0  # the IVS console flags it from here on
KEYFRAME_RED_S = 5.0  # above it playback breaks
FRAMERATE_AMBER = 0.90  # of the encoder's target; our own rule
FRAMERATE_RED = 0.75  # of the encoder's target; our own rule
BASIC_SD_SIDE = 480  # pixels of the shorter side up to which BASIC has its lower bitrate limit
BASIC_SD_BITRATE = 1_500_000  # bit/s
BASIC_HD_BITRATE = 3_500_000  # bit/s
OTHER_BITRATE = 8_500_000  # bit/s
SHORTER_SIDE = 1080  # pixels; Full HD is the largest input of every channel type, in either orientation
LONGER_SIDE = 1920
AUDIO_SAMPLE_RATES_HZ = (44_100, 48_000)
AUDIO_CHANNELS = 2
AUDIO_BITRATE = 320_000  # bit/s
RECENT_POINTS = 6  # half a minute of CloudWatch's 5 s resolution: one odd point is no finding; our own rule
RECENTLY = timedelta(minutes=15)  # how long something that happened once stays a finding; our own rule

# What comes first when two events share a second. Session Ended may come before Stream End: IVS still
# processes video for a moment after the encoder is gone.
_COURSE = (
    "Session Created",
    "Stream Start",
    "Recording Start",
    "Starvation Start",
    "Starvation End",
    "Session Ended",
    "Stream End",
    "Recording End",
)


class LiveStream(Value):
    """A row of ListStreams. `viewers` is as IVS gives it: -1 where counting took too long."""

    channel_arn: str
    stream_id: str
    health: str
    viewers: int
    started_at: Moment


class Session(Value):
    """What GetStreamSession tells of one session; `ended_at` is None while it runs or where it is not
    known."""

    stream_id: str
    ended_at: Moment | None = None
    ingest: Ingest | None = None
    events: tuple[StreamEvent, ...] = ()


class Metrics(Value):
    """What CloudWatch tells of the last minutes of one channel; bit/s, 1/s, s, and a count."""

    bitrate: Series | None = None
    framerate: Series | None = None
    keyframe_interval: Series | None = None
    viewers: Series | None = None


def assess_live(
    stream: LiveStream,
    *,
    now: datetime,
    channel_type: ChannelType | None = None,
    session: Session | None = None,
    metrics: Metrics | None = None,
) -> StreamHealth:
    """The health of a stream that ListStreams lists as live.

    Events come late, out of order or never, so ListStreams has the last word: a stream that it lists is live
    whatever the events say, and is starving exactly when it says so.

    Args:
        stream: the row of ListStreams.
        now: the current time with its zone.
        channel_type: decides the limits; None where it is not known leaves out what depends on it.
        session: ingest configuration and events of this stream, where they were looked at.
        metrics: measured values, where they were looked at.
    """
    session = session or Session(stream_id=stream.stream_id)
    metrics = metrics or Metrics()
    events = in_order(session.events)
    ingest = session.ingest
    findings = (
        *_starvation(stream, events, now),
        *_keyframes(metrics.keyframe_interval, ingest),
        *_framerate(metrics.framerate, ingest),
        *_bitrate(metrics.bitrate, ingest, channel_type),
        *_resolution(ingest),
        *_audio(ingest),
        *_incidents(events, now),
    )
    return StreamHealth(
        status=StreamStatus.UNWELL if findings else StreamStatus.LIVE,
        channel_arn=stream.channel_arn,
        stream_id=stream.stream_id,
        started_at=stream.started_at,
        viewers=stream.viewers if stream.viewers >= 0 else None,
        aws_health=stream.health,
        findings=findings,
        ingest=ingest,
        bitrate=metrics.bitrate,
        framerate=metrics.framerate,
        keyframe_interval=metrics.keyframe_interval,
        viewers_over_time=metrics.viewers,
        events=events,
    )


def assess_offline(channel_arn: str, last: Session | None, *, now: datetime) -> StreamHealth:
    """The health of a channel that ListStreams does not list: offline, and how the last stream ended.

    Args:
        channel_arn: the channel.
        last: its newest session, or None where it never streamed.
        now: the current time with its zone.
    """
    if last is None:
        return StreamHealth(status=StreamStatus.OFFLINE, channel_arn=channel_arn)
    events = in_order(last.events)
    ended_at = last.ended_at or _when_last(events, "Stream End") or _when_last(events, "Session Ended")
    findings: tuple[Finding, ...] = ()
    if ended_at is not None and now - ended_at <= RECENTLY:
        findings = (*_lost_encoder(events), *_incidents(events, now))
    return StreamHealth(
        status=StreamStatus.OFFLINE,
        channel_arn=channel_arn,
        stream_id=last.stream_id,
        ended_at=ended_at,
        findings=findings,
        ingest=last.ingest,
        events=events,
    )


def in_order(events: Iterable[StreamEvent]) -> tuple[StreamEvent, ...]:
    """The events by the time they happened, oldest first, each once; IVS gives whole seconds."""

    def when(event: StreamEvent) -> tuple[datetime, int, str, str]:
        rank = _COURSE.index(event.name) if event.name in _COURSE else len(_COURSE)
        return event.at, rank, event.name, event.type

    return tuple(sorted(set(events), key=when))


def bitrate_limit(channel_type: ChannelType, ingest: Ingest | None) -> int:
    """The highest bitrate in bit/s that a channel takes; where the size is unknown, the more generous one."""
    if channel_type is not ChannelType.BASIC:
        return OTHER_BITRATE
    small = ingest is not None and 0 < min(ingest.width, ingest.height) <= BASIC_SD_SIDE
    return BASIC_SD_BITRATE if small else BASIC_HD_BITRATE


def _starvation(stream: LiveStream, events: tuple[StreamEvent, ...], now: datetime) -> Iterator[Finding]:
    if stream.health == "HEALTHY":
        return
    if stream.health != "STARVING":
        yield Finding(
            code="health_unknown",
            severity=Severity.AMBER,
            what="IVS does not know how the stream is",
            advice="look at the picture; a stream that has just started is known within a minute",
        )
        return
    since = _when_last(events, "Starvation Start")
    ended = _when_last(events, "Starvation End")
    if since is None or (ended is not None and ended >= since):
        lasting = ""
    else:
        lasting = f" for {_duration(now - since)}"
    yield Finding(
        code="starving",
        severity=Severity.RED,
        what=f"starving{lasting}: no video arrives",
        advice="check the creator's upload and encoder; lower the bitrate if the line is too weak",
    )


def _keyframes(series: Series | None, ingest: Ingest | None) -> Iterator[Finding]:
    seconds = _recent(series)
    if seconds is not None and seconds >= KEYFRAME_AMBER_S:
        yield Finding(
            code="keyframe_interval",
            severity=Severity.RED if seconds > KEYFRAME_RED_S else Severity.AMBER,
            what=f"keyframes every {seconds:.1f} s",
            advice=f"set the keyframe interval to {KEYFRAME_WANTED_S:.0f} s in {_encoder(ingest)}",
        )


def _framerate(series: Series | None, ingest: Ingest | None) -> Iterator[Finding]:
    measured = _recent(series)
    if measured is None or ingest is None or ingest.target_framerate <= 0:
        return
    share = measured / ingest.target_framerate
    if share < FRAMERATE_AMBER:
        yield Finding(
            code="framerate",
            severity=Severity.RED if share < FRAMERATE_RED else Severity.AMBER,
            what=f"{measured:.0f} of {ingest.target_framerate:.0f} frames a second",
            advice=f"take load off the encoder's machine, or lower the frame rate in {_encoder(ingest)}",
        )


def _bitrate(
    series: Series | None, ingest: Ingest | None, channel_type: ChannelType | None
) -> Iterator[Finding]:
    if channel_type is None:
        return
    limit = bitrate_limit(channel_type, ingest)
    highest = max(_recent(series) or 0.0, float(ingest.target_bitrate_bps if ingest else 0))
    if highest > limit:
        yield Finding(
            code="bitrate",
            severity=Severity.RED,
            what=f"{_megabits(highest)}, a {channel_type.value} channel takes {_megabits(limit)}",
            advice=f"set the video bitrate to {_megabits(limit)} or less in {_encoder(ingest)}",
        )


def _resolution(ingest: Ingest | None) -> Iterator[Finding]:
    if ingest is None:
        return
    sides = sorted((ingest.width, ingest.height))
    if sides[0] > SHORTER_SIDE or sides[1] > LONGER_SIDE:
        yield Finding(
            code="resolution",
            severity=Severity.RED,
            what=f"{ingest.width}×{ingest.height} is more than IVS takes",
            advice=f"set the output resolution to {LONGER_SIDE}×{SHORTER_SIDE} or less in {_encoder(ingest)}",
        )


def _audio(ingest: Ingest | None) -> Iterator[Finding]:
    if ingest is None:
        return

    def amber(code: str, what: str, advice: str) -> Finding:
        return Finding(
            code=code, severity=Severity.AMBER, what=what, advice=f"{advice} in {_encoder(ingest)}"
        )

    rate = ingest.audio_sample_rate_hz
    if rate and rate not in AUDIO_SAMPLE_RATES_HZ:
        yield amber(
            "audio_sample_rate", f"audio at {rate / 1000:g} kHz", "set the sample rate to 44.1 or 48 kHz"
        )
    if ingest.audio_channels > AUDIO_CHANNELS:
        yield amber("audio_channels", f"{ingest.audio_channels} audio channels", "set the audio to stereo")
    if ingest.audio_bitrate_bps > AUDIO_BITRATE:
        kilobits = ingest.audio_bitrate_bps / 1000
        yield amber("audio_bitrate", f"audio at {kilobits:.0f} kbit/s", "set the audio to 320 kbit/s or less")


def _incidents(events: tuple[StreamEvent, ...], now: datetime) -> Iterator[Finding]:
    """What happened once and is worth knowing for a while: the newest of each sort."""
    newest = {_sort_of(event): event for event in events if now - event.at <= RECENTLY}
    newest.pop("", None)
    for code, event in newest.items():
        severity, what, advice = _INCIDENTS[code]
        yield Finding(
            code=code,
            severity=severity,
            what=f"{what.format(name=event.name)} at {event.at:%H:%M} UTC",
            advice=advice,
        )


_INCIDENTS = {
    "takeover": (
        Severity.AMBER,
        "another encoder took the stream over",
        "ask the creator whether that was meant; if not, reset the stream key",
    ),
    "takeover_failed": (
        Severity.AMBER,
        "another encoder was refused the stream",
        "ask the creator whether a second encoder is set up; if not, reset the stream key",
    ),
    "stream_failure": (
        Severity.RED,
        "IVS could not process the stream",
        "ask the creator to stop and start the stream; ask AWS if it happens again",
    ),
    "recording_failure": (
        Severity.AMBER,
        "the recording failed",
        "check the recording bucket: it has to exist and may not be encrypted with a KMS key",
    ),
    "limit": (
        Severity.RED,
        "a limit of IVS was reached ({name})",
        "lower what exceeds it, or have the quota raised in Service Quotas",
    ),
}


def _sort_of(event: StreamEvent) -> str:
    match event.name:
        case "Stream Takeover":
            return "takeover"
        case "Stream Takeover Failure":
            return "takeover_failed"
        case "Stream Failure":
            return "stream_failure"
        case "Recording Start Failure" | "Recording End Failure" | "Recording Failure":
            return "recording_failure"
        case _:
            return "limit" if event.type == "IVS Limit Breach" else ""


def _lost_encoder(events: tuple[StreamEvent, ...]) -> Iterator[Finding]:
    """Starvation that no end followed: the encoder did not say goodbye, it went away."""
    started = _when_last(events, "Starvation Start")
    ended = _when_last(events, "Starvation End")
    if started is not None and (ended is None or ended < started):
        yield Finding(
            code="encoder_lost",
            severity=Severity.RED,
            what=f"the encoder was lost at {started:%H:%M} UTC",
            advice="ask the creator whether the stream was meant to end; check upload and encoder",
        )


def _when_last(events: tuple[StreamEvent, ...], name: str) -> datetime | None:
    return next((event.at for event in reversed(events) if event.name == name), None)


def _recent(series: Series | None) -> float | None:
    return median(series.values[-RECENT_POINTS:]) if series and series.points else None


def _encoder(ingest: Ingest | None) -> str:
    """What a creator calls the encoder; OBS introduces itself as `obs-output module (libobs version …)`."""
    name = ingest.encoder if ingest else ""
    return "OBS" if "obs" in name.lower() else name or "the encoder"


def _megabits(bits: float) -> str:
    return f"{bits / 1_000_000:.1f} Mbit/s"


def _duration(passed: timedelta) -> str:
    seconds = max(0, int(passed.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

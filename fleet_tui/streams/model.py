"""What is known about a creator's live stream."""

from __future__ import annotations

from enum import StrEnum

from fleet_tui.values import Moment, Value


class StreamStatus(StrEnum):
    """One word for a channel."""

    NO_CHANNEL = "no_channel"  # the module is off, or was never deployed
    OFFLINE = "offline"
    LIVE = "live"
    UNWELL = "unwell"  # live, with a finding


class Severity(StrEnum):
    """How bad a finding is."""

    AMBER = "amber"
    RED = "red"


class Finding(Value):
    """One thing that is not well about a stream, with its cause and the remedy.

    Args:
        code: stable name of the rule, such as `keyframe_interval`.
        what: what was seen: `keyframes every 6.1 s`.
        advice: what to tell the creator: `set the keyframe interval to 2 s in OBS`.
    """

    code: str
    severity: Severity
    what: str
    advice: str


class Ingest(Value):
    """What the encoder sends, from GetStreamSession's ingest configuration."""

    encoder: str = ""
    video_codec: str = ""
    width: int = 0
    height: int = 0
    target_bitrate_bps: int = 0
    target_framerate: float = 0.0
    audio_codec: str = ""
    audio_channels: int = 0
    audio_sample_rate_hz: int = 0
    audio_bitrate_bps: int = 0


class StreamEvent(Value):
    """One event of a stream session."""

    at: Moment
    name: str
    type: str = ""


class Series(Value):
    """A metric over time, oldest first: seconds since the epoch, value."""

    name: str
    unit: str
    points: tuple[tuple[float, float], ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """Only the values, oldest first."""
        return tuple(value for _, value in self.points)


class StreamHealth(Value):
    """The stream of one creator.

    Args:
        started_at: start of the current stream; None when offline.
        ended_at: end of the last stream, when offline and known.
        viewers: None where IVS could not count in time (it answers -1).
        aws_health: HEALTHY, STARVING or UNKNOWN, as IVS says.
        bitrate: ingest video bitrate in bit/s; filled only for channels that are looked at or unwell.
    """

    status: StreamStatus
    channel_arn: str | None = None
    stream_id: str | None = None
    started_at: Moment | None = None
    ended_at: Moment | None = None
    viewers: int | None = None
    aws_health: str | None = None
    findings: tuple[Finding, ...] = ()
    ingest: Ingest | None = None
    bitrate: Series | None = None
    framerate: Series | None = None
    keyframe_interval: Series | None = None
    viewers_over_time: Series | None = None
    events: tuple[StreamEvent, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the findings."""
        severities = {finding.severity for finding in self.findings}
        return Severity.RED if Severity.RED in severities else Severity.AMBER if severities else None

"""Looks at a creator's stream through the door: ListStreams for everyone, the rest only where it is needed.

IVS' stream reads allow 5 requests a second per account and region, and CloudWatch is paid per metric, so what
costs more than one call is asked for only where somebody looks or something is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fleet_tui.aws import Account, AwsDoor
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import ChannelType
from fleet_tui.streams.health import LiveStream, Metrics, Session, assess_live, assess_offline
from fleet_tui.streams.model import Ingest, Series, StreamEvent, StreamHealth, StreamStatus
from fleet_tui.values import Moment, Value

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef
    from types_boto3_ivs.type_defs import StreamSessionTypeDef

_KEPT = timedelta(minutes=15)  # then it is read again, in case it was changed meanwhile
_WINDOW = timedelta(minutes=10)
# CloudWatch's names in AWS/IVS, our unit, and the resolution in seconds
# (https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/cloudwatch.html).
_METRICS = {
    "bitrate": ("IngestVideoBitrate", "bit/s", 5),
    "framerate": ("IngestFramerate", "1/s", 5),
    "keyframe_interval": ("KeyframeInterval", "s", 5),
    "viewers": ("ConcurrentViews", "viewers", 60),
}


class _Channel(Value):
    arn: str
    type: ChannelType | None
    seen_at: Moment


class _Last(Value):
    session: Session | None
    seen_at: Moment


class StreamObserver:
    """Called with a creator, tells the health of the creator's stream. Safe to use from many threads.

    Args:
        door: the way into accounts.
        closely: whether a creator (by slug) is on somebody's screen.
        now: the current time with its zone.
    """

    def __init__(
        self,
        door: AwsDoor,
        closely: Callable[[str], bool],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._door = door
        self._closely = closely
        self._now = now
        self._channels: dict[str, _Channel] = {}
        self._running: dict[str, Session] = {}
        self._last: dict[str, _Last] = {}
        self._unwell: dict[str, str] = {}

    def __call__(self, creator: Creator) -> StreamHealth:
        """Look at one creator's stream.

        Raises:
            FleetError: where the account cannot be entered, is another one, or IVS does not answer.
        """
        streaming = creator.modules.ivs_streaming
        if streaming is None or not streaming.enabled:
            return StreamHealth(status=StreamStatus.NO_CHANNEL)
        return self.look(creator)

    def look(self, creator: Creator) -> StreamHealth:
        """Look at one creator's stream, whatever creator.toml says: what is being switched off may be live.

        Raises:
            FleetError: as for a call.
        """
        self._door.prove_account(creator)
        with self._door.entered(creator) as account:
            live = self._live(account)
            channel = self._channel(account, creator.slug, live)
            if channel is None:
                return StreamHealth(status=StreamStatus.NO_CHANNEL)
            if live is None:
                return self._offline(account, creator.slug, channel)
            return self._assess(account, creator.slug, channel, live)

    def _live(self, account: Account) -> LiveStream | None:
        streams = account.client("ivs").list_streams()["streams"]
        rows = [row for row in streams if row.get("state") != "OFFLINE"]
        if not rows:
            return None
        row = max(rows, key=lambda row: row["startTime"])
        return LiveStream(
            channel_arn=row["channelArn"],
            stream_id=row["streamId"],
            health=row.get("health", "UNKNOWN"),
            viewers=row.get("viewerCount", -1),
            started_at=row["startTime"],
        )

    def _channel(self, account: Account, slug: str, live: LiveStream | None) -> _Channel | None:
        kept = self._channels.get(slug)
        if kept and self._now() - kept.seen_at < _KEPT and (live is None or live.channel_arn == kept.arn):
            return kept
        rows = account.client("ivs").list_channels()["channels"]
        # An account has one channel; while one is replaced by another, the one in use counts.
        row = next((row for row in rows if live is None or row["arn"] == live.channel_arn), None)
        if row is not None:
            channel = _Channel(arn=row["arn"], type=_channel_type(row.get("type")), seen_at=self._now())
        elif live is not None:
            channel = _Channel(arn=live.channel_arn, type=None, seen_at=self._now())
        else:
            self._channels.pop(slug, None)
            return None
        self._channels[slug] = channel
        return channel

    def _assess(self, account: Account, slug: str, channel: _Channel, live: LiveStream) -> StreamHealth:
        self._last.pop(slug, None)
        session = self._running.get(slug)
        metrics = None
        if (
            session is None
            or session.stream_id != live.stream_id
            or session.ingest is None
            or live.health != "HEALTHY"
            or self._unwell.get(slug) == live.stream_id
            or self._closely(slug)
        ):
            session = self._running[slug] = _session(account, channel.arn, live.stream_id)
            metrics = _metrics(account, channel.arn, self._now())
        health = assess_live(
            live, now=self._now(), channel_type=channel.type, session=session, metrics=metrics
        )
        if health.findings:
            self._unwell[slug] = live.stream_id  # what metrics showed, only metrics can clear
        else:
            self._unwell.pop(slug, None)
        return health

    def _offline(self, account: Account, slug: str, channel: _Channel) -> StreamHealth:
        kept = self._last.get(slug)
        if kept and self._now() - kept.seen_at < _KEPT:
            return assess_offline(channel.arn, kept.session, now=self._now())
        sessions = account.client("ivs").list_stream_sessions(channelArn=channel.arn, maxResults=1)
        newest = next(iter(sessions["streamSessions"]), None)
        session = _session(account, channel.arn, newest["streamId"]) if newest else None
        health = assess_offline(channel.arn, session, now=self._now())
        if session is None or health.ended_at is not None:  # IVS may tell the end a little later
            self._last[slug] = _Last(session=session, seen_at=self._now())
        return health


def _channel_type(name: str | None) -> ChannelType | None:
    return ChannelType(name) if name in set(ChannelType) else None


def _session(account: Account, channel_arn: str, stream_id: str) -> Session:
    answer = account.client("ivs").get_stream_session(channelArn=channel_arn, streamId=stream_id)
    raw = answer["streamSession"]
    return Session(
        stream_id=stream_id,
        ended_at=raw.get("endTime"),
        ingest=_ingest(raw),
        events=tuple(
            StreamEvent(at=event["eventTime"], name=event.get("name", ""), type=event.get("type", ""))
            for event in raw.get("truncatedEvents", [])
            if "eventTime" in event
        ),
    )


def _ingest(raw: StreamSessionTypeDef) -> Ingest | None:
    tracks = raw.get("ingestConfigurations", {})
    single = raw.get("ingestConfiguration", {})
    videos = tracks.get("videoConfigurations") or [single.get("video", {})]
    audios = tracks.get("audioConfigurations") or [single.get("audio", {})]
    # With several tracks the largest picture is what the limits are about.
    video = max(videos, key=lambda track: track.get("videoWidth", 0) * track.get("videoHeight", 0))
    audio = audios[0]
    if not video and not audio:
        return None
    return Ingest(
        encoder=video.get("encoder", ""),
        video_codec=video.get("codec", ""),
        width=video.get("videoWidth", 0),
        height=video.get("videoHeight", 0),
        target_bitrate_bps=video.get("targetBitrate", 0),
        target_framerate=video.get("targetFramerate", 0),
        audio_codec=audio.get("codec", ""),
        audio_channels=audio.get("channels", 0),
        audio_sample_rate_hz=audio.get("sampleRate", 0),
        audio_bitrate_bps=audio.get("targetBitrate", 0),
    )


def _metrics(account: Account, channel_arn: str, now: datetime) -> Metrics:
    channel_id = channel_arn.rsplit("/", 1)[-1]
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": field,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/IVS",
                    "MetricName": name,
                    "Dimensions": [{"Name": "Channel", "Value": channel_id}],
                },
                "Period": seconds,
                "Stat": "Average",
            },
        }
        for field, (name, _, seconds) in _METRICS.items()
    ]
    answer = account.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=now - _WINDOW, EndTime=now
    )
    series = {
        result["Id"]: Series(
            name=_METRICS[result["Id"]][0],
            unit=_METRICS[result["Id"]][1],
            points=_points(result["Timestamps"], result["Values"]),
        )
        for result in answer["MetricDataResults"]
        if result["Timestamps"]
    }
    return Metrics(**series)


def _points(times: list[datetime], values: list[float]) -> tuple[tuple[float, float], ...]:
    return tuple(sorted((at.timestamp(), value) for at, value in zip(times, values, strict=True)))

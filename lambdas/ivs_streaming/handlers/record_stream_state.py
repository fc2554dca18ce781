"""IVS' events of the channel as they come, and a look at the channel every minute.

The look makes up for events that were lost, counts viewers, and is when a live notice is sent.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from ivs_streaming import live_topic, texts
from ivs_streaming.channel import (
    Channel,
    EventName,
    StreamEvent,
    learned,
    looked,
    notice_due,
    noticed,
    on_air,
)
from ivs_streaming.ivs import sighting_of
from ivs_streaming.recordings import EventName as RecordingEventName
from ivs_streaming.recordings import Media, Recording, opened, told
from ivs_streaming.recordings_bucket import RecordingsBucket
from ivs_streaming.settings import settings
from ivs_streaming.streams_table import StreamsTable
from shared.background import background
from shared.telemetry import count, logger

streams = StreamsTable(settings().streams_table, settings().retention)
bucket = RecordingsBucket(name) if (name := settings().recordings_bucket) else None


class _StreamDetail(BaseModel):
    event_name: EventName
    stream_id: str = Field(min_length=1, max_length=64)


class _StreamChange(BaseModel):
    kind: Literal["IVS Stream State Change", "IVS Stream Health Change"] = Field(alias="detail-type")
    time: datetime
    detail: _StreamDetail


class _RecordingDetail(BaseModel):
    recording_status: RecordingEventName
    recording_s3_bucket_name: str
    recording_s3_key_prefix: str
    recording_duration_ms: int | None = Field(default=None, ge=0)


class _RecordingChange(BaseModel):
    kind: Literal["IVS Recording State Change"] = Field(alias="detail-type")
    detail: _RecordingDetail


_EVENT = TypeAdapter[_StreamChange | _RecordingChange](_StreamChange | _RecordingChange)


def work(event: dict[str, Any], now: datetime) -> None:
    """Take note of an event of the channel; on schedule, look at the channel."""
    if event.get("source") == "aws.events":
        _look(now)
    elif event.get("source") == "aws.ivs" and settings().channel_arn in event.get("resources", ()):
        _take_note(event)


def _take_note(event: dict[str, Any]) -> None:
    try:
        change = _EVENT.validate_python(event)
    except ValidationError:
        logger.debug("event says nothing here", kind=event.get("detail-type"))
        return
    if isinstance(change, _RecordingChange):
        _record(change.detail)
        return
    news = StreamEvent(stream_id=change.detail.stream_id, name=change.detail.event_name, at=change.time)
    streams.change_channel(lambda channel: learned(channel, news))
    logger.info("stream event", stream=news.stream_id, event=news.name)


def _record(detail: _RecordingDetail) -> None:
    if detail.recording_status in (RecordingEventName.START_FAILURE, RecordingEventName.END_FAILURE):
        count("RecordingsFailed")
    if bucket is None or detail.recording_s3_bucket_name != settings().recordings_bucket:
        return
    recording = opened(
        detail.recording_s3_key_prefix, settings().recordings_root, streams.channel(consistent=False).title
    )
    if recording is None:
        logger.warning("recording without a place")
        return
    ended = detail.recording_status is RecordingEventName.END
    media = bucket.media_of(recording.prefix) if ended else None

    def change(seen: Recording) -> Recording:
        heard = told(seen, detail.recording_status, detail.recording_duration_ms)
        return _described(heard, media)

    stored = streams.change_recording(recording, change)
    logger.info("recording event", recording=stored.id, status=stored.status)


def _described(recording: Recording, media: Media | None) -> Recording:
    return recording.model_copy(update={"media": media}) if media else recording


def _look(now: datetime) -> None:
    sighting = sighting_of(settings().channel_arn)
    if sighting is None and on_air(streams.channel(consistent=False)) is None:
        return  # nothing is on, and nothing is thought to be: the usual case, which writes nothing
    notify = settings().live_topic_arn is not None
    due = False

    def change(channel: Channel) -> Channel:
        nonlocal due
        seen = looked(channel, now, sighting)
        due = notify and notice_due(seen, now)
        return noticed(seen, now) if due else seen

    before = streams.channel()
    channel = streams.change_channel(change)
    if due:
        _tell(before, channel)


def _tell(before: Channel, channel: Channel) -> None:
    """Publish the notice that the table holds; where that fails, the table forgets it for the next look.

    A process that dies in between leaves it unsent: one notice too few is better than one twice.
    """
    subject, text = texts.live_notice(
        os.environ["CREATOR_LANGUAGE"],
        name=os.environ["CREATOR_NAME"],
        domain=os.environ["CREATOR_DOMAIN"],
        title=channel.title,
    )
    try:
        live_topic.publish(settings().live_topic_arn or "", subject, text)
    except Exception:
        streams.change_channel(lambda seen: seen.model_copy(update={"notice": before.notice}))
        raise
    logger.info("live notice sent")
    count("LiveNotices")


handler = background(work)

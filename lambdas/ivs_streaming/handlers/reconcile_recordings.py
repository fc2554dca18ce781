"""What events have missed is found in the bucket every hour, and what operators delete is removed from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ivs_streaming.recordings import (
    Recording,
    RecordingStatus,
    day_prefixes,
    opened,
)
from ivs_streaming.recordings_bucket import RecordingsBucket
from ivs_streaming.settings import settings
from ivs_streaming.streams_table import StreamsTable
from shared.background import background
from shared.tables import unpack
from shared.telemetry import count, logger

PAGES_AT_ONCE = 50
"""Thousands of objects that one call deletes of a recording, in about a minute; the next hour goes on."""

REMOVED_AT_ONCE = 10

streams = StreamsTable(settings().streams_table, settings().retention)
bucket = RecordingsBucket(settings().recordings_bucket or "")


def work(event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Remove what the table's stream tells of; on schedule, reconcile everything."""
    if "Records" in event:
        for record in event["Records"]:
            item = unpack(record["dynamodb"]["NewImage"])
            if recording := streams.recording(str(item["id"])):
                _remove(recording)
        return {"batchItemFailures": []}
    _reconcile(now)
    waiting, _ = streams.page(RecordingStatus.REMOVING, now=now, limit=REMOVED_AT_ONCE)
    for recording in waiting:
        _remove(recording)
    return {}


def _reconcile(now: datetime) -> None:
    for day_prefix in day_prefixes(settings().recordings_root, now):
        for prefix in bucket.recordings_of(day_prefix):
            recording = opened(prefix, settings().recordings_root)
            if recording is not None:
                _describe(streams.recording(recording.id) or recording)


def _describe(recording: Recording) -> None:
    if recording.status is not RecordingStatus.RECORDING:
        return
    media = bucket.media_of(recording.prefix)
    if media is None:
        return
    streams.change_recording(recording, lambda seen: seen.model_copy(update={"media": media}))
    logger.info("recording found", recording=recording.id)
    count("RecordingsFound")


def _remove(recording: Recording) -> None:
    if recording.status is not RecordingStatus.REMOVING:
        return
    if bucket.remove(recording.prefix, pages=PAGES_AT_ONCE):
        streams.change_recording(recording, lambda seen: seen.model_copy(update={"removal": "done"}))
        logger.info("recording removed", recording=recording.id)
        count("RecordingsRemoved")


handler = background(work)

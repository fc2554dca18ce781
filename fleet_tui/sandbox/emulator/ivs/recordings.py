"""What IVS leaves in a bucket when it records a stream.

Folders, names and metadata as in https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html,
read 2026. There is no picture behind them: segments hold a few bytes.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import s3

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.ivs.store import Record, iso

SEGMENT_SECONDS = 10
PLAYLIST = "application/x-mpegURL"
BITS_PER_LINE = 5_500
"""Bandwidth of a rendition below the source, by its height."""
MOST_SEGMENTS = 2
"""Segments that are written of a rendition at most, however long the recording is."""

LADDER = ((720, 1280), (480, 852), (360, 640), (160, 284))
"""Heights and widths of the renditions below the source; a BASIC channel has none of them."""


def start(session: Record, at: float) -> None:
    """Give a session the place of its recording."""
    moment = datetime.fromtimestamp(at, UTC)
    channel = session["channel"]["arn"].rsplit("/", 1)[1]
    when = f"{moment.year}/{moment.month}/{moment.day}/{moment.hour}/{moment.minute}"
    identity = identifiers.draw("recording")
    session["recordingSession"] = identity
    session["recordingPrefix"] = f"ivs/v1/{get_account_id()}/{channel}/{when}/{identity}"


def bucket_of(session: Record) -> str:
    """The bucket that a session is recorded into."""
    return str(session["recording"]["destinationConfiguration"]["s3"]["bucketName"])


def detail_of(session: Record, at: float) -> dict[str, Any]:
    """What events of a recording say of it, at a moment in seconds since the epoch."""
    duration = 0 if session["end"] is None else round((at - session["start"]) * 1000)
    return {
        "recording_status_reason": "",
        "recording_s3_bucket_name": bucket_of(session),
        "recording_s3_key_prefix": session["recordingPrefix"],
        "recording_duration_ms": duration,
        "recording_session_id": session["recordingSession"],
        "recording_session_stream_ids": [session["streamId"]],
    }


def _renditions(session: Record) -> list[Record]:
    source = int(session["video"]["videoHeight"]), int(session["video"]["videoWidth"])
    rate = int(session["video"]["targetFramerate"])
    lower = [] if session["channel"]["type"] == "BASIC" else [size for size in LADDER if size < source]
    return [
        {
            "path": f"{height}p{rate}",
            "playlist": "playlist.m3u8",
            "byte_range_playlist": "byte-range-variant.m3u8",
            "resolution_height": height,
            "resolution_width": width,
        }
        for height, width in (source, *lower)
    ]


def _metadata(session: Record, status: str) -> Record:
    height, width = session["video"]["videoHeight"], session["video"]["videoWidth"]
    end, ended = session["end"], {}
    if end is not None:
        ended = {"recording_ended_at": iso(end)}
    hls = {
        **({"duration_ms": round((end - session["start"]) * 1000)} if end is not None else {}),
        "path": "media/hls",
        "playlist": "master.m3u8",
        "byte_range_playlist": "byte-range-multivariant.m3u8",
        "renditions": _renditions(session),
    }
    thumbnails = {"path": "media/thumbnails", "resolution_height": height, "resolution_width": width}
    return {
        "version": "v1",
        "recording_started_at": iso(session["start"]),
        **ended,
        "channel_arn": session["channel"]["arn"],
        "recording_status": status,
        "media": {"hls": hls, "thumbnails": thumbnails},
    }


def _write(session: Record, name: str, content: str | bytes, kind: str) -> None:
    data = content.encode() if isinstance(content, str) else content
    s3._put_object(bucket_of(session), f"{session['recordingPrefix']}/{name}", data, {"content-type": kind})


def write_start(session: Record) -> None:
    """Write what is there when a recording has begun."""
    text = json.dumps(_metadata(session, "RECORDING_STARTED"))
    _write(session, "events/recording-started.json", text, "application/json")


def _playlist(seconds: float) -> str:
    count = min(max(1, math.ceil(seconds / SEGMENT_SECONDS)), MOST_SEGMENTS)
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", f"#EXT-X-TARGETDURATION:{SEGMENT_SECONDS}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for number in range(count):
        lines += [f"#EXTINF:{SEGMENT_SECONDS}.000,", f"{number}.ts"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _master(session: Record, key: str) -> str:
    """The playlist of all renditions' playlists, of the kind that their metadata has under `key`."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:4"]
    for rendition in _renditions(session):
        height, width = rendition["resolution_height"], rendition["resolution_width"]
        bits = min(int(session["video"]["targetBitrate"]), height * BITS_PER_LINE)
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={bits},CODECS="avc1.640029,mp4a.40.2",RESOLUTION={width}x{height}',
            f"{rendition['path']}/{rendition[key]}",
        ]
    return "\n".join([*lines, ""])


def write_end(session: Record) -> None:
    """Write what is there when a recording is complete."""
    playlist, hls = _playlist(session["end"] - session["start"]), "media/hls"
    for rendition in _renditions(session):
        folder = f"{hls}/{rendition['path']}"
        for key in ("playlist", "byte_range_playlist"):
            _write(session, f"{folder}/{rendition[key]}", playlist, PLAYLIST)
        for number in range(playlist.count(".ts")):
            _write(session, f"{folder}/{number}.ts", b"\x47" + bytes(187), "video/mp2t")
    _write(session, f"{hls}/master.m3u8", _master(session, "playlist"), PLAYLIST)
    _write(session, f"{hls}/byte-range-multivariant.m3u8", _master(session, "byte_range_playlist"), PLAYLIST)
    _write(session, "media/thumbnails/thumb0.jpg", b"\xff\xd8\xff\xd9", "image/jpeg")
    text = json.dumps(_metadata(session, "RECORDING_ENDED"))
    _write(session, "events/recording-ended.json", text, "application/json")

"""What viewers and operators are shown."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from ivs_streaming.channel import Channel, is_certain, on_air
from ivs_streaming.recordings import Recording, RecordingStatus, expires_at
from shared.fields import PlainText

MAX_TITLE_CHARS = 120

_STEPS = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Playback(StrEnum):
    """Who may watch."""

    OPEN = "open"
    MEMBERS = "members"


class Live(_Value):
    """Whether the creator is live.

    Args:
        live: null while it is not known: the stream was on air, and nothing was heard of it for five minutes.
        since: when the stream began.
        title: of the stream that is on or comes next.
        viewers_at_least: how many watch, rounded down to 1, 2, 5, 10, 20, 50 …; null while it is not known.
        interrupted: the encoder has ceased to send, and the picture stands still.
        playback: whether everyone may watch, or members with a playback token.
        playback_url: HLS playlist; null where a token is needed.
    """

    live: bool | None
    since: datetime | None
    title: str | None
    viewers_at_least: int | None
    interrupted: bool
    playback: Playback
    playback_url: str | None


class Title(_Value):
    """What operators call the stream that is on or comes next; null for nothing."""

    title: PlainText | None = Field(max_length=MAX_TITLE_CHARS)


class PlaybackToken(_Value):
    """A member's way to the stream: the player adds the token to the address as `?token=`."""

    token: str
    expires_at: datetime
    playback_url: str


class Video(_Value):
    """A recording for viewers.

    Args:
        duration_s: whole seconds.
        playback: path of the HLS playlist on the creator's site; null where the site does not serve it.
        thumbnail: path of an image on the creator's site; null where there is none.
        expires_at: it is gone from then on.
    """

    id: str
    title: str | None
    started_at: datetime
    duration_s: int
    playback: str | None
    thumbnail: str | None
    expires_at: datetime


class Videos(_Value):
    """A page of videos, newest first; the last one has no cursor."""

    videos: tuple[Video, ...]
    next_cursor: str | None


class Managed(_Value):
    """A recording for operators."""

    id: str
    status: RecordingStatus
    title: str | None
    published: bool
    started_at: datetime
    duration_s: int | None
    prefix: str
    expires_at: datetime


class ManagedPage(_Value):
    """A page of recordings, newest first; the last one has no cursor."""

    recordings: tuple[Managed, ...]
    next_cursor: str | None


class Edit(_Value):
    """What operators may change of a recording."""

    title: PlainText | None = Field(max_length=MAX_TITLE_CHARS)
    published: bool


class StreamKey(_Value):
    """What an encoder needs to go live. Whoever has the key can."""

    ingest_server: str
    stream_key: str


class Rotation(_Value):
    """What operators ask for.

    Args:
        force: rotate although the channel is live; the running stream is then cut off.
    """

    force: bool = False


def live_of(channel: Channel, now: datetime, playback_url: str, *, authorized: bool) -> Live:
    """The public's view of a channel."""
    stream = on_air(channel)
    certain = stream is not None and is_certain(stream, now)
    look = channel.look
    counted = look.viewers if look and stream and certain and look.stream_id == stream.id else None
    return Live(
        live=certain or (None if stream else False),
        since=stream.started_at if stream and certain else None,
        title=channel.title,
        viewers_at_least=None if counted is None else rounded_down(counted),
        interrupted=bool(stream and certain and stream.starving),
        playback=Playback.MEMBERS if authorized else Playback.OPEN,
        playback_url=None if authorized else playback_url,
    )


def rounded_down(count: int) -> int:
    """A count as 0, 1, 2, 5, 10, 20, 50 …: nobody learns from it that one person came or went."""
    place = bisect_right(_STEPS, count)
    return _STEPS[place - 1] if place else 0


def video_of(recording: Recording, retention: timedelta, *, served: bool) -> Video | None:
    """A viewer's view of a recording; None of one that cannot be played."""
    if recording.media is None:
        return None
    base, thumbnail = f"/{recording.prefix}", recording.media.thumbnail
    return Video(
        id=recording.id,
        title=recording.title,
        started_at=recording.started_at,
        duration_s=recording.media.duration_ms // 1000,
        playback=f"{base}/{recording.media.playlist}" if served else None,
        thumbnail=f"{base}/{thumbnail}" if served and thumbnail else None,
        expires_at=expires_at(recording, retention),
    )


def managed_of(recording: Recording, retention: timedelta) -> Managed:
    """An operator's view of a recording."""
    duration_ms = recording.media.duration_ms if recording.media else recording.duration_ms
    return Managed(
        id=recording.id,
        status=recording.status,
        title=recording.title,
        published=recording.published,
        started_at=recording.started_at,
        duration_s=None if duration_ms is None else duration_ms // 1000,
        prefix=recording.prefix,
        expires_at=expires_at(recording, retention),
    )

"""A recording, from its first event to its deletion, and what viewers and operators see of it.

IVS writes each recording below a prefix of its own that names the minute it began in
(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html). What is kept of it follows
from events and from IVS' own description beside the media, in whatever order and however often they come.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LONGEST = timedelta(hours=48)
"""After this IVS begins a new recording."""

_ROOT = r"ivs/v1/[0-9]{12}/[A-Za-z0-9-]{1,64}"
_PREFIX = re.compile(
    rf"(?P<root>{_ROOT})/(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}})"
    r"/(?P<hour>[0-9]{1,2})/(?P<minute>[0-9]{1,2})/(?P<id>[A-Za-z0-9_-]{1,64})",
    re.ASCII,
)

RecordingId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def _steps_nowhere(path: str) -> str:
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError("is no path below its recording")
    return path


RelativePath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_./-]{1,200}$"), AfterValidator(_steps_nowhere)
]
"""A path below a recording's prefix."""


class RecordingStatus(StrEnum):
    """Where a recording is on its way.

    `recording` until IVS has described it as ended; `failed` when IVS could not write it; `removing` while
    its objects are deleted, `removed` afterwards.
    """

    RECORDING = "recording"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    FAILED = "failed"
    REMOVING = "removing"
    REMOVED = "removed"


SHOWN = (
    RecordingStatus.PUBLISHED,
    RecordingStatus.HIDDEN,
    RecordingStatus.RECORDING,
    RecordingStatus.FAILED,
)
"""What operators may ask for; what is deleted is gone for them, too."""


class EventName(StrEnum):
    """IVS' events of a recording."""

    START = "Recording Start"
    END = "Recording End"
    START_FAILURE = "Recording Start Failure"
    END_FAILURE = "Recording End Failure"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Media(_Value):
    """What of a recording can be played; paths are below its prefix.

    Args:
        playlist: multivariant HLS playlist.
        duration_ms: of the playlist, in milliseconds.
        thumbnail: an image of it, if there is one.
    """

    playlist: RelativePath
    duration_ms: int = Field(ge=0)
    thumbnail: RelativePath | None = None


class Recording(_Value):
    """A recording as it is stored.

    Args:
        id: IVS' own, the end of its prefix.
        prefix: of its objects' keys, without a slash at the end.
        started_at: the minute it began in, UTC.
        duration_ms: as IVS' event told it, in milliseconds.
        failed: IVS could not write it, or not all of it.
        media: what can be played, once IVS has described it.
        title: what viewers read.
        published: whether viewers see it.
        removal: how far its deletion is.
        version: counts changes.
    """

    id: RecordingId
    prefix: str
    started_at: datetime
    duration_ms: int | None = None
    failed: bool = False
    media: Media | None = None
    title: str | None = None
    published: bool = True
    removal: Literal["asked", "done"] | None = None
    version: int = 0

    @property
    def status(self) -> RecordingStatus:
        """Where it is on its way."""
        if self.removal:
            return RecordingStatus.REMOVED if self.removal == "done" else RecordingStatus.REMOVING
        if self.failed:
            return RecordingStatus.FAILED
        if self.media is None:
            return RecordingStatus.RECORDING
        return RecordingStatus.PUBLISHED if self.published else RecordingStatus.HIDDEN


def opened(prefix: str, root: str, title: str | None = None) -> Recording | None:
    """The recording below a prefix, as nothing else is known of it; None where the prefix is not one of ours.

    Args:
        prefix: of its objects' keys.
        root: of the keys of all of the channel's recordings.
        title: what it is called until an operator calls it otherwise.
    """
    found = _PREFIX.fullmatch(prefix)
    if found is None or found["root"] != root:
        return None
    year, month, day, hour, minute = (int(found[part]) for part in ("year", "month", "day", "hour", "minute"))
    try:
        started_at = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    return Recording(id=found["id"], prefix=prefix, started_at=started_at, title=title)


def told(recording: Recording, event: EventName, duration_ms: int | None) -> Recording:
    """The recording with what an event tells of it."""
    if event in (EventName.START_FAILURE, EventName.END_FAILURE):
        return recording.model_copy(update={"failed": True})
    if event is EventName.END and duration_ms is not None:
        longest = max(duration_ms, recording.duration_ms or 0)
        return recording.model_copy(update={"duration_ms": longest})
    return recording


def may_still_run(recording: Recording, now: datetime) -> bool:
    """Whether IVS may still be writing it."""
    return recording.status is RecordingStatus.RECORDING and now - recording.started_at <= LONGEST


def expires_at(recording: Recording, retention: timedelta) -> datetime:
    """When it is over for viewers: the bucket takes the first of its objects at the next midnight (UTC).

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    return recording.started_at + retention


def day_prefixes(root: str, now: datetime) -> list[str]:
    """Prefixes of the days on which a recording began that may have ended by now, newest first."""
    days = [now.date() - timedelta(days=ago) for ago in range(LONGEST.days + 2)]
    return [f"{root}/{day.year}/{day.month}/{day.day}/" for day in days]


class _Hls(BaseModel):
    path: RelativePath
    playlist: RelativePath
    duration_ms: int = Field(ge=0)


class _Thumbnails(BaseModel):
    path: RelativePath


class _Contents(BaseModel):
    hls: _Hls
    thumbnails: _Thumbnails | None = None


class Description(BaseModel):
    """IVS' own description of a recording that has ended, as far as it is read.

    https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html#r2s3-json-metadata-files
    """

    media: _Contents

"""`GET /live` and `GET /videos`: what is on, and what was. From the table alone, however many ask."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ivs_streaming.recordings import RecordingStatus
from ivs_streaming.settings import settings
from ivs_streaming.streams_table import StreamsTable
from ivs_streaming.views import Live, Videos, live_of, video_of
from shared.api import Api, Call

LIVE_MAX_AGE_S = 5
VIDEOS_MAX_AGE_S = 60
MAX_LIMIT = 50


class Query(BaseModel):
    """The query string.

    Args:
        limit: most videos on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 20
    cursor: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_=-]+$")] | None = None


api = Api()
streams = StreamsTable(settings().streams_table, settings().retention)


@api.get("/live")
def get_live(call: Call) -> Live:
    """Whether the creator is live, since when, and how to watch."""
    call.headers["Cache-Control"] = f"public, max-age={LIVE_MAX_AGE_S}"
    channel = streams.channel(consistent=False)
    authorized = settings().authorized_playback
    return live_of(channel, call.now, settings().playback_url, authorized=authorized)


@api.get("/videos", refusals={400: "The cursor is not one of this list."})
def get_videos(call: Call, query: Query) -> Videos:
    """Recordings of past streams, newest first, until they expire."""
    call.headers["Cache-Control"] = f"public, max-age={VIDEOS_MAX_AGE_S}"
    if settings().recordings_bucket is None:
        return Videos(videos=(), next_cursor=None)
    page, cursor = streams.page(
        RecordingStatus.PUBLISHED, now=call.now, limit=query.limit, cursor=query.cursor
    )
    retention, served = settings().retention, settings().recordings_served
    videos = (video_of(recording, retention, served=served) for recording in page)
    return Videos(videos=tuple(video for video in videos if video), next_cursor=cursor)


handler = api.handler

"""What operators do with titles and recordings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivs_streaming.recordings import Recording, RecordingStatus, may_still_run
from ivs_streaming.settings import settings
from ivs_streaming.streams_table import StreamsTable
from ivs_streaming.views import Edit, Managed, ManagedPage, Title, managed_of
from shared.api import Api, Call
from shared.callers import Caller
from shared.problems import ProblemError, not_found
from shared.telemetry import count, logger

MAX_LIMIT = 100

_CONTENDED = {503: "The table is contended; nothing was changed."}


class Query(BaseModel):
    """The query string.

    Args:
        status: which recordings; those that are deleted are not shown.
        limit: most recordings on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    status: Literal["published", "hidden", "recording", "failed"] = "published"
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    cursor: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_=-]+$")] | None = None


api = Api()
streams = StreamsTable(settings().streams_table, settings().retention)


@api.put("/live", by=Caller.OPERATOR, refusals=_CONTENDED)
def name_stream(_: Call, body: Title) -> Title:
    """Give the stream that is on or comes next its title; its recording is called the same."""
    channel = streams.change_channel(lambda seen: seen.model_copy(update={"title": body.title}))
    logger.info("stream named")
    return Title(title=channel.title)


@api.get("/recordings", by=Caller.OPERATOR, refusals={400: "The cursor is not one of this list."})
def list_recordings(call: Call, query: Query) -> ManagedPage:
    """Recordings of one status, newest first."""
    page, cursor = streams.page(
        RecordingStatus(query.status), now=call.now, limit=query.limit, cursor=query.cursor
    )
    shown = tuple(managed_of(recording, settings().retention) for recording in page)
    return ManagedPage(recordings=shown, next_cursor=cursor)


@api.put("/videos/{id}", by=Caller.OPERATOR, refusals={404: "There is no such recording.", **_CONTENDED})
def edit_video(call: Call, body: Edit) -> Managed:
    """Give a recording its title, and publish or hide it."""
    changes = {"title": body.title, "published": body.published}
    recording = streams.change_recording(_known(call), lambda seen: _kept(seen).model_copy(update=changes))
    logger.info("recording edited", recording=recording.id, published=recording.published)
    return managed_of(recording, settings().retention)


@api.delete(
    "/videos/{id}",
    by=Caller.OPERATOR,
    refusals={
        404: "There is no such recording.",
        409: "IVS is still writing it.",
        **_CONTENDED,
    },
)
def delete_video(call: Call) -> None:
    """Hide a recording at once and for good; its objects are deleted in the background."""

    def change(seen: Recording) -> Recording:
        if may_still_run(_kept(seen), call.now):
            raise ProblemError(
                409,
                "still-recording",
                "The recording has not ended",
                "IVS is still writing it. Hide it, or delete it after the stream's end.",
            )
        return seen.model_copy(update={"removal": "asked"})

    recording = streams.change_recording(_known(call), change)
    logger.info("recording deleted", recording=recording.id)
    count("RecordingsDeleted")


def _known(call: Call) -> Recording:
    recording = streams.recording(call.path["id"])
    if recording is None:
        raise not_found("such recording")
    return _kept(recording)


def _kept(recording: Recording) -> Recording:
    """The recording, unless it is deleted. Raises 404 where it is."""
    if recording.removal:
        raise not_found("such recording")
    return recording


handler = api.handler

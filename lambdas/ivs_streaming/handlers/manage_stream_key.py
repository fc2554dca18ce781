"""`GET /stream-key` and `POST /stream-key/rotate`: whoever has the key can go live. It is never logged."""

from __future__ import annotations

from ivs_streaming import ivs
from ivs_streaming.settings import settings
from ivs_streaming.views import Rotation, StreamKey
from shared.api import Api, Call
from shared.callers import Caller
from shared.problems import ProblemError
from shared.telemetry import count, logger

api = Api()


@api.get("/stream-key", by=Caller.OPERATOR, refusals={404: "There is no key: a rotation was broken off."})
def get_stream_key(_: Call) -> StreamKey:
    """The key that an encoder goes live with."""
    return _shown(ivs.stream_key(settings().channel_arn))


@api.post(
    "/stream-key/rotate",
    by=Caller.OPERATOR,
    refusals={
        409: "The channel is live and `force` is not set, or AWS has yet to verify the account.",
        503: "Somebody else rotates the key just now.",
    },
)
def rotate_stream_key(_: Call, body: Rotation) -> StreamKey:
    """A new key; the old one is void at once. With `force` a running stream is cut off as well."""
    live = ivs.sighting_of(settings().channel_arn) is not None
    if live and not body.force:
        raise ProblemError(
            409,
            "live",
            "The channel is live",
            "Wait for the stream's end, or send `force` to cut it off.",
        )
    key = ivs.rotate_stream_key(settings().channel_arn, cut=live)
    logger.info("stream key rotated", cut=live)
    count("StreamKeysRotated")
    return _shown(key)


def _shown(key: str) -> StreamKey:
    return StreamKey(ingest_server=f"rtmps://{settings().ingest_endpoint}:443/app/", stream_key=key)


handler = api.handler

"""The streaming module's functions behind their routes, with what they reach for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from botocore.stub import Stubber

from ivs_streaming.settings import SAMPLE
from tests.lambdas.functions import ACCOUNT, NOW, Answer, Functions

CHANNEL = SAMPLE["CHANNEL_ARN"]
ROOT = f"ivs/v1/{ACCOUNT}/abcdEFGHijkl"
STREAM_KEY = f"arn:aws:ivs:eu-central-1:{ACCOUNT}:stream-key/{{}}"
STREAM = "st-1A2b3c4D5e6F78ghij9Klmn01"
TAGS: dict[str, str] = {}


def stream_event(name: str, stream: str, at: datetime) -> dict[str, Any]:
    """An event of a stream as EventBridge hands it over."""
    kind = "IVS Stream Health Change" if name.startswith("Starvation") else "IVS Stream State Change"
    detail = {"event_name": name, "channel_name": "kasper", "stream_id": stream}
    return _event(kind, detail, at)


def recording_event(
    status: str, prefix: str, at: datetime, duration_ms: int = 0, bucket: str = "recordings"
) -> dict[str, Any]:
    """An event of a recording as EventBridge hands it over."""
    detail = {
        "channel_name": "kasper",
        "stream_id": STREAM,
        "recording_status": status,
        "recording_status_reason": "",
        "recording_s3_bucket_name": bucket,
        "recording_s3_key_prefix": prefix,
        "recording_duration_ms": duration_ms,
        "recording_session_id": "a6RfV23ES97iyfoQ",
        "recording_session_stream_ids": [STREAM],
    }
    return _event("IVS Recording State Change", detail, at)


def _event(kind: str, detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "6f1c7a3e-0000-4000-8000-000000000001",
        "detail-type": kind,
        "source": "aws.ivs",
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-central-1",
        "resources": [CHANNEL],
        "detail": detail,
    }


def prefix_of(began: datetime, recording: str) -> str:
    """Where IVS puts a recording."""
    minute = f"{began.year}/{began.month}/{began.day}/{began.hour}/{began.minute}"
    return f"{ROOT}/{minute}/{recording}"


class Ivs:
    """IVS with the answers that a test expects to be asked for, in their order."""

    def __init__(self, stubber: Stubber) -> None:
        self._stubber = stubber

    def live(self, stream: str, started_at: datetime, *, viewers: int = 7, health: str = "HEALTHY") -> None:
        """The next look finds this stream."""
        answer = {
            "channelArn": CHANNEL,
            "streamId": stream,
            "playbackUrl": SAMPLE["PLAYBACK_URL"],
            "startTime": started_at,
            "state": "LIVE",
            "health": health,
            "viewerCount": viewers,
        }
        self._stubber.add_response("get_stream", {"stream": answer}, {"channelArn": CHANNEL})

    def offline(self) -> None:
        """The next look finds nothing."""
        self.fails("get_stream", "ChannelNotBroadcasting")

    def keys(self, *names: str) -> None:
        """The channel has these keys."""
        keys = [{"arn": STREAM_KEY.format(name), "channelArn": CHANNEL, "tags": TAGS} for name in names]
        self._stubber.add_response("list_stream_keys", {"streamKeys": keys}, {"channelArn": CHANNEL})

    def shows(self, name: str, value: str) -> None:
        """The key is asked for."""
        self._stubber.add_response("get_stream_key", self._key(name, value), {"arn": STREAM_KEY.format(name)})

    def deletes(self, name: str) -> None:
        """The key is deleted."""
        self._stubber.add_response("delete_stream_key", {}, {"arn": STREAM_KEY.format(name)})

    def stops(self) -> None:
        """The stream is cut off."""
        self._stubber.add_response("stop_stream", {}, {"channelArn": CHANNEL})

    def makes(self, name: str, value: str) -> None:
        """A key is made."""
        self._stubber.add_response("create_stream_key", self._key(name, value), {"channelArn": CHANNEL})

    def fails(self, operation: str, code: str) -> None:
        """The next call is refused."""
        self._stubber.add_client_error(operation, code)

    def was_asked_everything(self) -> None:
        """No answer is left."""
        self._stubber.assert_no_pending_responses()

    def _key(self, name: str, value: str) -> dict[str, Any]:
        return {
            "streamKey": {
                "arn": STREAM_KEY.format(name),
                "channelArn": CHANNEL,
                "value": value,
                "tags": TAGS,
            }
        }


@dataclass
class Streaming(Functions):
    """The functions behind their routes, and what they reach for."""

    dynamodb: Any = None
    s3: Any = None
    ivs: Any = None

    def hear(self, *events: dict[str, Any]) -> None:
        """EventBridge brings events."""
        for event in events:
            self.invoke("record_stream_state", event)

    def look(self, now: datetime | None = None) -> None:
        """A minute is over."""
        from ivs_streaming.handlers import record_stream_state

        record_stream_state.work({"source": "aws.events"}, now or self.now)

    def live(self, **options: Any) -> Any:
        """GET /live."""
        return self.call("get_streams", "GET", "/live", **options)

    def videos(self, **query: str) -> Any:
        """GET /videos."""
        return self.call("get_streams", "GET", "/videos", query=query)

    def recordings(self, **query: str) -> Answer:
        """GET /recordings as an operator."""
        return self.call("manage_videos", "GET", "/recordings", operator=True, query=query)

    def edit(self, recording: str, **fields: Any) -> Answer:
        """PUT /videos/{id} as an operator."""
        body = {"title": None, "published": True, **fields}
        return self.call("manage_videos", "PUT", f"/videos/{recording}", body, operator=True)

    def delete(self, recording: str) -> Answer:
        """DELETE /videos/{id} as an operator."""
        return self.call("manage_videos", "DELETE", f"/videos/{recording}", operator=True)

    def reconcile(self, now: datetime | None = None) -> None:
        """An hour is over."""
        from ivs_streaming.handlers import reconcile_recordings

        reconcile_recordings.work({"source": "aws.events"}, now or self.now)

    def write(
        self, prefix: str, *, ended: bool = True, description: str | None = None, images: int = 3
    ) -> None:
        """IVS writes a recording."""
        text = description or json.dumps(
            {
                "version": "v1",
                "channel_arn": CHANNEL,
                "recording_status": "RECORDING_ENDED",
                "media": {
                    "hls": {
                        "duration_ms": 3_600_500,
                        "path": "media/hls",
                        "playlist": "master.m3u8",
                        "byte_range_playlist": "byte-range-multivariant.m3u8",
                        "renditions": [{"path": "720p30", "playlist": "playlist.m3u8"}],
                    },
                    "thumbnails": {"path": "media/thumbnails"},
                },
            }
        )
        files = {
            f"{prefix}/events/recording-started.json": "{}",
            f"{prefix}/media/hls/master.m3u8": "#EXTM3U",
        }
        files |= {f"{prefix}/media/thumbnails/thumb{number}.jpg": "" for number in range(images)}
        if ended:
            files[f"{prefix}/events/recording-ended.json"] = text
        for key, content in files.items():
            self.s3.put_object(Bucket="recordings", Key=key, Body=content.encode())

    def keys(self, prefix: str = "") -> list[str]:
        """Keys in the bucket."""
        listed = self.s3.list_objects_v2(Bucket="recordings", Prefix=prefix)
        return [found["Key"] for found in listed.get("Contents", [])]

    def record(self, recording: str, began: datetime | None = None) -> str:
        """A whole recording: written and told of. Gives its prefix."""
        began = began or self.now - timedelta(hours=2)
        prefix = prefix_of(began, recording)
        self.write(prefix)
        self.hear(
            recording_event("Recording Start", prefix, began),
            recording_event("Recording End", prefix, began + timedelta(hours=1), 3_600_000),
        )
        return prefix

    def item(self, pk: str) -> dict[str, Any]:
        """An item of the table by its partition."""
        found = self.dynamodb.scan(TableName="streams")["Items"]
        return next((item for item in found if item["pk"]["S"] == pk), {})


@contextmanager
def set_to(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType, **changes: Any) -> Iterator[None]:
    """Functions of a creator whose settings differ from the sample."""
    from ivs_streaming.settings import settings

    changed = settings().model_copy(update=changes)
    with monkeypatch.context() as patch:
        for module in modules:
            patch.setattr(module, "settings", lambda: changed)
        yield


__all__ = [
    "NOW",
    "ROOT",
    "STREAM",
    "Ivs",
    "Streaming",
    "prefix_of",
    "recording_event",
    "set_to",
    "stream_event",
]

"""Stream sessions: their life, which the back door drives, and the operations that read them."""

from __future__ import annotations

import copy
import time
from typing import Any

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.ivs import events, recordings, store
from fleet_tui.sandbox.emulator.ivs.channels import CHANNEL
from fleet_tui.sandbox.emulator.ivs.configurations import RECORDING
from fleet_tui.sandbox.emulator.ivs.store import Record, find, invalid, iso, page
from fleet_tui.sandbox.emulator.wire import ServiceError

HEALTH = ("HEALTHY", "STARVING", "UNKNOWN")

VIDEO = {
    "avcProfile": "High", "avcLevel": "4.1", "codec": "avc1.640029", "encoder": "obs-output module",
    "targetBitrate": 6_000_000, "targetFramerate": 30, "videoHeight": 1080, "videoWidth": 1920,
}  # fmt: skip
AUDIO = {"codec": "mp4a.40.2", "targetBitrate": 160_000, "sampleRate": 48_000, "channels": 2}
"""What an encoder sends where the back door does not say."""


def live_session(channel_arn: str) -> Record:
    """The session that runs on a channel.

    Raises:
        ServiceError: ChannelNotBroadcasting, or the channel is not there.
    """
    find(channel_arn, CHANNEL)
    sessions = store.sessions.get(channel_arn) or []
    if not sessions or sessions[0]["end"] is not None:
        raise ServiceError(404, "ChannelNotBroadcasting", f"Channel: {channel_arn} is not broadcasting")
    session: Record = sessions[0]
    return session


def start(channel_arn: str, at: float, viewers: int, health: str, ingest: dict[str, Any]) -> Record:
    """An encoder connects: a new session, live at once.

    Args:
        channel_arn: where.
        at: when, in seconds since the epoch; may lie in the past.
        viewers: how many watch; -1 is IVS' own "could not count in time".
        health: one of `HEALTH`.
        ingest: fields of the video and audio configuration, `{"video": {…}, "audio": {…}}`.

    Raises:
        ServiceError: no such channel, live already, or no such health.
    """
    channel = find(channel_arn, CHANNEL)
    sessions = store.sessions.get(channel_arn) or []
    if sessions and sessions[0]["end"] is None:
        raise ServiceError(409, "ConflictException", f"Channel: {channel_arn} is live already")
    _check_health(health)
    recording = channel.get("recordingConfigurationArn")
    session = {
        "streamId": f"st-{identifiers.draw('stream', 26)}",
        "start": at,
        "end": None,
        "health": health,
        "viewers": viewers,
        "video": {**VIDEO, **(ingest.get("video") or {})},
        "audio": {**AUDIO, **(ingest.get("audio") or {})},
        "channel": copy.deepcopy(store.public(channel)),
        "recording": copy.deepcopy(store.public(find(recording, RECORDING))) if recording else None,
        "events": [],
    }
    store.sessions[channel_arn] = [session, *sessions]
    events.record(session, channel, "Session Created", at)
    events.record(session, channel, "Stream Start", at)
    if recording:
        recordings.start(session, at)
        recordings.write_start(session)
        events.record(session, channel, "Recording Start", at, recordings.detail_of(session, at))
    return session


def _check_health(health: str) -> None:
    if health not in HEALTH:
        raise invalid(f"health must be one of {', '.join(HEALTH)}")


def update(channel_arn: str, changes: dict[str, Any]) -> Record:
    """Change `viewers`, `health`, `video` or `audio` of a live stream, without an event."""
    session = live_session(channel_arn)
    if (health := changes.get("health")) is not None:
        _check_health(health)
        session["health"] = health
    if (viewers := changes.get("viewers")) is not None:
        session["viewers"] = viewers
    for part in ("video", "audio"):
        session[part].update(changes.get(part) or {})
    return session


def starve(channel_arn: str, at: float) -> Record:
    """The encoder sends too little; nothing happens where it starves already."""
    session = live_session(channel_arn)
    if session["health"] != "STARVING":
        session["health"] = "STARVING"
        events.record(session, find(channel_arn, CHANNEL), "Starvation Start", at)
    return session


def recover(channel_arn: str, at: float) -> Record:
    """The encoder sends enough again; nothing happens where it does not starve."""
    session = live_session(channel_arn)
    if session["health"] == "STARVING":
        session["health"] = "HEALTHY"
        events.record(session, find(channel_arn, CHANNEL), "Starvation End", at)
    return session


def end(channel_arn: str, at: float) -> Record:
    """The stream ends. One that starved until then has no Starvation End: its encoder was lost."""
    session = live_session(channel_arn)
    channel = find(channel_arn, CHANNEL)
    session["end"] = at
    events.record(session, channel, "Stream End", at)
    if session["recording"]:
        recordings.write_end(session)
        events.record(session, channel, "Recording End", at, recordings.detail_of(session, at))
    events.record(session, channel, "Session Ended", at)
    return session


def stream_view(session: Record) -> Record:
    """A live session as ListStreams shows it."""
    return {
        "channelArn": session["channel"]["arn"],
        "streamId": session["streamId"],
        "state": "LIVE",
        "health": session["health"],
        "viewerCount": session["viewers"],
        "startTime": iso(session["start"]),
    }


def list_streams(body: Record) -> Record:
    """ListStreams: what is live, newest first."""
    health = (body.get("filterBy") or {}).get("health")
    if health is not None:
        _check_health(health)
    live = [sessions[0] for sessions in store.sessions.values() if sessions and sessions[0]["end"] is None]
    live = [session for session in live if health in (None, session["health"])]
    live.sort(key=lambda session: -session["start"])
    return page([stream_view(session) for session in live], body, "streams")


def get_stream(body: Record) -> Record:
    """GetStream."""
    session = live_session(body["channelArn"])
    return {"stream": {**stream_view(session), "playbackUrl": session["channel"]["playbackUrl"]}}


def stop_stream(body: Record) -> Record:
    """StopStream: the encoder is disconnected."""
    end(body["channelArn"], time.time())
    return {}


def put_metadata(body: Record) -> None:
    """PutMetadata; at most 1 KB."""
    live_session(body["channelArn"])
    if len((body.get("metadata") or "").encode()) > 1024:
        raise invalid("metadata is larger than 1024 bytes")


def list_stream_sessions(body: Record) -> Record:
    """ListStreamSessions of a channel, newest first."""
    find(body.get("channelArn"), CHANNEL)
    found = []
    for session in store.sessions.get(body["channelArn"]) or []:
        view = {"streamId": session["streamId"], "startTime": iso(session["start"])}
        if session["end"] is not None:
            view["endTime"] = iso(session["end"])
        found.append({**view, "hasErrorEvent": any(events.is_error(event) for event in session["events"])})
    return page(found, body, "streamSessions")


def get_stream_session(body: Record) -> Record:
    """GetStreamSession: the one that is named, or the newest."""
    find(body.get("channelArn"), CHANNEL)
    wanted = body.get("streamId")
    for session in store.sessions.get(body["channelArn"]) or []:
        if wanted in (None, session["streamId"]):
            return {"streamSession": _session_view(session)}
    raise store.not_found(wanted or "stream session")


def _session_view(session: Record) -> Record:
    view: Record = {
        "streamId": session["streamId"],
        "startTime": iso(session["start"]),
        "channel": session["channel"],
        "ingestConfiguration": {"video": session["video"], "audio": session["audio"]},
        "ingestConfigurations": {
            "videoConfigurations": [session["video"]],
            "audioConfigurations": [session["audio"]],
        },
        "truncatedEvents": [
            {"name": event["name"], "type": event["type"], "eventTime": iso(event["at"])}
            for event in session["events"]
        ],
    }
    if session["end"] is not None:
        view["endTime"] = iso(session["end"])
    if session["recording"]:
        view["recordingConfiguration"] = session["recording"]
    return view


OPERATIONS = (list_streams, get_stream, stop_stream, put_metadata, list_stream_sessions, get_stream_session)

"""Channels and stream keys."""

from __future__ import annotations

import string
from typing import Any

from ministack.core.responses import get_account_id, get_region

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.ivs import store
from fleet_tui.sandbox.emulator.ivs.store import KIND, Record, find, invalid, of_kind, page, public
from fleet_tui.sandbox.emulator.wire import ServiceError

CHANNEL = "channel"
STREAM_KEY = "stream-key"

TYPES = ("BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD")
LATENCY_MODES = ("NORMAL", "LOW")
LOWER = string.ascii_lowercase + string.digits

SETTABLE: dict[str, Any] = {
    "name": "",
    "latencyMode": "LOW",
    "type": "STANDARD",
    "authorized": False,
    "recordingConfigurationArn": "",
    "insecureIngest": False,
    "preset": "",
    "playbackRestrictionPolicyArn": "",
    "containerFormat": "TS",
    "multitrackInputConfiguration": None,
    "adConfigurationArn": None,
}
"""What a request may set, with AWS' defaults."""

SUMMARY = (
    "arn", "name", "latencyMode", "authorized", "recordingConfigurationArn", "tags", "insecureIngest", "type",
    "preset", "playbackRestrictionPolicyArn",
)  # fmt: skip
"""What ListChannels tells of a channel."""


def _check(body: Record) -> None:
    if (kind := body.get("type")) and kind not in TYPES:
        raise invalid(f"type must be one of {', '.join(TYPES)}")
    if (mode := body.get("latencyMode")) and mode not in LATENCY_MODES:
        raise invalid(f"latencyMode must be one of {', '.join(LATENCY_MODES)}")
    if arn := body.get("recordingConfigurationArn"):
        find(arn, "recording-configuration")
    if arn := body.get("playbackRestrictionPolicyArn"):
        find(arn, "playback-restriction-policy")


def is_live(channel_arn: str) -> bool:
    """Whether the channel's newest session has not ended."""
    sessions = store.sessions.get(channel_arn) or []
    return bool(sessions) and sessions[0]["end"] is None


def _new_key(channel_arn: str, tags: dict[str, str]) -> Record:
    value = f"sk_{get_region()}_{identifiers.draw('key-id')}_{identifiers.draw('key-secret', 32)}"
    arn = store.new_arn("ivs", STREAM_KEY)
    record = {KIND: STREAM_KEY, "arn": arn, "channelArn": channel_arn, "value": value, "tags": dict(tags)}
    store.resources[arn] = record
    return public(record)


def create_channel(body: Record) -> Record:
    """CreateChannel: the channel with its first stream key."""
    _check(body)
    arn, region = store.new_arn("ivs", CHANNEL), get_region()
    host = identifiers.draw("host", 12, LOWER)
    name = arn.rsplit("/", 1)[1]
    record = {
        KIND: CHANNEL,
        **SETTABLE,
        **{key: value for key, value in body.items() if key in SETTABLE},
        "arn": arn,
        "tags": dict(body.get("tags") or {}),
        "ingestEndpoint": f"{host}.global-contribute.live-video.net",
        "playbackUrl": f"https://{host}.{region}.playback.live-video.net/api/video/v1/{region}.{get_account_id()}.channel.{name}.m3u8",
        "srt": {"endpoint": f"{host}.srt.live-video.net", "passphrase": identifiers.draw("passphrase", 20)},
    }
    store.resources[arn] = record
    return {"channel": public(record), "streamKey": _new_key(arn, record["tags"])}


def get_channel(body: Record) -> Record:
    """GetChannel."""
    return {"channel": public(find(body.get("arn"), CHANNEL))}


def batch_get_channel(body: Record) -> Record:
    """BatchGetChannel."""
    return _batch(body, CHANNEL, "channels")


def _batch(body: Record, kind: str, key: str) -> Record:
    found, errors = [], []
    for arn in body.get("arns") or []:
        try:
            found.append(public(find(arn, kind)))
        except ServiceError as error:
            errors.append({"arn": arn, "code": error.code, "message": error.message})
    return {key: found, "errors": errors}


def update_channel(body: Record) -> Record:
    """UpdateChannel; a live channel cannot be updated."""
    record = find(body.get("arn"), CHANNEL)
    _check(body)
    if is_live(record["arn"]):
        raise ServiceError(
            409, "ConflictException", f"Channel: {record['arn']} is live and cannot be updated"
        )
    record.update({key: value for key, value in body.items() if key in SETTABLE and value is not None})
    return {"channel": public(record)}


def delete_channel(body: Record) -> None:
    """DeleteChannel, with its stream keys and its history; a live channel cannot be deleted."""
    arn = find(body.get("arn"), CHANNEL)["arn"]
    if is_live(arn):
        raise ServiceError(409, "ConflictException", f"Channel: {arn} is live and cannot be deleted")
    for key in of_kind(STREAM_KEY):
        if key["channelArn"] == arn:
            store.resources.pop(key["arn"])
    store.sessions.pop(arn, None)
    store.resources.pop(arn)


def list_channels(body: Record) -> Record:
    """ListChannels, filtered by one thing at most."""
    filters = {
        "name": body.get("filterByName"),
        "recordingConfigurationArn": body.get("filterByRecordingConfigurationArn"),
        "playbackRestrictionPolicyArn": body.get("filterByPlaybackRestrictionPolicyArn"),
    }
    given = {key: value for key, value in filters.items() if value}
    if len(given) > 1:
        raise ServiceError(409, "ConflictException", "Only one filter can be used")
    channels = [
        {key: channel[key] for key in SUMMARY}
        for channel in of_kind(CHANNEL)
        if all(channel[key] == value for key, value in given.items())
    ]
    return page(channels, body, "channels")


def create_stream_key(body: Record) -> Record:
    """CreateStreamKey; a channel has one key at most."""
    channel_arn = find(body.get("channelArn"), CHANNEL)["arn"]
    if any(key["channelArn"] == channel_arn for key in of_kind(STREAM_KEY)):
        raise ServiceError(402, "ServiceQuotaExceededException", "Stream key quota exceeded for channel: 1")
    return {"streamKey": _new_key(channel_arn, body.get("tags") or {})}


def get_stream_key(body: Record) -> Record:
    """GetStreamKey."""
    return {"streamKey": public(find(body.get("arn"), STREAM_KEY))}


def batch_get_stream_key(body: Record) -> Record:
    """BatchGetStreamKey."""
    return _batch(body, STREAM_KEY, "streamKeys")


def delete_stream_key(body: Record) -> None:
    """DeleteStreamKey."""
    store.resources.pop(find(body.get("arn"), STREAM_KEY)["arn"])


def list_stream_keys(body: Record) -> Record:
    """ListStreamKeys of a channel; values are not shown."""
    channel_arn = find(body.get("channelArn"), CHANNEL)["arn"]
    keys = [
        {name: key[name] for name in ("arn", "channelArn", "tags")}
        for key in of_kind(STREAM_KEY)
        if key["channelArn"] == channel_arn
    ]
    return page(keys, body, "streamKeys")


OPERATIONS = (
    create_channel, get_channel, batch_get_channel, update_channel, delete_channel, list_channels,
    create_stream_key, get_stream_key, batch_get_stream_key, delete_stream_key, list_stream_keys,
)  # fmt: skip

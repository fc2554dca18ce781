"""IVS Chat: rooms, logging configurations, tokens, and the calls that reach a room.

https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/, read 2026. Nobody is connected to a room here: the
back door plays a client that holds a token (`room.py`).
"""

from __future__ import annotations

import re
import time
from typing import Any

from ministack.services import cloudwatch_logs, firehose, s3

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.ivs import room, store
from fleet_tui.sandbox.emulator.ivs.store import KIND, Record, find, invalid, iso, of_kind, page, public
from fleet_tui.sandbox.emulator.wire import ServiceError

ROOM = room.ROOM
LOGGING = room.LOGGING

ROOM_SETTABLE = (
    "name", "maximumMessageRatePerSecond", "maximumMessageLength", "messageReviewHandler",
    "loggingConfigurationIdentifiers",
)  # fmt: skip
LOGGING_CONFIGURATIONS = 3
TOKEN_SECONDS = 60
SESSION_MINUTES = (1, 180)
ATTRIBUTES_BYTES = 1024

_NAME = re.compile(r"[a-zA-Z0-9-_]{0,128}")
_HANDLER = re.compile(r"(arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+)?")
_RANGES = {"maximumMessageRatePerSecond": (1, 100), "maximumMessageLength": (1, 500)}


def _create(kind: str, fields: Record, tags: dict[str, str] | None) -> Record:
    arn, now = store.new_arn("ivschat", kind), iso(time.time())
    record = {
        KIND: kind,
        "arn": arn,
        "id": arn.rsplit("/", 1)[1],
        "createTime": now,
        "updateTime": now,
        **fields,
    }
    store.resources[arn] = {**record, "tags": dict(tags or {})}
    return public(store.resources[arn])


def _update(record: Record, changes: Record) -> Record:
    record.update({key: value for key, value in changes.items() if value is not None})
    record["updateTime"] = iso(time.time())
    return public(record)


def _check_room(body: Record) -> None:
    if not _NAME.fullmatch(body.get("name") or ""):
        raise invalid("name must match [a-zA-Z0-9-_]* and have 128 characters at most")
    for key, (least, most) in _RANGES.items():
        if body.get(key) is not None and not least <= body[key] <= most:
            raise invalid(f"{key} must be between {least} and {most}")
    handler = body.get("messageReviewHandler") or {}
    if not _HANDLER.fullmatch(handler.get("uri") or ""):
        raise invalid("messageReviewHandler.uri must be the ARN of a Lambda function")
    if handler.get("fallbackResult", room.ALLOW) not in (room.ALLOW, room.DENY):
        raise invalid("messageReviewHandler.fallbackResult must be ALLOW or DENY")
    configurations = body.get("loggingConfigurationIdentifiers") or []
    if len(configurations) > LOGGING_CONFIGURATIONS:
        raise invalid(f"loggingConfigurationIdentifiers must have {LOGGING_CONFIGURATIONS} members at most")
    for arn in configurations:
        find(arn, LOGGING)


def _room_fields(body: Record) -> Record:
    given = {key: body[key] for key in ROOM_SETTABLE if body.get(key) is not None}
    if handler := given.get("messageReviewHandler"):
        given["messageReviewHandler"] = {"fallbackResult": room.ALLOW, **handler}
    return given


def create_room(body: Record) -> Record:
    """CreateRoom."""
    _check_room(body)
    defaults = {
        "name": "",
        "maximumMessageRatePerSecond": 10,
        "maximumMessageLength": 500,
        "loggingConfigurationIdentifiers": [],
    }
    return _create(ROOM, {**defaults, **_room_fields(body)}, body.get("tags"))


def get_room(body: Record) -> Record:
    """GetRoom."""
    return public(find(body.get("identifier"), ROOM))


def update_room(body: Record) -> Record:
    """UpdateRoom; a review handler with an empty URI is taken away."""
    record = find(body.get("identifier"), ROOM)
    _check_room(body)
    _update(record, _room_fields(body))
    if not (record.get("messageReviewHandler") or {}).get("uri"):
        record.pop("messageReviewHandler", None)
    return public(record)


def delete_room(body: Record) -> None:
    """DeleteRoom."""
    arn = find(body.get("identifier"), ROOM)["arn"]
    store.deliveries.pop(arn, None)
    store.resources.pop(arn)


def list_rooms(body: Record) -> Record:
    """ListRooms, filtered by name, by the review handler's URI, or by logging configuration."""
    name, uri = body.get("name"), body.get("messageReviewHandlerUri")
    logging = body.get("loggingConfigurationIdentifier")
    rooms = [
        public(record)
        for record in of_kind(ROOM)
        if name in (None, record["name"])
        and uri in (None, (record.get("messageReviewHandler") or {}).get("uri"))
        and (logging is None or logging in record["loggingConfigurationIdentifiers"])
    ]
    hidden = ("maximumMessageRatePerSecond", "maximumMessageLength")
    return page(
        [{key: value for key, value in shown.items() if key not in hidden} for shown in rooms], body, "rooms"
    )


def _is_there(destination: dict[str, Any]) -> bool:
    """Whether the account and region of the request have what a logging configuration names."""
    ((kind, place),) = destination.items()
    known = {
        "s3": (s3._buckets, "bucketName"),
        "cloudWatchLogs": (cloudwatch_logs._log_groups, "logGroupName"),
        "firehose": (firehose._streams, "deliveryStreamName"),
    }
    where, key = known[kind]
    return place[key] in where


def create_logging_configuration(body: Record) -> Record:
    """CreateLoggingConfiguration: ACTIVE, or CREATE_FAILED where there is nothing to log to."""
    destination = body.get("destinationConfiguration")
    if not destination or len(destination) != 1:
        raise invalid("destinationConfiguration needs exactly one destination")
    state = "ACTIVE" if _is_there(destination) else "CREATE_FAILED"
    fields = {"name": body.get("name") or "", "state": state, "destinationConfiguration": destination}
    return _create(LOGGING, fields, body.get("tags"))


def get_logging_configuration(body: Record) -> Record:
    """GetLoggingConfiguration."""
    return public(find(body.get("identifier"), LOGGING))


def update_logging_configuration(body: Record) -> Record:
    """UpdateLoggingConfiguration."""
    changes = {key: body.get(key) for key in ("name", "destinationConfiguration")}
    return _update(find(body.get("identifier"), LOGGING), changes)


def delete_logging_configuration(body: Record) -> None:
    """DeleteLoggingConfiguration; one that a room uses stays."""
    record = find(body.get("identifier"), LOGGING)
    if any(record["arn"] in used["loggingConfigurationIdentifiers"] for used in of_kind(ROOM)):
        raise ServiceError(409, "ConflictException", f"Resource: {record['arn']} is in use by a room")
    store.resources.pop(record["arn"])


def list_logging_configurations(body: Record) -> Record:
    """ListLoggingConfigurations."""
    return page([public(record) for record in of_kind(LOGGING)], body, "loggingConfigurations")


def create_chat_token(body: Record) -> Record:
    """CreateChatToken: good for a minute to connect, for a session of up to three hours."""
    arn = find(body.get("roomIdentifier"), ROOM)["arn"]
    user, attributes = body.get("userId") or "", body.get("attributes") or {}
    capabilities = body.get("capabilities") or []
    if not 1 <= len(user) <= 128:
        raise invalid("userId must have 1 to 128 characters")
    if unknown := set(capabilities) - room.CAPABILITIES:
        raise invalid(f"capabilities has unknown members: {', '.join(sorted(unknown))}")
    if sum(len((key + value).encode()) for key, value in attributes.items()) > ATTRIBUTES_BYTES:
        raise invalid(f"attributes must have {ATTRIBUTES_BYTES} bytes at most")
    minutes = body.get("sessionDurationInMinutes") or 60
    if not SESSION_MINUTES[0] <= minutes <= SESSION_MINUTES[1]:
        raise invalid("sessionDurationInMinutes must be between 1 and 180")
    now, token = time.time(), identifiers.draw("chat-token", 64)
    for old in [key for key, holder in store.tokens.items() if holder["until"] < now]:
        store.tokens.pop(old)
    store.tokens[token] = {
        "room": arn,
        "user": user,
        "attributes": attributes,
        "capabilities": capabilities,
        "until": now + minutes * 60,
        "tokenExpirationTime": iso(now + TOKEN_SECONDS),
        "sessionExpirationTime": iso(now + minutes * 60),
    }
    shown = ("tokenExpirationTime", "sessionExpirationTime")
    return {"token": token, **{key: store.tokens[token][key] for key in shown}}


def send_event(body: Record) -> Record:
    """SendEvent."""
    record = find(body.get("roomIdentifier"), ROOM)
    return {"id": room.send_event(record, body["eventName"], body.get("attributes") or {})}


def delete_message(body: Record) -> Record:
    """DeleteMessage: clients are told to take a message away."""
    return {"id": room.delete_message(find(body.get("roomIdentifier"), ROOM), body["id"], body.get("reason"))}


def disconnect_user(body: Record) -> Record:
    """DisconnectUser: who is connected under this id is not any more."""
    room.disconnect_user(find(body.get("roomIdentifier"), ROOM), body["userId"], body.get("reason"))
    return {}


OPERATIONS = (
    create_room, get_room, update_room, delete_room, list_rooms,
    create_logging_configuration, get_logging_configuration, update_logging_configuration,
    delete_logging_configuration, list_logging_configurations,
    create_chat_token, send_event, delete_message, disconnect_user,
)  # fmt: skip

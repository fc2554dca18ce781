"""IVS Chat: rooms, logging configurations, tokens, and the calls that reach a room.

https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/, read 2026. Nobody is connected to a room here:
messages are accepted and go nowhere.
"""

from __future__ import annotations

import time

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.ivs import store
from fleet_tui.sandbox.emulator.ivs.store import KIND, Record, find, invalid, iso, of_kind, page, public
from fleet_tui.sandbox.emulator.wire import ServiceError

ROOM = "room"
LOGGING = "logging-configuration"

ROOM_SETTABLE = (
    "name", "maximumMessageRatePerSecond", "maximumMessageLength", "messageReviewHandler",
    "loggingConfigurationIdentifiers",
)  # fmt: skip
TOKEN_SECONDS = 60
SESSION_MINUTES = (1, 180)


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


def create_room(body: Record) -> Record:
    """CreateRoom."""
    for arn in body.get("loggingConfigurationIdentifiers") or []:
        find(arn, LOGGING)
    defaults = {
        "name": "",
        "maximumMessageRatePerSecond": 10,
        "maximumMessageLength": 500,
        "loggingConfigurationIdentifiers": [],
    }
    given = {key: body[key] for key in ROOM_SETTABLE if body.get(key) is not None}
    return _create(ROOM, {**defaults, **given}, body.get("tags"))


def get_room(body: Record) -> Record:
    """GetRoom."""
    return public(find(body.get("identifier"), ROOM))


def update_room(body: Record) -> Record:
    """UpdateRoom."""
    return _update(find(body.get("identifier"), ROOM), {key: body.get(key) for key in ROOM_SETTABLE})


def delete_room(body: Record) -> None:
    """DeleteRoom."""
    store.resources.pop(find(body.get("identifier"), ROOM)["arn"])


def list_rooms(body: Record) -> Record:
    """ListRooms, filtered by name, by the review handler's URI, or by logging configuration."""
    name, uri = body.get("name"), body.get("messageReviewHandlerUri")
    logging = body.get("loggingConfigurationIdentifier")
    rooms = [
        public(room)
        for room in of_kind(ROOM)
        if name in (None, room["name"])
        and uri in (None, (room.get("messageReviewHandler") or {}).get("uri"))
        and (logging is None or logging in room["loggingConfigurationIdentifiers"])
    ]
    hidden = ("maximumMessageRatePerSecond", "maximumMessageLength")
    return page(
        [{key: value for key, value in room.items() if key not in hidden} for room in rooms], body, "rooms"
    )


def create_logging_configuration(body: Record) -> Record:
    """CreateLoggingConfiguration."""
    destination = body.get("destinationConfiguration")
    if not destination or len(destination) != 1:
        raise invalid("destinationConfiguration needs exactly one destination")
    fields = {"name": body.get("name") or "", "state": "ACTIVE", "destinationConfiguration": destination}
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
    if any(record["arn"] in room["loggingConfigurationIdentifiers"] for room in of_kind(ROOM)):
        raise ServiceError(409, "ConflictException", f"Resource: {record['arn']} is in use by a room")
    store.resources.pop(record["arn"])


def list_logging_configurations(body: Record) -> Record:
    """ListLoggingConfigurations."""
    return page([public(record) for record in of_kind(LOGGING)], body, "loggingConfigurations")


def create_chat_token(body: Record) -> Record:
    """CreateChatToken: good for a minute, for a session of up to three hours."""
    find(body.get("roomIdentifier"), ROOM)
    if not body.get("userId"):
        raise invalid("userId is required")
    minutes = body.get("sessionDurationInMinutes") or 60
    if not SESSION_MINUTES[0] <= minutes <= SESSION_MINUTES[1]:
        raise invalid("sessionDurationInMinutes must be between 1 and 180")
    now = time.time()
    return {
        "token": identifiers.draw("chat-token", 64),
        "tokenExpirationTime": iso(now + TOKEN_SECONDS),
        "sessionExpirationTime": iso(now + minutes * 60),
    }


def send_event(body: Record) -> Record:
    """SendEvent."""
    find(body.get("roomIdentifier"), ROOM)
    return {"id": identifiers.draw("chat-event")}


def delete_message(body: Record) -> Record:
    """DeleteMessage."""
    find(body.get("roomIdentifier"), ROOM)
    return {"id": identifiers.draw("chat-event")}


def disconnect_user(body: Record) -> Record:
    """DisconnectUser."""
    find(body.get("roomIdentifier"), ROOM)
    return {}


OPERATIONS = (
    create_room, get_room, update_room, delete_room, list_rooms,
    create_logging_configuration, get_logging_configuration, update_logging_configuration,
    delete_logging_configuration, list_logging_configurations,
    create_chat_token, send_event, delete_message, disconnect_user,
)  # fmt: skip

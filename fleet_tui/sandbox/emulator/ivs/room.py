"""What happens in a chat room: messages are reviewed, delivered and logged.

Payloads as in https://docs.aws.amazon.com/ivs/latest/chatmsgapireference/, review and logging as in
https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/ (chat-message-review-handler, chat-logging), read 2026.
"""

from __future__ import annotations

import gzip
import json
import logging
import time
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, firehose, lambda_svc, s3

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.ivs import store
from fleet_tui.sandbox.emulator.ivs.store import Record, find
from fleet_tui.sandbox.emulator.wire import ServiceError

ROOM = "room"
LOGGING = "logging-configuration"

ALLOW, DENY = "ALLOW", "DENY"
SEND_MESSAGE, DELETE_MESSAGE, DISCONNECT_USER = "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"
CAPABILITIES = frozenset({SEND_MESSAGE, DELETE_MESSAGE, DISCONNECT_USER})

LOG_VERSION = "1.0"
KEPT_DELIVERIES = 1000
"""Newest deliveries of a room that are kept."""

logger = logging.getLogger(__name__)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _holder(token: str, capability: str) -> tuple[Record, Record]:
    """The room a token leads to, and who holds it.

    Raises:
        ServiceError: the token is not known or over, its holder was disconnected, or it does not allow this.
    """
    holder = store.tokens.get(token)
    if holder is None or holder["until"] < time.time():
        raise ServiceError(401, "Unauthorized", "The token is not known, has expired or was disconnected")
    if capability not in holder["capabilities"]:
        raise ServiceError(403, "Forbidden", f"The token does not have the capability {capability}")
    return find(holder["room"], ROOM), holder


def _log(room: Record, kind: str, payload: Record) -> None:
    at = datetime.now(UTC)
    entry = {"event_timestamp": _now(), "type": kind, "payload": payload, "version": LOG_VERSION}
    line = json.dumps(entry)
    name = room["arn"].rsplit("/", 1)[1]
    for arn in room["loggingConfigurationIdentifiers"]:
        ((target, place),) = find(arn, LOGGING)["destinationConfiguration"].items()
        if target == "cloudWatchLogs":
            stream = f"aws/IVSChatLogs/{LOG_VERSION}/room_{name}"
            where = {"logGroupName": place["logGroupName"], "logStreamName": stream}
            cloudwatch_logs._create_log_stream(where)
            events = [{"timestamp": int(at.timestamp() * 1000), "message": line}]
            cloudwatch_logs._put_log_events({**where, "logEvents": events})
        elif target == "firehose":
            record = {"Data": b64encode(line.encode()).decode()}
            stream = place["deliveryStreamName"]
            firehose._put_record({"DeliveryStreamName": stream, "Record": record})
        else:
            account, region = get_account_id(), get_region()
            folder = f"AWSLogs/{account}/IVSChatLogs/{LOG_VERSION}/{region}/room_{name}/{at:%Y/%m/%d/%H}"
            unique = identifiers.draw("chat-log", 8)
            file = f"{account}_IVSChatLogs_{LOG_VERSION}_{region}_room_{name}_{at:%Y%m%d%H%M}_{unique}.log.gz"
            s3._put_object(place["bucketName"], f"{folder}/{file}", gzip.compress(line.encode()), {})


def _deliver(room: Record, kind: str, payload: Record) -> None:
    known = store.deliveries.setdefault(room["arn"], [])
    known.append(payload)
    del known[:-KEPT_DELIVERIES]
    _log(room, kind, payload)


def _call_handler(uri: str, message: Record) -> Any:
    function, config, _ = lambda_svc._get_func_record_for_ref(uri)
    if not function or not config:
        return None
    result = lambda_svc._execute_function(lambda_svc._execution_record_for_config(function, config), message)
    answer = None if result.get("error") else result.get("body")
    try:
        return json.loads(answer) if isinstance(answer, str | bytes) else answer
    except ValueError:
        return None


def _review(room: Record, holder: Record, message: Record) -> Record:
    """What the room's handler makes of a message: `ReviewResult`, and what to deliver in its place."""
    handler = room.get("messageReviewHandler")
    if not handler:
        return {"ReviewResult": ALLOW}
    sender = {"UserId": holder["user"], "Attributes": holder["attributes"], "Ip": "127.0.0.1"}
    answer = _call_handler(handler["uri"], {**message, "RoomArn": room["arn"], "Sender": sender})
    if not isinstance(answer, dict) or answer.get("ReviewResult") not in (ALLOW, DENY):
        logger.warning("no valid review from %s", parse_arn(handler["uri"]).resource)
        return {"ReviewResult": handler["fallbackResult"]}
    return answer


def send_message(token: str, content: str, attributes: dict[str, str]) -> Record:
    """A token's holder says something: it is reviewed, and delivered or refused.

    Returns:
        `delivered`, and the `message` as clients receive it or the `error` that the sender receives.

    Raises:
        ServiceError: the token does not allow it.
    """
    room, holder = _holder(token, SEND_MESSAGE)
    identity, request = identifiers.draw("chat-message"), identifiers.draw("chat-request")
    error: Record = {"Type": "ERROR", "Id": identity, "RequestId": request}
    if not content or len(content) > room["maximumMessageLength"]:
        most = room["maximumMessageLength"]
        message = f"Content must have 1 to {most} characters"
        return {"delivered": False, "error": {**error, "ErrorCode": 400, "ErrorMessage": message}}
    asked = {"Content": content, "MessageId": identity, "Attributes": attributes}
    review = _review(room, holder, asked)
    if review["ReviewResult"] == DENY:
        reason = (review.get("Attributes") or {}).get("Reason") or "Message rejected"
        return {"delivered": False, "error": {**error, "ErrorCode": 406, "ErrorMessage": reason}}
    payload = {
        "Type": "MESSAGE",
        "Id": identity,
        "RequestId": request,
        "Attributes": review.get("Attributes") or attributes,
        "Content": review.get("Content") or content,
        "SendTime": _now(),
        "Sender": {"UserId": holder["user"], "Attributes": holder["attributes"]},
    }
    _deliver(room, "MESSAGE", payload)
    return {"delivered": True, "message": payload}


def send_event(room: Record, name: str, attributes: dict[str, str]) -> str:
    """An event reaches everybody in a room; gives its id."""
    identity = identifiers.draw("chat-event")
    payload = {
        "Type": "EVENT",
        "Id": identity,
        "RequestId": "",
        "EventName": name,
        "Attributes": attributes,
        "SendTime": _now(),
    }
    _deliver(room, "EVENT", payload)
    return identity


def delete_message(room: Record, message: str, reason: str | None) -> str:
    """Everybody in a room is told to take a message away; gives the event's id."""
    given = {"Reason": reason} if reason else {}
    return send_event(room, "aws:DELETE_MESSAGE", {"MessageID": message, **given})


def disconnect_user(room: Record, user: str, reason: str | None) -> None:
    """Who is connected to a room under this id is not any more: the tokens used so far are over."""
    given = {"Reason": reason} if reason else {}
    send_event(room, "aws:DISCONNECT_USER", {"UserId": user, **given})
    for token, holder in list(store.tokens.items()):
        if (holder["room"], holder["user"]) == (room["arn"], user):
            store.tokens.pop(token)


def delete_as(token: str, message: str, reason: str | None) -> Record:
    """A token's holder deletes a message.

    Raises:
        ServiceError: the token does not allow it.
    """
    room, _ = _holder(token, DELETE_MESSAGE)
    return {"id": delete_message(room, message, reason)}


def disconnect_as(token: str, user: str, reason: str | None) -> Record:
    """A token's holder has somebody disconnected.

    Raises:
        ServiceError: the token does not allow it.
    """
    room, _ = _holder(token, DISCONNECT_USER)
    disconnect_user(room, user, reason)
    return {"user": user}


def delivered(arn: str) -> Record:
    """What the clients of a room were sent, oldest first.

    Raises:
        ServiceError: no such room.
    """
    return {"deliveries": store.deliveries.get(find(arn, ROOM)["arn"]) or []}


def holder_of(token: str) -> Record:
    """Who a token was made for, and what it allows.

    Raises:
        ServiceError: no such token.
    """
    holder = store.tokens.get(token)
    if holder is None:
        raise store.not_found("chat token")
    return {key: value for key, value in holder.items() if key != "until"}

"""IVS Chat: rooms, tokens, messages that are reviewed and logged."""

from __future__ import annotations

import gzip
import json

import pytest
from botocore.exceptions import ClientError

from fleet_tui.problems import FleetError
from tests.sandbox.functions import make_function

pytestmark = pytest.mark.sandbox

GROUP = "/chat/main"

REVIEW = """
    import os
    import boto3

    def handler(event, context):
        assert event["RoomArn"].endswith(os.environ.get("ROOM", ""))
        boto3.client("sts").get_caller_identity()
        if "spam" in event["Content"]:
            return {"ReviewResult": "DENY", "Attributes": {"Reason": "No advertising"}}
        if "crash" in event["Content"]:
            raise ValueError
        who = event["Sender"]
        return {
            "ReviewResult": "ALLOW",
            "Content": event["Content"].replace("damn", "****"),
            "Attributes": {"name": who["Attributes"]["name"], "user": who["UserId"]},
        }
"""


@pytest.fixture
def chat(client):
    return client("ivschat")


@pytest.fixture
def room(client, chat, account):
    """A room that logs to CloudWatch Logs and S3."""
    client("logs").create_log_group(logGroupName=GROUP)
    client("s3").create_bucket(
        Bucket=f"chat-{account}", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    destinations = ({"cloudWatchLogs": {"logGroupName": GROUP}}, {"s3": {"bucketName": f"chat-{account}"}})
    configurations = [
        chat.create_logging_configuration(destinationConfiguration=destination)["arn"]
        for destination in destinations
    ]
    return chat.create_room(
        name="main", maximumMessageLength=40, loggingConfigurationIdentifiers=configurations
    )["arn"]


@pytest.fixture
def reviewed(client, chat, room):
    """The room with a review handler."""

    def review(fallback):
        function = make_function(client, "review", REVIEW)
        handler = {"uri": function, "fallbackResult": fallback}
        chat.update_room(identifier=room, messageReviewHandler=handler)

    return review


@pytest.fixture
def door(emulator, account):
    def call(name, **body):
        return emulator.call(f"chat/{name}", {"account": account, "region": "eu-central-1", **body})

    return call


@pytest.fixture
def token(chat, room):
    def token(user="fan", *capabilities):
        return chat.create_chat_token(
            roomIdentifier=room,
            userId=user,
            capabilities=capabilities or ["SEND_MESSAGE"],
            attributes={"name": user.title()},
            sessionDurationInMinutes=30,
        )["token"]

    return token


def error_of(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def test_rooms(chat):
    room = chat.create_room(name="main", maximumMessageLength=200)

    assert chat.get_room(identifier=room["arn"])["maximumMessageLength"] == 200
    chat.update_room(identifier=room["arn"], name="renamed")
    assert [r["name"] for r in chat.list_rooms()["rooms"]] == ["renamed"]
    missing = {"roomIdentifier": room["arn"] + "x", "userId": "fan"}
    assert error_of(chat.create_chat_token, **missing) == "ResourceNotFoundException"
    assert error_of(chat.create_room, maximumMessageLength=501) == "ValidationException"
    assert error_of(chat.create_room, name="no spaces") == "ValidationException"
    chat.delete_room(identifier=room["arn"])
    assert chat.list_rooms()["rooms"] == []


def test_a_logging_configuration_needs_a_place_that_is_there(chat):
    made = chat.create_logging_configuration(
        destinationConfiguration={"cloudWatchLogs": {"logGroupName": "/nowhere"}}
    )
    assert made["state"] == "CREATE_FAILED"


def test_a_token_says_who_may_what(chat, room, token, door):
    holder = door("token", token=token("mod", "SEND_MESSAGE", "DELETE_MESSAGE"))

    assert (holder["room"], holder["user"], holder["attributes"]) == (room, "mod", {"name": "Mod"})
    assert holder["capabilities"] == ["SEND_MESSAGE", "DELETE_MESSAGE"]
    who = {"roomIdentifier": room, "userId": "fan"}
    assert error_of(chat.create_chat_token, **who, capabilities=["SHOUT"]) == "ValidationException"
    assert error_of(chat.create_chat_token, **who, sessionDurationInMinutes=181) == "ValidationException"
    assert error_of(chat.create_chat_token, **who, attributes={"a": "x" * 1024}) == "ValidationException"


def test_a_message_reaches_the_room_and_the_logs(client, account, room, token, door):
    sent = door("send", token=token(), content="hello", attributes={"colour": "gold"})

    message = sent["message"]
    assert (message["Type"], message["Content"]) == ("MESSAGE", "hello")
    assert message["Attributes"] == {"colour": "gold"}
    assert message["Sender"] == {"UserId": "fan", "Attributes": {"name": "Fan"}}
    assert door("deliveries", room=room)["deliveries"] == [message]
    (event,) = client("logs").filter_log_events(logGroupName=GROUP)["events"]
    assert event["logStreamName"] == f"aws/IVSChatLogs/1.0/room_{room.rpartition('/')[2]}"
    line = json.loads(event["message"])
    assert (line["type"], line["version"], line["payload"]) == ("MESSAGE", "1.0", message)
    s3 = client("s3")
    (stored,) = s3.list_objects_v2(Bucket=f"chat-{account}")["Contents"]
    assert stored["Key"].startswith(f"AWSLogs/{account}/IVSChatLogs/1.0/eu-central-1/room_")
    content = s3.get_object(Bucket=f"chat-{account}", Key=stored["Key"])["Body"].read()
    assert json.loads(gzip.decompress(content)) == line


def test_what_a_token_does_not_allow_is_refused(token, door):
    viewer = token("viewer", "DELETE_MESSAGE")
    with pytest.raises(FleetError, match="SEND_MESSAGE"):
        door("send", token=viewer, content="hello")
    with pytest.raises(FleetError, match="DELETE_MESSAGE"):
        door("delete", token=token(), id="abcdefghijkl")
    with pytest.raises(FleetError, match="not known"):
        door("send", token="nonsense", content="hello")
    assert door("send", token=token(), content="x" * 41)["error"]["ErrorCode"] == 400


def test_a_handler_changes_denies_and_allows(client, room, reviewed, token, door):
    reviewed("ALLOW")

    sent = door("send", token=token(), content="damn good")
    denied = door("send", token=token(), content="spam")
    crashed = door("send", token=token(), content="crash")

    assert sent["message"]["Content"] == "**** good"
    assert sent["message"]["Attributes"] == {"name": "Fan", "user": "fan"}
    assert (denied["delivered"], denied["error"]["ErrorCode"]) == (False, 406)
    assert denied["error"]["ErrorMessage"] == "No advertising"
    assert crashed["message"]["Content"] == "crash"
    delivered = [message["Content"] for message in door("deliveries", room=room)["deliveries"]]
    assert delivered == ["**** good", "crash"]
    assert len(client("logs").filter_log_events(logGroupName=GROUP)["events"]) == 2


def test_a_handler_that_fails_closed(reviewed, token, door):
    reviewed("DENY")
    assert door("send", token=token(), content="crash")["delivered"] is False


def test_moderators_delete_and_disconnect(chat, room, token, door):
    fan, moderator = token(), token("mod", "DELETE_MESSAGE", "DISCONNECT_USER")
    message = door("send", token=fan, content="hello")["message"]["Id"]

    door("delete", token=moderator, id=message, reason="rude")
    chat.send_event(roomIdentifier=room, eventName="app:poll", attributes={"poll": "1"})
    chat.disconnect_user(roomIdentifier=room, userId="fan", reason="banned")

    events = [(e["EventName"], e["Attributes"]) for e in door("deliveries", room=room)["deliveries"][1:]]
    assert events == [
        ("aws:DELETE_MESSAGE", {"MessageID": message, "Reason": "rude"}),
        ("app:poll", {"poll": "1"}),
        ("aws:DISCONNECT_USER", {"UserId": "fan", "Reason": "banned"}),
    ]
    with pytest.raises(FleetError, match="disconnected"):
        door("send", token=fan, content="I am back")
    assert door("send", token=token(), content="a new token is a new session")["delivered"] is True

"""The chat's functions behind their routes, and what Amazon IVS is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from tests.lambdas.functions import Answer, Functions

BEA, CARL = "6f1c7a3e-0000-4000-8000-00000000beaa", "6f1c7a3e-0000-4000-8000-00000000ca41"
MODERATOR, OTHER_MODERATOR = "6f1c7a3e-0000-4000-8000-0000000000d1", "6f1c7a3e-0000-4000-8000-0000000000d2"
ADMIN = "6f1c7a3e-0000-4000-8000-0000000000ad"
GROUPS = {MODERATOR: ("moderator", "member"), OTHER_MODERATOR: ("moderator",), ADMIN: ("admin",)}


class NoSuchUserError(ClientError):
    """ResourceNotFoundException."""

    def __init__(self) -> None:
        super().__init__(
            {"Error": {"Code": "ResourceNotFoundException", "Message": "no user"}}, "DisconnectUser"
        )


@dataclass
class FakeIvs:
    """Amazon IVS Chat: remembers what it was asked for."""

    now: datetime
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    connected: bool = True
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(ResourceNotFoundException=NoSuchUserError)
    )

    def create_chat_token(self, **asked: Any) -> dict[str, Any]:
        """CreateChatToken."""
        self.calls.append(("token", asked))
        ends = self.now + timedelta(minutes=asked["sessionDurationInMinutes"])
        return {"token": f"token-{len(self.calls)}", "sessionExpirationTime": ends}

    def delete_message(self, **asked: Any) -> dict[str, Any]:
        """DeleteMessage."""
        self.calls.append(("delete", asked))
        return {"id": "EvEnT0123456"}

    def disconnect_user(self, **asked: Any) -> dict[str, Any]:
        """DisconnectUser."""
        self.calls.append(("disconnect", asked))
        if not self.connected:
            raise NoSuchUserError
        return {}


@dataclass
class Chat(Functions):
    """The functions behind their routes, the table, and the room."""

    client: Any = None
    ivs: Any = None

    def join(self, member: str, name: str | None = None, **options: Any) -> Answer:
        """Ask for a token as a member with the groups that they have."""
        body = {} if name is None else {"display_name": name}
        options = {"member": member, "groups": GROUPS.get(member, ()), **options}
        return self.call("member_token", "POST", "/chat/token", body, **options)

    def visit(self, *, ip: str = "203.0.113.77", agent: str | None = None) -> Answer:
        """Ask for a token as a guest."""

        def change(event: dict[str, Any]) -> None:
            event["requestContext"]["http"]["sourceIp"] = ip
            if agent is not None:
                event["requestContext"]["http"]["userAgent"] = agent

        return self.call("guest_token", "POST", "/chat/guest-token", change=change)

    def moderate(self, by: str, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Call a moderators' route as a member with the groups that they have."""
        options = {"member": by, "groups": GROUPS.get(by, ()), **options}
        return self.call("moderate_chat", method, path, body, **options)

    def ban(self, by: str, member: str, **body: Any) -> Answer:
        """Keep somebody out, for an hour unless said otherwise."""
        body = {"reason": "be kind", **(body or {"minutes": 60})}
        return self.moderate(by, "PUT", f"/chat/bans/{member}", body)

    def say(self, member: str, text: str, role: str = "member", **more: Any) -> str:
        """What becomes of a message: `ALLOW`, or the reason why not."""
        event = {
            "Content": text,
            "MessageId": "AbCdEf012345",
            "RoomArn": "arn:aws:ivschat:eu-central-1:100000000001:room/AbCdEf012345",
            "Attributes": {},
            "Sender": {
                "UserId": member,
                "Attributes": {"role": role, "display_name": "Someone"},
                "Ip": "203.0.113.77",
            },
            **more,
        }

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            answer = self.invoke("review_message", event)
        if answer["ReviewResult"] == "ALLOW":
            assert answer == {"ReviewResult": "ALLOW", "Content": text}
            return "ALLOW"
        assert answer["ReviewResult"] == "DENY"
        return str(answer["Attributes"]["Reason"])

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """Items of the table whose pk begins with `prefix`, as DynamoDB has them."""
        found = self.client.scan(TableName="chat")["Items"]
        return [item for item in found if item["pk"]["S"].startswith(prefix)]

    def block(self, *words: str) -> None:
        """Write blocked words as Terraform does."""
        import json

        item = {"pk": "ROOM", "sk": "BLOCKED_WORDS", "blocked": json.dumps(words)}
        self.client.put_item(TableName="chat", Item={name: {"S": value} for name, value in item.items()})

"""The module's functions behind their routes, its table with its stream, and what SES is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from zlib import crc32

from botocore.exceptions import ClientError

from tests.lambdas.functions import NOW, Answer, Functions

TABLE = "events"
START = NOW + timedelta(days=10)
NEW = {
    "title": "Honey tasting",
    "description": "Bring bread; we bring the rest.\nDoors open at 19:00.",
    "starts_at": START.isoformat(),
    "ends_at": (START + timedelta(hours=2)).isoformat(),
    "place": "Honigweg 1, Berlin",
    "capacity": 2,
}


@dataclass
class Mailbox:
    """SES: takes messages, or refuses them with the code `refuses`."""

    refuses: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    tried: int = 0

    def send_email(self, **message: Any) -> dict[str, str]:
        """SendEmail."""
        self.tried += 1
        if self.refuses:
            error = {"Code": self.refuses, "Message": "beate@honey.example is not verified"}
            raise ClientError({"Error": error}, "SendEmail")
        self.sent.append(message)
        return {"MessageId": "0100"}

    def subjects(self, to: str) -> list[str]:
        """Subjects of all letters to an address, the first one first."""
        return [mail["Content"]["Simple"]["Subject"]["Data"] for mail in self._to(to)]

    def last(self, to: str) -> str:
        """Text of the last letter to an address."""
        return str(self._to(to)[-1]["Content"]["Simple"]["Body"]["Text"]["Data"])

    def attached(self, to: str) -> str | None:
        """What is attached to the last letter to an address."""
        files = self._to(to)[-1]["Content"]["Simple"].get("Attachments")
        return files[0]["RawContent"].decode() if files else None

    def token(self, to: str) -> str:
        """The token of the last letter to an address."""
        found = re.search(r"https://kasper\.live/events/#leave\.\w{13}\.(\S+)", self.last(to))
        assert found, self.last(to)
        return found[1]

    def _to(self, to: str) -> list[dict[str, Any]]:
        return [mail for mail in self.sent if mail["Destination"]["ToAddresses"] == [to]]


@dataclass
class Pool:
    """The user pool: members' attributes by their id."""

    people: dict[str, dict[str, str]] = field(default_factory=dict)

    class exceptions:  # noqa: N801 - as boto3's clients have it
        """Errors of Cognito."""

        class UserNotFoundException(Exception):  # noqa: N818
            """There is nobody of this name."""

        class TooManyRequestsException(Exception):  # noqa: N818
            """Cognito is throttling."""

    def admin_get_user(self, *, UserPoolId: str, Username: str) -> dict[str, Any]:  # noqa: N803
        """AdminGetUser."""
        assert UserPoolId == "eu-central-1_kasper"
        if Username not in self.people:
            raise self.exceptions.UserNotFoundException
        values = self.people[Username]
        return {"UserAttributes": [{"Name": name, "Value": value} for name, value in values.items()]}


@dataclass
class Events(Functions):
    """The functions behind their routes, the table, the mailbox, and the user pool."""

    client: Any = None
    mailbox: Mailbox = field(default_factory=Mailbox)
    pool: Pool = field(default_factory=Pool)

    def announce(self, **fields: Any) -> str:
        """An event like `NEW` with these fields, a field that is None left out; its id."""
        body = {name: value for name, value in {**NEW, **fields}.items() if value is not None}
        answer = self.call("manage_events", "POST", "/events", body, operator=True)
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    def edit(self, event: str, **fields: Any) -> Answer:
        """Change an event, from the version that it has."""
        seen = self.get(event)
        names = (*NEW, "sign_up_until", "members_only")
        body = {"version": seen["version"], **{name: seen[name] for name in names}, **fields}
        return self.call("manage_events", "PUT", f"/events/{event}", body, operator=True)

    def cancel(self, event: str) -> Answer:
        """Cancel an event, from the version that it has."""
        body = {"version": self.get(event)["version"]}
        return self.call("manage_events", "PUT", f"/events/{event}/cancelled", body, operator=True)

    def get(self, event: str) -> Any:
        """An event as everybody sees it."""
        answer = self.call("get_programme", "GET", f"/events/{event}")
        assert answer.status == 200, answer.body
        return answer.body

    def ask(self, event: str, who: str, *, ip: str | None = None, **fields: Any) -> Answer:
        """A guest of this name signs up, from a network address of their own unless said otherwise."""

        def change(sent: dict[str, Any]) -> None:
            sent["requestContext"]["http"]["sourceIp"] = ip or f"2001:db8:{crc32(who.encode()) % 0xFFFF:x}::1"

        body = {"name": who, "email": address(who), **fields}
        return self.call("sign_up_guests", "POST", f"/events/{event}/sign-ups", body, change=change)

    def confirm(self, event: str, token: str) -> Answer:
        """A guest follows the link of their letter and confirms."""
        headers = {"authorization": f"Bearer {token}"}
        return self.call("sign_up_guests", "POST", f"/events/{event}/sign-ups/confirm", headers=headers)

    def leave(self, event: str, token: str) -> Answer:
        """Somebody follows the link of their letter and leaves."""
        headers = {"authorization": f"Bearer {token}"}
        return self.call("sign_up_guests", "DELETE", f"/events/{event}/sign-ups", headers=headers)

    def come(self, event: str, who: str) -> str:
        """A guest signs up and confirms; their state."""
        assert self.ask(event, who).status == 202
        self.stream()
        answer = self.confirm(event, self.mailbox.token(address(who)))
        assert answer.status == 200, answer.body
        self.stream()
        return str(answer.body["state"])

    def join(self, event: str, member: str, method: str = "PUT") -> Answer:
        """A member signs up (PUT), looks (GET) or leaves (DELETE)."""
        return self.call("sign_up_members", method, f"/events/{event}/sign-up", member=member)

    def listed(self, event: str, **query: str) -> list[dict[str, Any]]:
        """An event's sign-ups as operators see them."""
        path = f"/events/{event}/sign-ups"
        answer = self.call("manage_events", "GET", path, operator=True, query=query or None)
        assert answer.status == 200, answer.body
        return list(answer.body["sign_ups"])

    def states(self, event: str) -> dict[str, str]:
        """State of each guest by name."""
        return {sign_up["name"]: sign_up["state"] for sign_up in self.listed(event)}

    def items(self) -> list[dict[str, Any]]:
        """All items of the table, as DynamoDB has them."""
        return list(self.client.scan(TableName=TABLE)["Items"])

    def stream(self) -> None:
        """Call the function in the background as the table's stream does for everything that it knows."""
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in self.items()]
        told = [key for key in keys if key["sk"]["S"].startswith(("SIGN_UP#", "NEWS#"))]
        with self.clock():
            self.invoke("tend_events", {"Records": [{"dynamodb": {"Keys": key}} for key in told]})

    def schedule(self) -> None:
        """Call the function in the background as the schedule does."""
        with self.clock():
            self.invoke("tend_events", {"source": "aws.events", "detail-type": "Scheduled Event"})

    def privacy(self, action: str, **person: str) -> Any:
        """Ask what is kept of a person, or have it erased."""
        with self.clock():
            return self.invoke("events_privacy", {"action": action, "person": person})

    @contextmanager
    def clock(self) -> Iterator[None]:
        """What runs in the background reads our time."""

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            yield


def address(who: str) -> str:
    """A guest's e-mail address."""
    return f"{who.lower()}@honey.example"
